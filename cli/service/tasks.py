"""The functions that child processes of the command run; they are named as text."""

import os

from cli.logs import configure_child_logging
from crawler.crawl.options import CrawlOptions
from crawler.outlet import Outlet
from crawler.processes.run import crawl as crawl_outlet
from crawler.processes.run import find_outlet
from crawler.registry import outlets
from storage.records import Run

DEMO_OUTLETS = "cli.demo.spiders"
BACKFILL_NICE = 10  # nice(2)


def crawl(name: str, options: CrawlOptions) -> Run:
    """Crawls a declared outlet; a crawl of the past runs at a lower priority than today's."""
    return _crawl(find_outlet(name), options)


def crawl_demo(name: str, options: CrawlOptions) -> Run:
    """Crawls one of the demo's invented outlets, which are declared nowhere else."""
    return _crawl(outlets(DEMO_OUTLETS)[name], options)


def _crawl(outlet: type[Outlet], options: CrawlOptions) -> Run:
    if options.since:
        os.nice(BACKFILL_NICE)
    configure_child_logging(options.settings, outlet.name)
    return crawl_outlet(outlet, options)
