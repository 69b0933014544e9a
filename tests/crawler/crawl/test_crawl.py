from datetime import UTC, datetime, timedelta

import orjson
import pytest

from crawler.extract.page.rules import Rules
from crawler.outlet import Expect
from crawler.sources import Feed, Listing
from crawler.warc.reader import read_record
from crawler.warc.records import parse_http
from storage import open_database
from storage.records import RunOutcome
from tests.crawler import child
from tests.crawler.conftest import TIMEOUT, Answer, Declare, Site, World, page


def test_what_a_feed_lists_is_stored_newest_first(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1, 3, 2])
    for number in (1, 2, 3):
        site.put_article(number)
    run = world.crawl(declare())
    assert run.outcome is RunOutcome.OK
    assert run.counts["stored.new"] == 3
    assert site.paths("/news") == ["/news/3", "/news/2", "/news/1"]
    assert [row.title for row in world.articles()] == [
        f"Report {number} from North Korea" for number in (1, 2, 3)
    ]


def test_known_articles_are_not_fetched_again(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1, 2])
    for number in (1, 2):
        site.put_article(number)
    world.crawl(declare())
    site.put_article(3)
    site.put_feed([1, 2, 3])
    site.asked.clear()
    second = world.crawl(declare())
    assert site.paths("/news") == ["/news/3"]
    assert second.counts["listed.known"] == 2
    third = world.crawl(declare())
    assert third.outcome is RunOutcome.QUIET


def test_an_article_that_its_feed_calls_edited_gets_a_second_version(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.put_article(1)
    world.crawl(declare())
    site.put_feed([1], updated=datetime.now(UTC).isoformat())
    site.put_article(1, "A correction was added.")
    run = world.crawl(declare())
    assert run.counts["stored.edited"] == 1
    (row,) = world.articles()
    assert "A correction was added." in row.text


def test_recheck_fetches_what_is_known(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1])
    site.put_article(1)
    world.crawl(declare())
    run = world.crawl(declare(), recheck=True)
    assert run.counts["stored.unchanged"] == 1


def test_limit_takes_the_newest(site: Site, declare: Declare, world: World) -> None:
    site.put_feed(range(1, 8))
    for number in range(1, 8):
        site.put_article(number)
    run = world.crawl(declare(), limit=2)
    assert site.paths("/news") == ["/news/7", "/news/6"]
    assert run.counts["listed.over"] == 5
    assert world.crawl(declare()).counts["stored.new"] == 5


def test_since_and_until_bound_what_is_fetched(site: Site, declare: Declare, world: World) -> None:
    site.put_feed(range(10, 90, 10))
    for number in range(10, 90, 10):
        site.put_article(number)
    now = datetime.now(UTC)
    since, until = now - timedelta(hours=65), now - timedelta(hours=35)
    world.crawl(declare(), since=since, until=until)
    assert site.paths("/news") == ["/news/60", "/news/50", "/news/40"]


def test_until_counts_for_dates_that_only_the_page_tells(
    site: Site, declare: Declare, world: World
) -> None:
    site.put("/list", '<ul><li><a href="/news/1">Report 1 from North Korea</a></li></ul>')
    site.put("/news/1", page(1).replace("<h1>", '<time datetime="2026-03-01T10:00Z"></time><h1>'))
    outlet = declare(
        sources=(Listing(site.url("/list"), item="li"),),
        rules=(Rules(title="h1", body="article p", date="time@datetime"),),
    )
    run = world.crawl(outlet, until=datetime(2026, 2, 1, tzinfo=UTC))
    assert run.counts["article.outside"] == 1
    assert world.articles() == []
    assert world.crawl(outlet).counts["stored.new"] == 1


def test_a_dry_run_keeps_nothing(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1])
    site.put_article(1)
    run = world.crawl(declare(), dry_run=True)
    assert run.outcome is RunOutcome.OK
    assert run.counts["dry"] == 1
    assert world.articles() == []
    assert world.warcs() == []


def test_the_last_poll_without_an_article_is_kept_with_it(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.put_article(1)
    world.crawl(declare())
    site.put_feed([1, 2])
    site.put_article(2)
    world.crawl(declare())
    first, second = world.articles()
    assert first.last_poll_without_at is None
    assert second.last_poll_without_at is not None
    assert first.first_seen_at <= second.last_poll_without_at < second.first_seen_at


def test_off_topic_pages_are_counted_and_not_asked_for_again(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1, 2])
    site.put_article(1)
    body = "<p>The orchard in the south has opened its copper gate for the violin season.</p>" * 5
    site.put("/news/2", f"<html><article><h1>Orchard opens</h1>{body}</article></html>")
    run = world.crawl(declare(topic=True))
    assert run.counts["article.off_topic"] == 1
    assert [row.url for row in world.articles()] == [site.url("/news/1")]
    site.asked.clear()
    world.crawl(declare(topic=True))
    assert site.paths("/news") == []
    assert world.crawl(declare(topic=True), keep_all=True).counts["stored.new"] == 1


