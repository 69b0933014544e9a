"""Hands the pages of a run to Scrapy's engine once all sources are read."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import islice

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider

MAX_QUEUED = 500  # requests handed over at a time: a large ingest never queues all its pages


class PageFeeder:
    """Keeps a spider open until its pages are planned and fetched.

    Scrapy sends `spider_idle` when no request is left, so all sources are read by then, and those
    that a middleware dropped are not waited for (docs.scrapy.org, topics/signals).
    """

    def __init__(
        self, crawler: Crawler, plan_requests: Callable[[], Awaitable[Iterable[Request]]]
    ) -> None:
        self._crawler = crawler
        self._plan_requests = plan_requests
        self._requests: Iterator[Request] = iter(())
        self._plan_task: asyncio.Task[None] | None = None
        crawler.signals.connect(self.spider_idle, signal=signals.spider_idle)

    def spider_idle(self) -> None:
        """Plans the pages at the first call, and hands over more of them at each further one.

        Raises DontCloseSpider unless all pages are handed over.
        """
        if self._plan_task is None:
            self._plan_task = asyncio.ensure_future(self._plan())
        if not self._plan_task.done() or self._hand_over():
            raise DontCloseSpider

    async def _plan(self) -> None:
        self._requests = iter(await self._plan_requests())
        engine = self._crawler.engine
        # Scrapy asks again only after seconds, so an empty plan ends the crawl here.
        if engine is not None and engine.spider is not None and not self._hand_over():
            await engine.close_spider_async(reason="finished")

    def _hand_over(self) -> bool:
        """Hands the next requests to the engine; False if there are none."""
        engine = self._crawler.engine
        assert engine is not None
        requests = list(islice(self._requests, MAX_QUEUED))
        for request in requests:
            engine.crawl(request)
        return bool(requests)
