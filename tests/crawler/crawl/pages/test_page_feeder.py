"""Pages are planned when no request for a source is left, whatever became of the sources."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy import Request

from crawler import settings
from crawler.crawl.session import Session
from crawler.discovery.link_urls import MAX_URL_CHARS
from crawler.sources import Feed
from tests.crawler.conftest import Declare, Site, World


class DropLost:
    """A spider middleware that drops a request without a word, as Scrapy's own do."""

    async def process_start(self, start: AsyncIterator[Request]) -> AsyncIterator[Request]:
        """Drop."""
        async for request in start:
            if not request.url.endswith("/lost"):
                yield request


def test_a_source_whose_request_is_dropped_is_not_waited_for(
    site: Site, declare: Declare, world: World
) -> None:
    site.put_feed([1])
    site.put_article(1)
    outlet = declare(sources=(Feed(site.url("/lost")), Feed(site.url("/feed"))))
    drops = {"SPIDER_MIDDLEWARES": {f"{__name__}.{DropLost.__name__}": 10}}
    run = world.crawl(outlet, settings=drops)
    assert (run.outcome, run.counts["stored.new"]) == ("ok", 1)
    assert site.paths("/lost") == []


def test_a_crawl_with_no_page_to_fetch_ends(site: Site, declare: Declare, world: World) -> None:
    run = world.crawl(declare(sources=(Feed(site.url("/nowhere")),)))
    assert (run.outcome, run.stop_reason) == ("empty", None)


@pytest.mark.slow
def test_more_pages_than_are_handed_over_at_a_time_are_all_read(
    site: Site, declare: Declare, world: World
) -> None:
    numbers = range(505)
    site.put_feed(numbers)
    for number in numbers:
        site.put_article(number)
    run = world.crawl(declare(), settings={"NKWIRE_PAGE_BUDGET": 600, "DOWNLOAD_DELAY": 0})
    assert run.counts["stored.new"] == len(numbers)


def test_scrapy_drops_no_address_that_discovery_passes() -> None:
    assert settings.URLLENGTH_LIMIT == MAX_URL_CHARS


def test_a_crawler_without_our_spider_has_no_session() -> None:
    with pytest.raises(TypeError, match="no session"):
        Session.of(cast("Any", SimpleNamespace(spider=None)))
