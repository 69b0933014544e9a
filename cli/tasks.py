"""What the command's child processes run; named in text, since they are other processes."""

from cli.logs import configure_child
from crawler import registry
from crawler.options import CrawlOptions
from crawler.run import crawl as crawl_outlet
from storage.records import Run

CRAWL, DEMO = "cli.tasks:crawl", "cli.tasks:crawl_invented"


def crawl(outlet: str, options: CrawlOptions) -> Run:
    """Crawl an outlet."""
    configure_child(options.settings, outlet)
    return crawl_outlet(outlet, options)


def crawl_invented(outlet: str, options: CrawlOptions) -> Run:
    """Crawl one of the demo's invented outlets, which nothing else knows."""
    registry.SPIDER_MODULES[:] = ["cli.demo.spiders"]
    return crawl(outlet, options)
