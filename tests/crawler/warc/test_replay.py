from dataclasses import asdict
from pathlib import Path
from typing import Any

from crawler.extract.page.rules import Rules
from crawler.sources import Feed, Listing
from storage.reading.rows import ArticleRow
from storage.records import RunOutcome
from tests.crawler.conftest import Answer, Declare, Site, World, page

VARIES = ("id", "story_id", "version_id", "last_captured_at")


def fields(row: ArticleRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name not in VARIES}


def other_world(world: World, empty_database: Path) -> World:
    home = world.home.parent / "replayed"
    home.mkdir()
    (home / "nkwire.db").write_bytes(empty_database.read_bytes())
    return World(home, world.pool, world.settings)


def test_a_replay_gives_what_the_live_crawl_gave(
    site: Site, declare: Declare, world: World, empty_database: Path
) -> None:
    site.put_feed(range(1, 6))
    for number in range(1, 6):
        site.put_article(number)
    site.answers["/news/2"] = [Answer(status=500), Answer(page(2).encode())]
    site.put("/moved", page(3))
    site.answers["/news/3"] = Answer(status=301, headers=(("Location", "/moved"),))
    site.answers["/news/4"] = Answer(page(4).encode()[:500], length=False)
    live = world.crawl(declare())
    asked = len(site.asked)
    replayed = other_world(world, empty_database)
    run = replayed.crawl(declare(), replay=world.warcs()[0])
    assert len(site.asked) == asked
    assert run.outcome is live.outcome
    assert run.counts == live.counts
    assert [fields(row) for row in replayed.articles()] == [fields(row) for row in world.articles()]
    assert replayed.warcs() == []


def test_robots_txt_rules_in_a_replay_too(
    site: Site, declare: Declare, world: World, empty_database: Path
) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /news/2\n")
    site.put_feed([1, 2])
    site.put_article(1)
    world.crawl(declare())
    replayed = other_world(world, empty_database)
    run = replayed.crawl(declare(), replay=world.warcs()[0])
    assert run.counts["reject.robots"] == 1


def test_what_was_not_recorded_fails_loudly(
    site: Site, declare: Declare, world: World, empty_database: Path
) -> None:
    site.put_feed([1, 2])
    site.put_article(1)
    site.put_article(2)
    world.crawl(declare(), limit=1)
    replayed = other_world(world, empty_database)
    run = replayed.crawl(declare(), replay=world.warcs()[0])
    assert run.outcome is RunOutcome.DEGRADED
    assert run.counts["page.unreachable"] == 1
    nothing = replayed.crawl(declare(sources=(Feed(site.url("/other")),)), replay=world.warcs()[0])
    assert nothing.outcome is RunOutcome.UNREACHABLE
    assert f"not recorded: GET {site.url('/other')}" in nothing.cause


def test_a_replay_of_a_cut_file_reads_what_is_whole(
    site: Site, declare: Declare, world: World, empty_database: Path
) -> None:
    site.put_feed([1, 2])
    site.put_article(1)
    site.put_article(2)
    world.crawl(declare())
    (warc,) = world.warcs()
    cut = world.home.parent / "cut.warc.gz"
    cut.write_bytes(warc.read_bytes()[:-900])
    replayed = other_world(world, empty_database)
    run = replayed.crawl(declare(), replay=cut)
    assert run.outcome is RunOutcome.DEGRADED
    assert run.counts["stored.new"] == 1


def test_new_rules_read_old_recordings(
    site: Site, declare: Declare, world: World, empty_database: Path
) -> None:
    site.put("/list", '<li><a href="/news/1">Report 1 from North Korea</a></li>')
    site.put("/news/1", page(1).replace("<h1>", "<b class=by>By A Lantern</b><h1>"))
    source = Listing(site.url("/list"), item="li")
    world.crawl(declare(sources=(source,)))
    assert world.articles()[0].authors == ()
    rules = (Rules(title="h1", body="article p", authors=".by"),)
    replayed = other_world(world, empty_database)
    replayed.crawl(declare(sources=(source,), rules=rules), replay=world.warcs()[0])
    assert replayed.articles()[0].authors == ("A Lantern",)
