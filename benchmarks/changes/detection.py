"""Measures how well edits and deletions by an invented agency are found, over simulated months.

    python -m benchmarks.changes.detection --days 180 --events 300

A site on loopback edits, deletes and fails by a script. Every crawl is real (Scrapy, WARC,
database). Only the clock is simulated. For each kind of event the table shows how many were
injected, how many were found with the right kind and an interval that contains their time, and how
many findings are false. Exits with 1 unless all were found and none is false.
"""

import argparse
import asyncio
import contextlib
import json
import random
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from benchmarks.changes.clock import SimulatedClock
from benchmarks.changes.scenario import AgencySite, Event, make_scenario
from benchmarks.changes.score import Score, match_findings
from crawler.crawl.options import CrawlOptions
from crawler.crawl.session import Session
from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.processes.run import crawl_settings
from crawler.sources import Listing
from crawler.spider_loader import spider_class
from storage import open_database

if TYPE_CHECKING:
    from twisted.internet.base import ReactorBase

START = datetime(2026, 1, 1, tzinfo=UTC)
REVISIT_COUNTS = tuple(
    f"revisit.{what}" for what in ("present", "missing", "unwitnessed", "unclear")
)


def make_outlet(agency: AgencySite) -> type[Outlet]:
    """Returns an ordinary outlet declaration of the agency."""
    return type(
        "Agency",
        (Outlet,),
        {
            "__doc__": "An invented state agency.",
            "__module__": __name__,
            "name": "agency",
            "every": timedelta(hours=6),
            "languages": ("en",),
            "country": "KP",
            "timezone": "UTC",
            "hosts": (agency.host,),
            "rights": "full",
            "sources": (Listing(agency.url("/list"), item="li", date="time"),),
            "article": r"/article/(?:detail|moved)/[0-9a-f]{32}",
            "rules": (
                Rules(
                    title="h1",
                    body="article > p.text",
                    authors=".by",
                    date="article > time",
                    captions="figcaption",
                ),
            ),
            "delay": 0.001,
            "agency_rank": 0,
        },
    )


def crawl_simulated(
    agency: AgencySite, home: Path, days: float, hours: float, clock: SimulatedClock
) -> None:
    """Crawls the agency every `hours` of simulated time for `days`, all in this process."""
    from scrapy.crawler import AsyncCrawlerProcess

    settings = {
        "NKWIRE_ALLOW_ADDRESSES": ["127.0.0.0/8"],
        "NKWIRE_RETRY_AFTER": 0.001,
        "RETRY_ENABLED": False,
        "LOG_LEVEL": "CRITICAL",
    }
    options = CrawlOptions(database_url=database_url(home), home=home, settings=settings)
    process = AsyncCrawlerProcess(crawl_settings(options, {}))
    outlet = make_outlet(agency)

    async def run_all() -> None:
        from twisted.internet import reactor

        try:
            for tick in range(int(days * 24 / hours)):
                clock.set(START + timedelta(hours=hours * tick, minutes=tick % 7))
                agency.advance(clock.now)
                session = Session(outlet, options)
                session.open()
                with contextlib.suppress(Exception):
                    await process.crawl(spider_class(outlet), session=session)
                session.fail("did not run")
                if sys.stderr.isatty():
                    print(f"\rday {hours * tick / 24:6.1f}", end="", file=sys.stderr)
        finally:
            cast("ReactorBase", reactor).stop()

    asyncio.get_event_loop().create_task(run_all())
    process.start(stop_after_crawl=False)


def database_url(home: Path) -> str:
    """Returns the URL of the database in a folder."""
    return f"sqlite:///{home / 'nkwire.db'}"


def evaluate(script: list[Event], home: Path) -> Score:
    """Compares the findings in the database with the injected events."""
    database = open_database(database_url(home))
    try:
        changes = list(database.changes.iter(boring=True))
        transitions = list(database.changes.transitions())
        alarms = database.alarms.latest()
        ended = database.runs.latest("agency", 1_000_000)
        articles = database.articles.count()
    finally:
        database.close()
    found = match_findings(
        script, changes, transitions, alarms, Counter(str(run.outcome) for run in ended)
    )
    asked = sum(run.counts.get(name, 0) for run in ended for name in REVISIT_COUNTS)
    found.revisits = (
        f"{asked} re-visits of {articles} articles, {1000 * asked // articles} for 1,000"
    )
    return found


def main(arguments: list[str] | None = None) -> int:
    """Runs the scenario and prints the result. Returns 1 unless it is perfect."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=float, default=180)
    parser.add_argument("--hours", type=float, default=6, help="between two crawls")
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    clock = SimulatedClock(START)
    script = make_scenario(random.Random(asked.seed), START, asked.days, asked.events)
    with (
        tempfile.TemporaryDirectory() as folder,
        AgencySite(script, START) as agency,
        clock.patch_datetime(),
    ):
        crawl_simulated(agency, Path(folder), asked.days, asked.hours, clock)
        found = evaluate(script.events, Path(folder))
    rows: list[dict[str, Any]] = found.rows()
    if asked.json:
        print(json.dumps({"rows": rows, "problems": found.problems, "runs": found.runs}))
    else:
        print(found.table())
    return 0 if found.is_perfect() else 1


if __name__ == "__main__":
    sys.exit(main())
