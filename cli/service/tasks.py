"""The functions that child processes of the command run; they are named as text."""

import os
from typing import Any

from cli.logs import configure_child_logging
from crawler import registry
from crawler.crawl.options import CrawlOptions
from crawler.processes.run import crawl as crawl_outlet
from storage import open_database
from storage.records import Run

# Each task has a roster function, which lists the outlets for a parent that does not load them.
BACKFILL_NICE = 10  # nice(2)


def crawl(outlet: str, options: CrawlOptions) -> Run:
    """Crawls an outlet; a crawl of the past runs at a lower priority than today's."""
    if options.since:
        os.nice(BACKFILL_NICE)
    configure_child_logging(options.settings, outlet)
    return crawl_outlet(outlet, options)


def crawl_demo(outlet: str, options: CrawlOptions) -> Run:
    """Crawls one of the demo's invented outlets, which are declared nowhere else."""
    registry.SPIDER_MODULES[:] = ["cli.demo.spiders"]
    return crawl(outlet, options)


def crawl_roster() -> list[dict[str, Any]]:
    """Returns what a schedule needs of the declared outlets. Times are in seconds."""
    return [
        {
            "outlet": name,
            "every": outlet.every.total_seconds(),
            "browser": outlet.browser,
            "between": [each.total_seconds() for each in outlet.poll_interval_range()],
            "rank": outlet.agency_rank,
        }
        for name, outlet in registry.outlets().items()
    ]


def crawl_demo_roster() -> list[dict[str, Any]]:
    """Returns the same of the demo's invented outlets."""
    registry.SPIDER_MODULES[:] = ["cli.demo.spiders"]
    return crawl_roster()


def create_database(url: str, seed: int | None) -> None:
    """Makes a new database with its tables and its MinHash permutations."""
    open_database(url, seed=seed).close()
