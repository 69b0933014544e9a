from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from crawler.recorded.grouping import group_by_outlet, is_page
from crawler.warc.pack import pack
from crawler.warc.records import RecordedResponse
from crawler.warc.writer import Exchange, WarcWriter
from storage import open_database
from storage.records import RunOutcome
from tests.crawler import child
from tests.crawler.conftest import World, page

SHARED = Path(__file__).parents[3] / "../shared"
NOON = datetime(2026, 7, 19, 12, tzinfo=UTC)
DETAIL = "http://www.kcna.kp/en/article/detail/" + "1" * 32
LIST = "http://www.kcna.kp/en/article/list/a666dda1282180e0ee1b4427b0574ae7"


def kcna_page(words: str = "") -> str:
    body = "".join(
        f"<p>Paragraph {n} says that the lantern office number {n} has widened the harbour.</p>"
        for n in range(5)
    )
    return (
        "<html><head><title>KCNA | Lantern Office Opens</title></head><body><main><article>"
        f'<div class="container"><h1>Lantern Office Opens</h1>{body}<p>{words}</p></div></article>'
        "</main></body></html>"
    )


KCNA_LIST = (
    '<html><body><main><form id="article_form"></form><div class="article"><h5 class="block">'
    f'<a href="{DETAIL[18:]}">Lantern Office Opens</a> <nobr>[2026.7.17.]</nobr></h5></div></main>'
    "</body></html>"
)


def warc(path: Path, *pages: tuple[str, str, datetime], status: int = 200) -> Path:
    writer = WarcWriter(path)
    for url, body, when in pages:
        kind = "application/xml" if body.startswith("<rss") else "text/html; charset=utf-8"
        headers = (("Content-Type", kind),)
        writer.write(Exchange(url, when, status, headers, body.encode()))
    writer.close()
    return path


def test_recorded_pages_reach_their_outlets_and_unknown_sites_the_generic_one(
    world: World, tmp_path: Path
) -> None:
    file = warc(
        tmp_path / "a.warc.gz",
        (DETAIL, kcna_page(), NOON),
        ("https://unheard-of.example/2026/07/19/report-from-north-korea", page(1), NOON),
    )
    runs = world.ingest(file)
    assert {run.outlet: run.outcome for run in runs} == {
        "kcna": RunOutcome.OK,
        "unheard-of.example": RunOutcome.OK,
    }
    assert {row.outlet for row in world.articles()} == {"kcna", "unheard-of.example"}


def test_a_second_ingest_adds_nothing(world: World, tmp_path: Path) -> None:
    file = warc(tmp_path / "a.warc.gz", (DETAIL, kcna_page(), NOON))
    world.ingest(file)
    (run,) = world.ingest(file)
    assert run.counts["stored.unchanged"] == 1
    assert run.outcome is RunOutcome.QUIET
    assert len(world.articles()) == 1


def test_what_a_recorded_listing_knew_reaches_the_pages_before_and_after_it(
    world: World, tmp_path: Path
) -> None:
    file = warc(
        tmp_path / "a.warc.gz",
        (DETAIL, kcna_page(), NOON),
        (LIST, KCNA_LIST, NOON + timedelta(hours=1)),
    )
    world.ingest(file)
    (row,) = world.articles()
    assert row.published_at is not None
    assert row.published_at.astimezone(UTC) == datetime(2026, 7, 16, 15, tzinfo=UTC)


def test_several_captures_of_an_address_become_versions_in_time_order(
    world: World, tmp_path: Path
) -> None:
    late, early = tmp_path / "1.warc.gz", tmp_path / "2.warc.gz"
    warc(late, (DETAIL, kcna_page("Corrected later."), NOON + timedelta(days=1)))
    warc(early, (DETAIL, kcna_page("As first printed."), NOON))
    world.ingest(late, early)
    (row,) = world.articles()
    assert "Corrected later." in row.text
    database = open_database(world.url)
    versions = database.articles.versions(row.id)
    database.close()
    assert ["As first" in each.text for each in versions] == [True, False]


