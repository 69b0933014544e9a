"""What the command's child processes run; named in text, since they are other processes."""

import os
from typing import Any

from cli.logs import configure_child_logging
from crawler import registry
from crawler.crawl.options import CrawlOptions
from crawler.processes.run import crawl as crawl_outlet
from storage import open_database
from storage.records import Run

# Beside each task stands its roster: what outlets there are, for a parent that does not load them.
CRAWL, DEMO = "cli.service.tasks:crawl", "cli.service.tasks:crawl_invented"
BACKFILL_NICE = 10  # nice(2)


def crawl(outlet: str, options: CrawlOptions) -> Run:
    """Crawl an outlet; what reaches into the past gives way to the runs of the day."""
    if options.since:
        os.nice(BACKFILL_NICE)
    configure_child_logging(options.settings, outlet)
    return crawl_outlet(outlet, options)


def crawl_demo(outlet: str, options: CrawlOptions) -> Run:
    """Crawl one of the demo's invented outlets, which nothing else knows."""
    registry.SPIDER_MODULES[:] = ["cli.demo.spiders"]
    return crawl(outlet, options)


def crawl_roster() -> list[dict[str, Any]]:
    """The declared outlets, as far as a schedule needs them. Times in seconds."""
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
    """The demo's invented outlets."""
    registry.SPIDER_MODULES[:] = ["cli.demo.spiders"]
    return crawl_roster()


def create_database(url: str, seed: int | None) -> None:
    """Make a new database with its tables and the numbers that its texts are compared by."""
    open_database(url, seed=seed).close()