def test_an_address_whose_page_names_another_is_not_asked_for_again(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    canonical = f'<head><link rel="canonical" href="{site.url("/news/100")}">'
    site.put("/news/1", page(1).replace("<head>", canonical))
    world.crawl(declare())
    site.asked.clear()
    world.crawl(declare())
    assert site.paths("/news") == []


def test_an_article_that_was_taken_away_is_noted(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.put_article(1)
    world.crawl(declare())
    site.put("/news/1", "gone", status=410)
    run = world.crawl(declare(), recheck=True)
    assert run.counts["page.gone"] == 1
    (row,) = world.articles()
    assert row.gone_at is not None
    assert row.text


def test_after_a_failed_page_the_source_is_asked_for_all_again(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    full = site.answers["/feed"]
    site.answers["/feed"] = Answer(full.body, headers=(*full.headers, ("ETag", '"one"')))
    site.put("/news/1", "", status=403)
    outlet = declare(sources=(Feed(site.url("/feed"), trust_validators=True),))
    world.crawl(outlet)
    site.put_article(1)
    assert world.crawl(outlet).counts["stored.new"] == 1
    asked = [request for request in site.asked if request.path == "/feed"]
    assert "if-none-match" not in asked[1].headers


def test_progress_is_written_for_a_watching_process(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.put_article(1)
    stat = world.home / "stat.json"
    world.crawl(declare(), stat_file=stat)
    told = orjson.loads(stat.read_bytes())
    assert told["outlet"] == "local"
    assert told["done"] is True
    assert told["counts"]["stored.new"] == 1


def test_a_crawl_of_an_unknown_outlet_names_those_there_are(world: World) -> None:
    with pytest.raises(LookupError, match="yonhap"):
        world.crawl("no-such-outlet")


def test_raw_answers_are_where_the_capture_says(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1])
    site.put_article(1)
    world.crawl(declare())
    (row,) = world.articles()
    database = open_database(world.url)
    (capture,) = database.articles.captures(row.id)
    database.close()
    (warc,) = world.warcs()
    assert capture.warc_file == warc.name
    message = parse_http(read_record(warc, capture.warc_offset).block)
    assert message.body == page(1).encode()


def test_an_outlet_may_expect_nothing(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([])
    run = world.crawl(declare(expect=Expect(min_items=0)))
    assert run.outcome is RunOutcome.QUIET


def test_a_declared_outlet_is_crawled_as_it_is(site: Site, world: World) -> None:
    number = "1" * 32
    rows = (
        f'<div class="article"><h5 class="block"><a href="/en/article/detail/{number}">Lantern Office '
        "Opens</a> <nobr>[2026.7.17.]</nobr></h5></div>"
    )
    site.put(
        "/en/article/list/a666dda1282180e0ee1b4427b0574ae7",
        f'<main><form id="article_form"><input name="page_num"></form>{rows}</main>',
    )
    words = "".join(f"<p>The lantern office widened harbour number {n}.</p>" for n in range(9))
    site.put(
        f"/en/article/detail/{number}",
        f'<main><article><div class="container"><h1>Lantern Office Opens</h1>{words}</div></article>'
        "</main>",
    )
    names = ("www.kcna.kp", "kcna.kp")
    settings = {
        "NKWIRE_RESOLVE": [f"{name}={site.host}" for name in names],
        "NKWIRE_ALLOW_ADDRESSES": [],
        "DOWNLOAD_DELAY": 0,
    }
    run = world.crawl("kcna", settings=settings)
    assert run.counts["stored.new"] == 1
    (row,) = world.articles()
    assert (row.outlet, row.language, row.title) == ("kcna", "en", "Lantern Office Opens")
    assert row.published_at is not None
    assert row.published_at.date().isoformat() == "2026-07-16"
    # Eleven listings are missing, and what is listed is older than the outlet is expected to be.
    assert run.counts["source.error"] == 11
    assert run.outcome is RunOutcome.EMPTY


def test_pages_that_are_read_leave_memory(site: Site, declare: Declare, world: World) -> None:
    site.put_feed(range(1, 41))
    for number in range(1, 41):
        site.put_article(number)
    asked = world.pool.submit(child.pages_kept_during_crawl, declare(), world.options())
    run, kept = asked.result(TIMEOUT)
    assert run.counts["stored.new"] == 40
    assert kept < 10
