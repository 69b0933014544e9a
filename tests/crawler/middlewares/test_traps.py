"""Sites that make addresses without end: a run reads what its budget allows, and says what it left."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest

from crawler.sources import Feed, Listing
from storage.records import RunOutcome
from tests.crawler.conftest import Declare, Site, World

BUDGET = 7


def paths_that_repeat(n: int) -> str:
    return f"/news/{n}" + "/archive/2026" * 9


def paths_that_grow(n: int) -> str:
    return f"/news/{n}/" + "/".join(f"s{part}" for part in range(30))


def endless_queries(n: int) -> str:
    return f"/news/{n}?from=" + "x" * 5_000


def encoded_repetitions(n: int) -> str:
    return f"/news/{n}" + "%2Fback%2Fforth" * 6


@pytest.mark.threats("S8")
@pytest.mark.parametrize(
    "trap",
    [paths_that_repeat, paths_that_grow, endless_queries, encoded_repetitions],
    ids=lambda each: each.__name__,
)
def test_addresses_of_a_trap_are_left_out_and_told(
    trap: Callable[[int], str], site: Site, declare: Declare, world: World
) -> None:
    items = "".join(f"<item><link>{trap(n)}</link></item>" for n in range(2, 60))
    site.put("/feed", f"<rss><channel>{items}</channel></rss>")
    run = world.crawl(declare(article=r"/news/\d+"))
    assert site.paths("/news") == []
    assert run.outcome is RunOutcome.EMPTY
    assert run.counts["source.problem"] == 1
    site.put_article(1)
    site.put("/feed", f"<rss><channel><item><link>/news/1</link></item>{items}</channel></rss>")
    run = world.crawl(declare(article=r"/news/\d+"))
    assert site.paths("/news") == ["/news/1"]
    assert run.counts["source.problem"] == 1


def days_of_a_calendar(n: int) -> str:
    return f"/news/{n}?month={n % 12}&year={1900 + n // 12}"


def sessions_in_the_address(n: int) -> str:
    return f"/news/1?PHPSESSID={n:032x}"


def orders_of_the_same_parameters(n: int) -> str:
    keys = [key for key, _ in zip(cycle("abcd"), range(n), strict=False)]
    return "/news/1?" + "&".join(f"{key}={place}" for place, key in enumerate(keys))


def jsessionids(n: int) -> str:
    return f"/news/1;jsessionid={n:032X}"


@pytest.mark.threats("S8")
@pytest.mark.parametrize(
    "trap",
    [days_of_a_calendar, sessions_in_the_address, orders_of_the_same_parameters, jsessionids],
    ids=lambda each: each.__name__,
)
def test_new_addresses_without_end_cost_a_run_its_budget_at_most(
    trap: Callable[[int], str], site: Site, declare: Declare, world: World
) -> None:
    made = iter(range(1, 100_000))

    def endless(handler: Any) -> None:
        rows = "".join(f'<li><a href="{trap(next(made))}">Report</a></li>' for _ in range(30))
        body = (rows + f'<a class=n href="/list?p={next(made)}">next</a>').encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    site.answers["/list"] = endless
    for n in range(200):
        site.put_article(n)
    source = Listing(site.url("/list"), item="li", next=".n@href", pages=5)
    settings = {"NKWIRE_PAGE_BUDGET": BUDGET}
    run = world.crawl(declare(sources=(source,)), settings=settings)
    fetched = [path for path in site.paths() if path.startswith("/news")]
    assert 1 <= len(fetched) <= BUDGET
    assert len(site.paths("/list")) <= 5
    if len(fetched) == BUDGET:
        assert run.counts["listed.over"] > 0


@pytest.mark.threats("S8")
def test_a_feed_that_names_itself_as_its_next_page_is_read_once(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_article(1)
    site.put(
        "/feed",
        '<feed xmlns="http://www.w3.org/2005/Atom"><link rel="next" href="/feed"/>'
        '<link rel="self" href="/feed"/><entry><link href="/news/1"/></entry></feed>',
    )
    run = world.crawl(declare(sources=(Feed(site.url("/feed")),)))
    assert site.paths("/feed") == ["/feed"]
    assert run.counts["stored.new"] == 1
