"""Reading the past: sitemaps by their months, listings page by page, resumed after a kill."""

import asyncio
import multiprocessing
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.show.run_reports import format_completeness
from crawler.crawl.options import CrawlOptions
from crawler.crawl.plan import RunLimits, build_fetch_plan
from crawler.discovery.periods import Period, period_of_article_url, period_of_sitemap_url
from crawler.sources import Link, Listing, Sitemap
from storage import open_database
from storage.invariants import check_invariants
from storage.records import Run, RunOutcome
from tests.crawler import child
from tests.crawler.conftest import Declare, Site, World

SINCE = datetime(2025, 3, 1, tzinfo=UTC)
UNTIL = datetime(2025, 5, 1, tzinfo=UTC)
MONTHS = [f"2025-{month:02d}" for month in range(1, 9)]
EACH = 10  # articles a month
KILLS = 4


def span(first: str, last: str) -> Period:
    days = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (first, last)]
    return Period(days[0], days[1] + timedelta(days=1))


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://a.example/sitemap-2025-09.xml", span("2025-09-01", "2025-09-30")),
        ("https://a.example/sitemaps/202512.xml.gz", span("2025-12-01", "2025-12-31")),
        ("https://a.example/s.xml?yyyy=2025&mm=9", span("2025-09-01", "2025-09-30")),
        (
            "https://a.example/s.xml?date_start=20250828&date_end=20250903",
            span("2025-08-28", "2025-09-03"),
        ),
        ("https://a.example/2025/09/05.xml", span("2025-09-05", "2025-09-05")),
        ("https://a.example/post-sitemap12.xml", None),
        ("https://a.example/sitemap-20251399.xml", None),
        ("https://a.example/sitemap-123420250901.xml", None),
    ],
)
def test_a_sitemap_says_by_its_address_of_which_time_it_is(url: str, named: Period | None) -> None:
    assert period_of_sitemap_url(url) == named


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://a.example/2025/09/05/kiln", span("2025-09-05", "2025-09-05")),
        ("https://a.example/20250905/kiln", span("2025-09-05", "2025-09-05")),
        ("https://a.example/2025/09/kiln", span("2025-09-01", "2025-09-30")),
        ("https://a.example/AEN20250905001300315", None),
        ("https://a.example/2025-09-05/as-on-2024-09-05", None),
        ("https://a.example/2025-02-30/kiln", span("2025-02-01", "2025-02-28")),
    ],
)
def test_an_article_may_say_its_day_by_its_address(url: str, named: Period | None) -> None:
    found = period_of_article_url(url)
    assert found == named


def test_undated_links_are_left_out_by_the_day_in_their_address() -> None:
    urls = [f"https://a.example/2025/{month:02d}/15/x" for month in range(1, 9)]
    links = {url: Link(url=url) for url in [*urls, "https://a.example/undated"]}
    limits = RunLimits(
        now=datetime.now(UTC), max_pages=99, max_revisits=0, since=SINCE, until=UNTIL
    )
    decided = build_fetch_plan(links, {}, {}, limits)
    assert sorted(link.url for link in decided.fetch) == [
        *urls[2:4],
        "https://a.example/undated",
    ]
    assert decided.outside_window == 6


def page(number: int, day: str) -> str:
    """An invented article of a day."""
    sentences = "".join(
        f"<p>Sentence {part} of report {number}: the granite harbour of Pyongyang was widened by "
        f"{part * number + 7} steps, the lantern office said.</p>"
        for part in range(6)
    )
    return (
        f'<html><head><meta property="article:published_time" content="{day}T08:00:00Z"></head>'
        f"<body><article><h1>Report {number} from North Korea</h1>{sentences}</article></body></html>"
    )


@pytest.fixture
def archive(site: Site) -> dict[str, list[str]]:
    """A site with an index of monthly sitemaps; the addresses of each month."""
    found: dict[str, list[str]] = {}
    index = ""
    for at, month in enumerate(MONTHS):
        found[month] = []
        rows = ""
        for number in range(at * EACH + 1, (at + 1) * EACH + 1):
            day = f"{month}-{(number - 1) % EACH + 11}"
            site.put(f"/news/{number}", page(number, day))
            found[month].append(site.url(f"/news/{number}"))
            rows += f"<url><loc>{site.url(f'/news/{number}')}</loc><lastmod>{day}</lastmod></url>"
        site.put(f"/sitemap-{month}.xml", f"<urlset>{rows}</urlset>")
        index += f"<sitemap><loc>{site.url(f'/sitemap-{month}.xml')}</loc></sitemap>"
    site.put("/sitemap.xml", f"<sitemapindex>{index}</sitemapindex>")
    return found


def test_only_the_sitemaps_and_pages_of_the_time_are_read(
    site: Site, archive: dict[str, list[str]], declare: Declare, world: World
) -> None:
    outlet = declare(sources=(Sitemap(site.url("/sitemap.xml")),))
    run = world.crawl(outlet, since=SINCE, until=UNTIL)
    assert run.outcome is RunOutcome.OK
    assert sorted(row.url for row in world.articles()) == sorted(
        archive["2025-03"] + archive["2025-04"]
    )
    # The months before and after too: zones differ, and texts are dated by their writing.
    near = [f"/sitemap-2025-0{month}.xml" for month in (2, 3, 4, 5)]
    assert sorted(site.paths("/sitemap-")) == near
    assert not {"/news/1", f"/news/{8 * EACH}"} & set(site.paths("/news/"))


