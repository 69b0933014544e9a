import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Ferry will sail - Herald</title>
<meta property="og:title" content="Ferry will sail again">
<meta property="article:published_time" content="2026-03-01T10:00:00+09:00"></head>
<body><nav><a href="/">Home</a></nav><article><h1>Ferry will sail again</h1>
<p>After a winter in dock the ferry between Nampho and the island of Sokdo will sail on Tuesdays and
Fridays again, the shipping office of North Korea's west coast announced on Sunday.</p>
<p>The old steamer has been given a new propeller shaft and forty more seats below deck, and parcels
for the lighthouse and the oyster farms will be taken on board until an hour before she sails.</p>
<p>Islanders had asked for a third day in summer, when visitors fill the two guest houses.</p>
</article></body></html>"""
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>
<item><title>Ferry will sail again</title><link>https://herald.example/2026/ferry-will-sail</link>
<pubDate>Sun, 01 Mar 2026 10:00:00 +0900</pubDate></item></channel></rss>"""
URL = "https://herald.example/2026/ferry-will-sail"


@pytest.fixture
def page(an_empty_folder: Path) -> Path:
    path = an_empty_folder / "page.html"
    path.write_text(PAGE)
    return path


def test_a_saved_page_is_read_without_a_database(
    page: Path, nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    said = nkwire("extract", page, "--url", URL)
    assert said.code == 0
    (row,) = said.rows
    assert row["title"] == "Ferry will sail again"
    assert row["published_at"] == "2026-03-01T10:00:00+09:00"
    assert row["text"].startswith("After a winter in dock")
    assert (row["file"], row["url"], row["language"]) == (str(page), URL, "en")
    assert row["evidence"]["title"]
    assert list(an_empty_folder.iterdir()) == [page]


def test_a_manifest_is_read_line_by_line_whatever_is_wrong_with_some(
    page: Path, nkwire: Callable[..., Any], write: Callable[..., Path], an_empty_folder: Path
) -> None:
    (an_empty_folder / "empty.html").touch()
    (an_empty_folder / "zeros.html").write_bytes(b"\0" * 5000)
    (an_empty_folder / "cut.html").write_text(PAGE[: len(PAGE) // 3])
    manifest = write(
        "index.jsonl",
        {"file": "page.html", "url": URL},
        {"file": "missing.html", "url": URL},
        b"not json",
        {"file": "page.html"},
        {"file": "page.html", "url": "ftp://herald.example/x"},
        {"file": "a\0b", "url": URL},
        {"file": "empty.html", "url": URL},
        {"file": "zeros.html", "url": URL},
        {"file": "cut.html", "url": URL},
        {"file": "page.html", "url": URL},
    )
    said = nkwire("extract", "--manifest", manifest)
    assert said.code == 3
    files = [row["file"] for row in said.rows]
    assert files == ["page.html", "empty.html", "zeros.html", "cut.html", "page.html"]
    assert said.rows[0]["text"] == said.rows[-1]["text"]
    *told, counted = said.err.splitlines()
    reasons = (
        "missing.html: No such file",
        "index.jsonl:3: not JSON",
        "index.jsonl:4: `url` is missing",
        "index.jsonl:5: page.html: 'ftp://herald.example/x' is no http(s) address",
        "embedded null byte",
    )
    assert len(told) == len(reasons)
    assert all(reason in line for reason, line in zip(reasons, told, strict=True))
    assert "5 not read" in counted


def test_a_listing_in_a_manifest_comes_with_the_links_on_it(
    nkwire: Callable[..., Any], write: Callable[..., Path], an_empty_folder: Path
) -> None:
    (an_empty_folder / "feed.xml").write_text(
        "<rss version='2.0'><channel><item><title>Kiln lit</title>"
        "<link>https://herald.example/2026/11/20/kiln-lit.html</link></item></channel></rss>"
    )
    manifest = write("index.jsonl", {"file": "feed.xml", "url": "https://herald.example/rss"})
    [row] = nkwire("extract", "--manifest", manifest).rows
    assert (row["page_class"], row["title"]) == ("listing", None)
    assert [(item["title"], item["url"]) for item in row["items"]] == [
        ("Kiln lit", "https://herald.example/2026/11/20/kiln-lit.html")
    ]


def test_a_manifest_that_is_not_there_is_the_users_error(nkwire: Callable[..., Any]) -> None:
    said = nkwire("extract", "--manifest", "nowhere.jsonl")
    assert (said.code, said.err) == (2, "nkwire: nowhere.jsonl: No such file or directory\n")


@pytest.mark.parametrize("url", ["", "page.html", "file:///etc/passwd", "http://[broken/"])
def test_an_address_that_is_none_is_the_users_error(
    url: str, page: Path, nkwire: Callable[..., Any]
) -> None:
    said = nkwire("extract", page, "--url", url)
    assert (said.code, said.err.count("\n")) == (2, 1)


def test_what_a_feed_lists_is_one_object_a_link(
    nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    (an_empty_folder / "feed.xml").write_text(FEED)
    said = nkwire("links", "feed.xml", "--url", "https://herald.example/feed.xml")
    (link,) = said.rows
    assert (link["url"], link["title"]) == (URL, "Ferry will sail again")
    assert link["published_at"].startswith("2026-03-01T")


def test_a_listing_without_links_says_so(nkwire: Callable[..., Any], an_empty_folder: Path) -> None:
    (an_empty_folder / "feed.xml").write_text(FEED[:60])
    said = nkwire("links", "feed.xml", "--url", "https://herald.example/feed.xml")
    assert (said.code, said.out) == (3, "")
    assert "no link to an article" in said.err


def test_a_page_larger_than_any_is_read_up_to_a_limit(
    nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    huge = PAGE.replace("</article>", "<p>More and more of it.</p>" * 1_300_000 + "</article>")
    (an_empty_folder / "huge.html").write_text(huge)
    said = nkwire("extract", "huge.html", "--url", URL)
    assert said.code == 0
    assert json.loads(said.out)["title"] in ("Ferry will sail again", None)
