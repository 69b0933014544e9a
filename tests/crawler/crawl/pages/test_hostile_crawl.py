"""Hostile pages before an ordinary one: the run ends, the article is stored, the pages are remembered."""

import multiprocessing
from pathlib import Path

import pytest

from crawler.crawl.being_read import BeingRead
from crawler.sources import Listing
from storage import open_database
from storage.records import CaptureOutcome, RunOutcome
from tests.crawler import child
from tests.crawler.conftest import Declare, Site, World, page
from tests.crawler.extract.hostile_kinds import STALLING

pytestmark = pytest.mark.threats("S6", "R17")
SECONDS = 0.4  # a trial's limit: what a page may cost is three times as much
START_SECONDS = 8.0  # of CPU, for the crawl itself
QUICK = ("crowded-in-noscript", "paragraphs")
ORDINARY = 1


def put_hostile(site: Site, kinds: tuple[str, ...]) -> list[int]:
    """One page of each kind, all newer than one ordinary article."""
    numbers = list(range(ORDINARY + 1, ORDINARY + 1 + len(kinds)))
    for number, kind in zip(numbers, kinds, strict=True):
        text = page(number).replace("<article>", f"{STALLING[kind](1_000_000)}<article>")
        site.put(f"/news/{number}", text.encode("utf-8", "replace"))
    site.put_article(ORDINARY)
    site.put_feed([ORDINARY, *numbers])
    return numbers


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(QUICK, id="some"),
        pytest.param(tuple(STALLING), id="all", marks=pytest.mark.slow),
    ],
)
def test_hostile_pages_are_counted_passed_over_and_do_not_end_the_run(
    kinds: tuple[str, ...], site: Site, declare: Declare, world: World
) -> None:
    numbers = put_hostile(site, kinds)
    asked = world.pool.submit(child.run_measured_crawl, declare(), world.options(), SECONDS)
    run, cpu, peak = asked.result(600)
    assert cpu <= 3 * SECONDS * len(kinds) + START_SECONDS
    assert peak <= 500 << 20
    assert site.url(f"/news/{ORDINARY}") in {row.url for row in world.articles()}
    assert run.counts["page.asked"] == len(numbers) + 1
    hostile = run.counts["page.hostile"]
    assert 0 < hostile <= len(kinds)
    assert "hostile page" in run.cause
    site.asked.clear()
    again = world.crawl(declare())
    assert again.counts["listed.hostile"] == hostile
    assert "passed over" in again.cause
    assert not site.paths("/news/")


def test_an_explicit_word_asks_for_a_hostile_page_again(
    site: Site, declare: Declare, world: World
) -> None:
    put_hostile(site, QUICK[:1])
    assert world.crawl(declare()).counts["page.hostile"] == 1
    site.put_article(2)  # the outlet has mended it
    world.crawl(declare(), keep_all=True)
    assert len(world.articles()) == 2


def test_a_listing_that_costs_too_much_is_a_failed_source(
    site: Site, declare: Declare, world: World
) -> None:
    site.put("/list", STALLING["crowded-in-title"](1_000_000))
    site.put_article(1)
    site.put_feed([1])
    hostile = Listing(site.url("/list"), item="li", link="a@href", title="a")
    sources = (hostile, *declare()["sources"])
    run = world.crawl(declare(sources=sources))
    assert run.counts["source.error"] == 1
    assert run.counts["source.ok"] == 1
    assert "of CPU to read" in run.cause or run.outcome is RunOutcome.DEGRADED
    assert len(world.articles()) == 1


def test_a_page_that_ends_two_runs_is_passed_over(
    site: Site, declare: Declare, world: World
) -> None:
    for number in (1, 2, 3):
        site.put_article(number)
    site.put_feed([1, 2, 3])
    for _ in range(2):
        crawl_and_die(world, declare())
    run = world.crawl(declare())
    assert run.counts["listed.hostile"] == 1
    assert {row.url for row in world.articles()} == {site.url("/news/1"), site.url("/news/3")}
    assert site.paths("/news/").count("/news/2") == 2


def test_a_page_on_which_one_run_was_killed_is_read_last(
    site: Site, declare: Declare, world: World
) -> None:
    for number in (1, 2, 3):
        site.put_article(number)
    site.put_feed([1, 2, 3])
    crawl_and_die(world, declare())
    site.asked.clear()
    run = world.crawl(declare())
    assert site.paths("/news/")[-1] == "/news/2"
    assert "listed.hostile" not in run.counts
    assert len(world.articles()) == 3


def test_two_runs_at_once_keep_the_page_of_the_first(world: World, tmp_path: Path) -> None:
    database = open_database(world.url)
    first, second, third = BeingRead(), BeingRead(), BeingRead()
    path = tmp_path / "reading" / "local"
    try:
        first.open(path, "local", database)
        second.open(path, "local", database)
        with first.reading("a", "https://a.test/1"), second.reading("b", "https://a.test/2"):
            assert path.read_text() == "a\nhttps://a.test/1"
        assert path.read_text() == ""
        with first.reading("c", "https://a.test/3"):
            text = path.read_text()
        path.write_text(text)
        first.close()
        third.open(path, "local", database)
        assert database.visits.find("local", ["c"])["c"][1] is CaptureOutcome.SUSPECT
    finally:
        for each in (first, second, third):
            each.close()
        database.close()


def test_an_end_is_forgotten_once_the_page_has_been_read(world: World, tmp_path: Path) -> None:
    """Else two kills that are weeks apart would count as the page's fault."""
    database, path = open_database(world.url), tmp_path / "reading" / "local"
    try:
        for _ in range(3):
            killed, next_one = BeingRead(), BeingRead()
            killed.open(path, "local", database)
            with killed.reading("a", "https://a.test/1"):
                text = path.read_text()
            path.write_text(text)
            killed.close()
            next_one.open(path, "local", database)
            assert database.visits.find("local", ["a"])["a"][1] is CaptureOutcome.SUSPECT
            with next_one.reading("a", "https://a.test/1"):
                pass
            assert database.visits.find("local", ["a"]) == {}
            next_one.close()
    finally:
        database.close()


def test_a_folder_that_cannot_be_written_costs_only_the_memory(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "reading").write_text("no folder")
    database = open_database(world.url)
    being_read = BeingRead()
    try:
        being_read.open(tmp_path / "reading" / "local", "local", database)
        with being_read.reading("a", "https://a.test/1"):
            assert (tmp_path / "reading").read_text() == "no folder"
    finally:
        database.close()


def crawl_and_die(world: World, outlet: dict[str, object]) -> None:
    """A crawl in a process of its own, which ends while it reads page 2."""
    context = multiprocessing.get_context("forkserver")
    process = context.Process(target=child.crawl_that_dies, args=(outlet, world.options()))
    process.start()
    process.join()
    assert process.exitcode == -9
