"""What a busy, broken or lying site must not cost (names begin with the threat)."""

import itertools
import time
from typing import Any

import pytest

from crawler.extract.page.rules import Rules
from crawler.sources import Feed, Listing
from storage import open_database
from storage.records import RunOutcome
from tests.crawler import child
from tests.crawler.conftest import Answer, Declare, Site, World, page


def redirect(url: str, status: int = 302) -> Answer:
    return Answer(status=status, headers=(("Location", url),))


@pytest.fixture
def inside(other_site: Site) -> Site:
    """A service that the crawler can reach and must never ask."""
    for path in ("/secret", "/news/1", "/robots.txt", "/feed"):
        other_site.put(path, page(666))
    return other_site


@pytest.mark.threats("R1")
def test_r1_a_busy_host_is_left_alone_as_long_as_it_asks(
    site: Site, declare: Declare, world: World
) -> None:
    busy = Answer(status=429, headers=(("Retry-After", "1"),))
    site.put_feed([1, 2, 3])
    site.answers["/news/3"] = [busy, Answer(page(3).encode())]
    site.put_article(1)
    site.put_article(2)
    run = world.crawl(declare())
    assert run.outcome is RunOutcome.OK
    assert run.counts["stored.new"] == 3
    times = [asked.at for asked in site.asked if asked.path.startswith("/news")]
    assert times[1] - times[0] >= 1.0


@pytest.mark.threats("R1")
def test_r1_a_host_that_stays_busy_ends_the_run(site: Site, declare: Declare, world: World) -> None:
    site.put_feed(range(1, 9))
    for number in range(1, 9):
        site.put(f"/news/{number}", "", status=503)
    run = world.crawl(declare())
    assert run.outcome is RunOutcome.REFUSED
    assert len(site.paths("/news")) == 9


@pytest.mark.threats("R1")
def test_r1_a_host_that_asks_for_hours_is_believed_at_once(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1, 2, 3])
    for number in (1, 2, 3):
        site.put(f"/news/{number}", "", status=429, headers=(("Retry-After", "7200"),))
    run = world.crawl(declare())
    assert len(site.paths("/news")) == 1
    assert run.outcome is RunOutcome.REFUSED
    assert "come back after" in run.cause
    assert run.retry_at is not None
    assert run.retry_at.timestamp() > time.time() + 7000


