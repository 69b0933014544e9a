"""What a child of the demo runs: the ordinary crawl, knowing the invented outlets only."""

from crawler.run import crawl as crawl_outlet

from crawler import registry
from crawler.options import CrawlOptions
from storage.records import Run

SPIDERS = "cli.demo.spiders"


def crawl(outlet: str, options: CrawlOptions) -> Run:
    """Crawl one of the invented outlets."""
    registry.SPIDER_MODULES[:] = [SPIDERS]
    return crawl_outlet(outlet, options)