def crawl_and_kill(world: World, outlet: dict[str, object], after: float) -> None:
    """Start a backfill in a process of its own and kill it, wherever it is by then."""
    context = multiprocessing.get_context("forkserver")
    options = world.options(since=SINCE)
    process = context.Process(target=child.run_crawl, args=(outlet, options))
    process.start()
    time.sleep(after)
    process.kill()
    process.join()


@pytest.mark.parametrize("kills", [1, pytest.param(KILLS, marks=pytest.mark.slow)])
def test_a_backfill_that_was_killed_goes_on_and_fetches_nothing_again_that_is_stored(
    kills: int, site: Site, archive: dict[str, list[str]], declare: Declare, world: World
) -> None:
    outlet = declare(sources=(Sitemap(site.url("/sitemap.xml")),), delay=0.02)
    chance = random.Random(3)
    fetched: Counter[str] = Counter()
    again: list[str] = []
    stored: set[str] = set()
    for turn in range(kills + 1):
        site.asked.clear()
        if turn < kills:
            crawl_and_kill(world, outlet, chance.uniform(0.5, 2.5))
        else:
            run = world.crawl(outlet, since=SINCE)
            assert run.outcome in (RunOutcome.OK, RunOutcome.QUIET)
        paths = site.paths("/news/")
        again += [path for path in paths if site.url(path) in stored]
        fetched.update(paths)
        stored = {row.url for row in world.articles()}
    assert again == []
    assert sorted(stored) == sorted(url for month in MONTHS[2:] for url in archive[month])
    with open_database(world.url) as database:
        assert check_invariants(database) == []


def test_a_listing_is_paged_back_as_far_as_asked_for(
    site: Site, declare: Declare, world: World
) -> None:
    newest = datetime(2025, 6, 30, tzinfo=UTC)
    for start in range(0, 100, 10):
        rows = ""
        for number in range(start, start + 10):
            day = f"{newest - timedelta(days=number):%Y-%m-%d}"
            site.put(f"/news/{number}", page(number, day))
            rows += f'<li><a href="/news/{number}">Report {number}</a> <b>{day}</b></li>'
        site.put(
            f"/list/{start // 10 + 1}",
            f"<html><body><p>100 articles on 10 pages</p>{rows}</body></html>",
        )
    listing = Listing(
        site.url("/list/1"),
        item="li",
        date="b",
        next_template="/list/{page}",
        total=r"(\d+) articles",
        page_count=r"on (\d+) pages",
    )
    outlet = declare(sources=(listing,))
    run = world.crawl(outlet, since=newest - timedelta(days=34))
    assert run.counts["stored.new"] == 35
    assert sorted(site.paths("/list/")) == ["/list/1", "/list/2", "/list/3", "/list/4", "/list/5"]
    assert "declared" not in run.counts
    whole = world.crawl(outlet, since=newest - timedelta(days=300))
    assert format_completeness([whole]) == ["local: declared 100, listed 100, stored 100"]


def test_what_a_site_declares_and_does_not_list_is_told(
    site: Site, declare: Declare, world: World
) -> None:
    rows = "".join(f'<li><a href="/news/{n}">Report {n}</a></li>' for n in range(1, 4))
    for number in range(1, 3):
        site.put_article(number)
    site.put("/list", f"<html><body><p>5 articles</p>{rows}</body></html>")
    listing = Listing(site.url("/list"), item="li", total=r"(\d+) articles")
    run = world.crawl(declare(sources=(listing,)), since=SINCE)
    assert format_completeness([run]) == ["local: declared 5, listed 3, stored 2"]
    assert run.outcome is RunOutcome.DEGRADED


def test_a_backfill_goes_on_until_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from cli.commands import crawl as crawling

    left = {"a": [7, 3, 0], "b": [5, 5, 5], "c": [0]}
    calls: list[list[str]] = []

    async def crawl_all(names: list[str], *_: Any) -> list[Run]:
        await asyncio.sleep(0)
        calls.append(list(names))
        return [
            Run(
                outlet=name,
                started_at=SINCE,
                outcome=RunOutcome.OK,
                counts={"listed.over": left[name].pop(0)},
            )
            for name in names
        ]

    monkeypatch.setattr(crawling, "crawl_outlets", crawl_all)
    runs = crawling.crawl_until_complete(
        ["a", "b", "c"], CrawlOptions(home=tmp_path, since=SINCE), 2
    )
    assert calls == [["a", "b", "c"], ["a", "b"], ["a"]]
    assert len(runs) == 6
    calls.clear()
    left["a"] = [7]
    crawling.crawl_until_complete(["a"], CrawlOptions(home=tmp_path, since=SINCE, limit=3), 1)
    assert calls == [["a"]]


def test_the_patterns_of_periods_take_linear_time() -> None:
    began = time.process_time()
    for url in ("2025-" * 20_000, "2025/09/" * 10_000, "9" * 100_000):
        period_of_sitemap_url(url)
        period_of_article_url(url)
    assert time.process_time() - began < 30
