"""Hands the pages of a run to Scrapy's engine once all sources are read."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import islice

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider

MAX_QUEUED = 500  # requests handed over at a time: a large ingest never queues all its pages


Plan = Callable[[], Awaitable[Iterable[Request]]]


class PageFeeder:
    """Keeps a spider open until its pages are planned and fetched.

    Scrapy sends `spider_idle` when no request is left, so all sources are read by then, and those
    that a middleware dropped are not waited for (docs.scrapy.org, topics/signals). `plans` are made
    in turn, each after the pages of the one before are answered.
    """

    def __init__(self, crawler: Crawler, *plans: Plan) -> None:
        self._crawler = crawler
        self._plans = iter(plans)
        self._requests: Iterator[Request] = iter(())
        self._plan_task: asyncio.Task[None] | None = None
        self._is_planned = False
        crawler.signals.connect(self.spider_idle, signal=signals.spider_idle)

    def spider_idle(self) -> None:
        """Makes the next plan, or hands over more of its pages.

        Raises DontCloseSpider unless all pages of all plans are handed over.
        """
        if self._plan_task is not None and not self._plan_task.done():
            raise DontCloseSpider
        if self._is_planned:
            return
        if not self._hand_over():
            self._plan_task = asyncio.ensure_future(self._plan_next())
        raise DontCloseSpider

    async def _plan_next(self) -> None:
        for plan in self._plans:
            self._requests = _iter_without_keeping(await plan())
            if self._has_engine and self._hand_over():
                return
        self._is_planned = True
        # Scrapy asks again only after seconds, so an empty plan ends the crawl here.
        engine = self._crawler.engine
        if engine is not None and self._has_engine:
            await engine.close_spider_async(reason="finished")

    @property
    def _has_engine(self) -> bool:
        engine = self._crawler.engine
        return engine is not None and engine.spider is not None

    def _hand_over(self) -> bool:
        """Hands the next requests to the engine; False if there are none."""
        engine = self._crawler.engine
        assert engine is not None
        requests = list(islice(self._requests, MAX_QUEUED))
        for request in requests:
            engine.crawl(request)
        return bool(requests)


def _iter_without_keeping(requests: Iterable[Request]) -> Iterator[Request]:
    """Yields requests; a list is emptied, because what is kept of a request keeps its page, too."""
    if isinstance(requests, list):
        requests.reverse()
        while requests:
            yield requests.pop()
    else:
        yield from requests
