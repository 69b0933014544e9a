"""What a crawl of a very large source costs, its process as a whole."""

import gzip
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from crawler.sources import Feed, NewsSitemap, Sitemap
from tests.crawler import child
from tests.crawler.conftest import TIMEOUT, Declare, Site, World

if TYPE_CHECKING:
    from storage.records import Run

pytestmark = pytest.mark.threats("S4", "S7")

MAX_MIB = 300
MAX_CPU_SECONDS = 30  # the mark is 10 on a quiet machine
TODAY = f"{datetime.now(UTC):%Y-%m-%d}"
PADDING = "q" * 220


def packed(start: str, entry: str, count: int, end: str = "") -> bytes:
    written = io.BytesIO()
    with gzip.GzipFile(fileobj=written, mode="wb", compresslevel=1) as file:
        file.write(start.encode())
        for first in range(0, count, 10_000):
            numbers = range(first, min(first + 10_000, count))
            file.write("".join(entry.replace("#", str(n)) for n in numbers).encode())
        file.write(end.encode())
    return written.getvalue()


def url(rest: str) -> str:
    return f"<url><loc>/news/#?{PADDING}</loc><lastmod>{TODAY}</lastmod>{rest}"


BODIES: dict[str, tuple[type, Any]] = {
    "310 MB": (Sitemap, lambda: packed("<urlset>", url("</url>"), 1_050_000, "</urlset>")),
    "no end tags": (Sitemap, lambda: packed("<urlset>", url("").replace("</loc>", ""), 180_000)),
    "a million": (Sitemap, lambda: packed("<urlset>", "<url><loc>/news/#</loc></url>", 1_000_000)),
    "packed twice": (
        Sitemap,
        lambda: gzip.compress(packed("<urlset>", url("</url>"), 1_050_000), 1),
    ),
    "rubbish behind": (
        Sitemap,
        lambda: packed("<urlset>", url("</url>"), 200_000, "</urlset>") + b"rubbish" * 1000,
    ),
    "laughs": (
        Sitemap,
        lambda: packed(
            f'<!DOCTYPE u [<!ENTITY a "{PADDING * 400}"><!ENTITY b "{"&a;" * 400}">]><urlset>',
            "<url><loc>/news/#?&b;</loc></url>",
            300_000,
        ),
    ),
    "index": (
        Sitemap,
        lambda: packed("<sitemapindex>", url("</url>").replace("url>", "sitemap>"), 200_000),
    ),
    "emoji": (
        NewsSitemap,
        lambda: packed(
            "<urlset>",
            f"<url><loc>/news/#</loc><news:news><news:title>{'😀' * 60}</news:title></news:news></url>",
            180_000,
        ),
    ),
    "feed": (
        Feed,
        lambda: packed(
            "<rss><channel>",
            f"<item><title>a & b</title><link>/news/#</link><description>{PADDING}</description>",
            180_000,
        ),
    ),
}


QUICK = ("310 MB", "feed")
# Broken XML is read to a bound of its own.
LISTED = {"feed": 2000, "index": 0, "laughs": 30_702, "no end tags": 39_701}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=() if n in QUICK else pytest.mark.slow) for n in BODIES]
)
def test_a_large_source_costs_little_and_its_articles_are_listed(
    site: Site, declare: Declare, world: World, name: str
) -> None:
    kind, build = BODIES[name]
    site.put("/s", build(), headers=(("Content-Type", "application/gzip"),))
    source = kind(site.url("/s"))
    options = world.options(settings={"NKWIRE_PAGE_BUDGET": 1})
    task = world.pool.submit(child.run_measured_crawl, declare(sources=(source,)), options)
    run: Run
    run, cpu, peak = task.result(TIMEOUT)
    assert peak < MAX_MIB << 20
    assert cpu < MAX_CPU_SECONDS
    listed = run.counts.get("listed", 0) + run.counts.get("listed.archive", 0)
    assert abs(listed - LISTED.get(name, 50_000)) < 1000
