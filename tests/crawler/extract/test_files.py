"""Saved pages and manifests become plain rows; what is wrong is told line by line."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.extract.dates.dates import ParsedDate
from crawler.recorded.saved_pages import format_date, read_file, read_manifest
from storage.records import TimePrecision

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

URL = "https://news.unheard-of.co.kr/story/1"


@pytest.fixture
def saved(tmp_path: Path, stories: dict[str, "Story"]) -> Path:
    story = stories["ko"]
    path = tmp_path / "page.html"
    path.write_text(
        f"<html lang=ko><head><title>{story.title}</title></head><body><h1>{story.title}</h1>"
        f"<p class=date>{story.date}</p><p class=byline>{story.byline}</p><div>{story.body()}</div></body></html>"
    )
    return path


def test_a_saved_page_becomes_a_row(saved: Path, stories: dict[str, "Story"]) -> None:
    row = read_file(saved, URL)
    assert row["outlet"] == "unheard-of.co.kr"
    assert row["page_class"] == "article"
    assert row["title"] == stories["ko"].title
    assert row["text"] == "\n\n".join(stories["ko"].paragraphs)
    assert row["published_at"] == "2024-03-14T09:30:00+09:00"
    assert row["authors"] == ["김바다"]
    assert row["language"] == "ko"
    assert set(row["evidence"]) >= {"title", "text", "published_at", "authors", "language"}
    assert json.loads(json.dumps(row)) == row


def test_a_manifests_faults_cost_one_line_each(saved: Path) -> None:
    lines = [
        json.dumps({"file": "page.html", "url": URL, "other": {"kept": "out"}}),
        "",
        "{broken",
        '["file"]',
        json.dumps({"url": URL}),
        json.dumps({"file": "missing.html", "url": URL}),
        json.dumps({"file": ".", "url": URL}),
        json.dumps({"file": "page.html", "url": "no address"}),
        json.dumps({"file": "page.html", "url": URL}),
    ]
    manifest = saved.parent / "index.jsonl"
    manifest.write_text("\n".join(lines))
    problems: list[tuple[str, str]] = []
    rows = list(read_manifest(manifest, lambda where, what: problems.append((where, what))))
    assert [row["file"] for row in rows] == ["page.html", "page.html"]
    assert [where.rsplit(":", 1)[1] for where, _ in problems] == ["3", "4", "5", "6", "7", "8"]
    assert all(what and "\n" not in what for _, what in problems)
    assert "`file` is missing" in problems[2][1]
    assert "No such file" in problems[3][1]


def test_a_missing_manifest_is_an_error_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        list(read_manifest(tmp_path / "none.jsonl", lambda where, what: None))


def test_a_feed_becomes_its_items(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(
        '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>'
        "<item><title>Ferry runs again</title><link>https://unheard-of.example.com/story/1</link>"
        "<pubDate>Thu, 14 Mar 2024 09:30:00 +0900</pubDate></item></channel></rss>"
    )
    row = read_file(path, "https://unheard-of.example.com/feed")
    assert row["page_class"] == "listing"
    assert row["text"] is None
    assert [(item["title"], item["date"]) for item in row["items"]] == [
        ("Ferry runs again", "2024-03-14T09:30:00+09:00")
    ]


@pytest.mark.parametrize(
    ("precision", "has_zone", "meant"),
    [
        (TimePrecision.SECOND, True, "2024-03-14T09:30:05+09:00"),
        (TimePrecision.SECOND, False, "2024-03-14T09:30:05"),
        (TimePrecision.DAY, True, "2024-03-14"),
        (TimePrecision.MONTH, False, "2024-03"),
    ],
)
def test_a_time_is_written_no_finer_than_it_is_known(
    precision: TimePrecision, has_zone: bool, meant: str
) -> None:
    zone = timezone(timedelta(hours=9)) if has_zone else UTC
    time = ParsedDate(datetime(2024, 3, 14, 9, 30, 5, tzinfo=zone), precision, has_zone)
    assert format_date(time) == meant
    assert format_date(None) is None
