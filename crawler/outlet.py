"""OutletSpider: an outlet's declaration as a Scrapy spider, and the one crawl loop."""

from collections.abc import AsyncIterator
from typing import Any

import scrapy
from scrapy.http import Request, Response

from crawler.declaration import Outlet
from crawler.sources import Source


class OutletSpider(Outlet, scrapy.Spider, abstract=True):
    """Base of every outlet; a subclass only declares (see `crawler.declaration.Outlet`)."""

    async def start(self) -> AsyncIterator[Any]:
        for source in self.sources:
            yield Request(source.url, callback=self.parse_source, cb_kwargs={"source": source})

    async def parse_source(self, response: Response, source: Source) -> AsyncIterator[Any]:
        """Turn what a source lists into requests for the articles that are not known yet."""
        raise NotImplementedError
        yield