@pytest.mark.threats("R2")
@pytest.mark.parametrize(
    ("robots", "fetched", "outcome"),
    [
        (Answer(b"User-agent: *\nDisallow:\n"), True, RunOutcome.OK),
        (Answer(b"User-agent: *\nDisallow: /\n"), False, RunOutcome.REFUSED),
        (Answer(b"User-agent: nkwire\nDisallow: /feed\n"), False, RunOutcome.REFUSED),
        (Answer(b"User-agent: other\nDisallow: /\n"), True, RunOutcome.OK),
        (Answer(b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n"), False, RunOutcome.REFUSED),
        (Answer(b"<html>no robots here</html>"), True, RunOutcome.OK),
        (Answer(b"#" * 600_000 + b"\nUser-agent: *\nDisallow: /\n"), True, RunOutcome.OK),
        (Answer(status=404), True, RunOutcome.OK),
        (Answer(status=401), True, RunOutcome.OK),
        (Answer(status=403), True, RunOutcome.OK),
        (Answer(status=429), False, RunOutcome.REFUSED),
        (Answer(status=500), False, RunOutcome.UNREACHABLE),
        (Answer(b"User-agent: *\nAllow: /", status=503), False, RunOutcome.UNREACHABLE),
        (lambda handler: handler.connection.close(), False, RunOutcome.UNREACHABLE),
        (lambda handler: time.sleep(3), False, RunOutcome.UNREACHABLE),
    ],
    ids=[
        *["allows", "forbids", "forbids us", "forbids others", "byte order mark", "html"],
        *["rules behind the limit", "404", "401", "403", "429", "500", "503", "reset", "hangs"],
    ],
)
def test_r2_no_robots_txt_is_a_no(
    site: Site, declare: Declare, world: World, robots: Any, fetched: bool, outcome: RunOutcome
) -> None:
    site.put_feed([1])
    site.put_article(1)
    site.answers["/robots.txt"] = robots
    run = world.crawl(declare(), settings={"DOWNLOAD_TIMEOUT": 1, "RETRY_TIMES": 0})
    assert bool(site.paths()) is fetched
    assert run.outcome is outcome


@pytest.mark.threats("R2")
def test_r2_yesterdays_robots_txt_is_followed_while_it_cannot_be_had(
    site: Site, declare: Declare, world: World
) -> None:
    site.put("/robots.txt", "User-agent: *\nDisallow: /news/2\n")
    site.put_feed([1, 2])
    site.put_article(1)
    site.put_article(2)
    world.crawl(declare())
    site.put("/robots.txt", "", status=503)
    run = world.crawl(declare())
    assert run.counts["robots.copy_used"] == 1
    assert run.counts["source.ok"] == 1
    assert "/news/2" not in site.paths()


@pytest.mark.threats("R2")
def test_r2_a_changed_robots_txt_is_an_event(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([])
    world.crawl(declare())
    site.put("/robots.txt", "User-agent: *\nDisallow: /news/2\n")
    assert world.crawl(declare()).counts["robots.changed"] == 1


@pytest.mark.threats("R3")
def test_r3_crawl_delay_is_kept(site: Site, declare: Declare, world: World) -> None:
    site.put("/robots.txt", "User-agent: *\nCrawl-delay: 1\n")
    site.put_feed([1, 2])
    site.put_article(1)
    site.put_article(2)
    world.crawl(declare())
    times = [asked.at for asked in site.asked]
    assert len(times) == 4
    # The site sees a request a moment after it was sent.
    assert all(later - earlier >= 0.7 for earlier, later in itertools.pairwise(times))


@pytest.mark.threats("R4")
def test_r4_captcha_pages_are_not_articles(site: Site, declare: Declare, world: World) -> None:
    wall = (
        "<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1>"
        '<div class="cf-turnstile"></div><p>Verify you are human by completing the action below.'
        "</p><script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page'></script></body>"
        "</html>"
    )
    site.put_feed([1])
    site.put("/news/1", wall)
    run = world.crawl(declare())
    assert world.articles() == []
    assert run.outcome in (RunOutcome.REFUSED, RunOutcome.EMPTY)
    assert "/news/1" in run.cause


@pytest.mark.threats("R5")
@pytest.mark.parametrize("where", [0.3, 0.6, 0.9, 0.99])
def test_r5_half_a_page_is_asked_for_again_and_flagged(
    site: Site, declare: Declare, world: World, where: float
) -> None:
    site.put_feed([1])
    body = page(1).encode()
    site.put("/news/1", body[: int(len(body) * where)], length=False)
    run = world.crawl(declare())
    assert len(site.paths("/news")) == 2
    assert run.counts["page.truncated"] == 1
    assert run.outcome is not RunOutcome.OK
    database = open_database(world.url)
    captures = [
        each for row in database.articles.iter() for each in database.articles.captures(row.id)
    ]
    database.close()
    assert all(each.truncated for each in captures)


@pytest.mark.threats("R5")
def test_r5_a_page_that_comes_whole_the_second_time_is_not_flagged(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    whole = Answer(page(1).encode(), length=False)
    site.answers["/news/1"] = [Answer(page(1).encode()[:400], length=False), whole]
    run = world.crawl(declare())
    assert run.outcome is RunOutcome.OK
    assert run.counts["page.refetched"] == 1


@pytest.mark.threats("R5")
def test_r5_a_page_shorter_than_it_says_is_asked_for_again(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    body = page(1).encode()
    site.answers["/news/1"] = [Answer(body, cut=300), Answer(body)]
    assert world.crawl(declare()).counts["stored.new"] == 1


@pytest.mark.threats("R6")
def test_r6_a_charset_that_lies_is_seen_through(site: Site, declare: Declare, world: World) -> None:
    words = "평양의 등대 사무소는 항구를 넓히고 과수원의 문을 열었다고 밝혔다. " * 10
    body = f"<html><article><h1>등대 사무소</h1><p>{words}</p></article></html>"
    site.put_feed([1])
    site.put(
        "/news/1", body.encode("cp949"), headers=(("Content-Type", "text/html; charset=utf-8"),)
    )
    world.crawl(declare(languages=("ko",)))
    (row,) = world.articles()
    assert row.title == "등대 사무소"


@pytest.mark.threats("R7")
def test_r7_nul_bytes_and_surrogates_cost_nothing(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1, 2])
    site.put("/news/1", page(1, "lantern \x00 orchard &#xD800; &#0; \ufffe").encode())
    site.put_article(2)
    run = world.crawl(declare())
    assert run.counts["stored.new"] == 2
    assert all("\x00" not in row.text for row in world.articles())


@pytest.mark.threats("R8")
@pytest.mark.parametrize(
    "date",
    ["9999-12-31", "0001-01-01", "1970-01-01T00:00:00Z", "tomorrow", "Juche 115", "32.13.2026"],
)
def test_r8_absurd_dates_stop_nothing(
    site: Site, declare: Declare, world: World, date: str
) -> None:
    site.put("/list", f'<li><a href="/news/1">Report 1</a><b>{date}</b></li>')
    site.put("/news/1", page(1).replace("<h1>", f"<time>{date}</time><h1>"))
    rules = (Rules(title="h1", body="article p", date="time"),)
    source = Listing(site.url("/list"), item="li", date="b")
    run = world.crawl(declare(sources=(source,), rules=rules))
    assert run.counts["stored.new"] == 1
    (row,) = world.articles()
    assert row.published_at is None or 1945 <= row.published_at.year <= 2027


@pytest.mark.threats("R13")
def test_r13_an_empty_feed_is_not_a_success(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([])
    run = world.crawl(declare())
    assert run.outcome is RunOutcome.EMPTY


@pytest.mark.threats("R13")
def test_r13_a_redesign_is_not_a_success(site: Site, declare: Declare, world: World) -> None:
    site.put_feed([1, 2])
    for number in (1, 2):
        site.put(f"/news/{number}", "<html><body><div id=app></div></body></html>")
    run = world.crawl(declare())
    assert run.outcome is RunOutcome.EMPTY
    assert "/news/2" in run.cause


@pytest.mark.threats("R13")
def test_r13_a_host_that_is_down_is_unreachable(site: Site, declare: Declare, world: World) -> None:
    dead = "127.0.0.1:9"
    outlet = declare(hosts=(dead,), sources=(Feed(f"http://{dead}/feed"),))
    run = world.crawl(outlet, settings={"RETRY_TIMES": 0})
    assert run.outcome is RunOutcome.UNREACHABLE


@pytest.mark.threats("R13")
def test_r13_an_exception_while_reading_fails_the_run(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1, 2])
    site.put_article(1)
    site.put_article(2)
    run = world.pool.submit(child.crawl_that_raises, declare(), world.options()).result(120)
    assert run.outcome is RunOutcome.FAILED
    assert "RuntimeError: planned" in run.cause
    assert run.counts["exceptions"] == 1
    assert run.counts["stored.new"] == 1


@pytest.mark.threats("R20")
def test_r20_a_parked_domain_elsewhere_is_not_read(
    site: Site, inside: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.answers["/news/1"] = redirect(inside.url("/news/1"), 301)
    run = world.crawl(declare(), settings={"NKWIRE_PORTS": [inside.port]})
    assert world.articles() == []
    assert run.outcome is not RunOutcome.OK