def test_a_page_from_a_web_archive_belongs_to_its_outlet(world: World, tmp_path: Path) -> None:
    url = f"https://web.archive.org/web/20260719120000/{DETAIL}"
    world.ingest(warc(tmp_path / "a.warc.gz", (url, kcna_page(), NOON)))
    (row,) = world.articles()
    assert (row.outlet, row.url) == ("kcna", DETAIL)


def test_damage_costs_one_line_and_the_damaged_record(world: World, tmp_path: Path) -> None:
    urls = [f"https://unheard-of.example/2026/07/19/report-{n}-from-the-north" for n in (1, 2, 3)]
    whole = warc(tmp_path / "a.warc.gz", *((url, page(n), NOON) for n, url in enumerate(urls)))
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(whole.read_bytes()[:-700])
    empty = tmp_path / "empty.warc.gz"
    empty.write_bytes(b"")
    files = [cut, empty, tmp_path / "missing.warc.gz"]
    problems = world.pool.submit(child.problems_of_ingest, files, world.options()).result(120)
    assert len(problems) == 3
    assert [str(tmp_path) in line for line in problems] == [True] * 3
    assert len(world.articles()) == 2


def test_recorded_errors_are_not_articles(world: World, tmp_path: Path) -> None:
    url = "https://unheard-of.example/2026/07/19/report-from-north-korea"
    (run,) = world.ingest(warc(tmp_path / "a.warc.gz", (url, page(1), NOON), status=404))
    assert run.counts["page.gone"] == 1
    assert world.articles() == []


def test_topic_leaves_other_articles_out(world: World, tmp_path: Path) -> None:
    other = "<p>The orchard of the south opened its copper gate for the violin season.</p>" * 6
    file = warc(
        tmp_path / "a.warc.gz",
        ("https://unheard-of.example/2026/07/19/report-from-north-korea", page(1), NOON),
        (
            "https://unheard-of.example/2026/07/19/orchard-gate-opens-again",
            f"<html><title>Orchard</title><article><h1>Orchard</h1>{other}</article></html>",
            NOON,
        ),
    )
    (run,) = world.ingest(file, topic=True)
    assert run.counts["article.off_topic"] == 1
    assert run.counts["stored.new"] == 1


def test_a_file_without_pages_gives_no_run(world: World, tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path / "a.warc.gz")
    writer.close()
    assert world.ingest(tmp_path / "a.warc.gz") == []


@pytest.mark.parametrize(
    ("fields", "read"),
    [
        ({}, True),
        ({"content_type": "application/xml"}, True),
        ({"content_type": ""}, True),
        ({"content_type": "image/png"}, False),
        ({"content_type": "text/css"}, False),
        ({"status": 301}, False),
        ({"url": "https://h.example/robots.txt"}, False),
    ],
)
def test_only_pages_are_read(fields: dict[str, object], read: bool) -> None:
    given = {
        "url": "https://h.example/a",
        "file": Path("a"),
        "offset": 0,
        "member_offset": 0,
        "captured_at": NOON,
        "status": 200,
        "content_type": "text/html",
        **fields,
    }
    recorded = RecordedResponse(**given)  # type: ignore[arg-type]
    assert is_page(recorded) is read
    assert bool(group_by_outlet([recorded])) is read


@pytest.mark.slow
@pytest.mark.shared
def test_every_real_article_page_becomes_an_article(world: World, tmp_path: Path) -> None:
    manifest = SHARED / "pages/index.jsonl"
    if not manifest.exists():
        pytest.skip("the real pages lie beside the project's own checkout only")
    lines = [orjson.loads(line) for line in manifest.read_bytes().splitlines()]
    articles = [line for line in lines if line["kind"] == "article"]
    out = tmp_path / "pages.warc.gz"
    assert pack(manifest, out, pytest.fail) == len(lines)
    first = world.ingest(out)
    kept = sum(
        number
        for run in first
        for cause, number in run.counts.items()
        if cause.startswith("stored.")
    )
    assert kept == len(articles)
    second = world.ingest(out)
    assert sum(run.counts.get("stored.unchanged", 0) for run in second) == len(articles)
    assert not any(run.counts.get("stored.new") for run in second)
