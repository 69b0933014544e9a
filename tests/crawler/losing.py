"""A fault for tests: Scrapy drops requests and tells nobody."""

from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest


class LosesOddPages:
    """Drops the requests for pages with an odd number before the scheduler sees them."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        loser = cls()
        crawler.signals.connect(loser.request_scheduled, signal=signals.request_scheduled)
        crawler.loser = loser  # type: ignore[attr-defined]  # signals keep weak references only
        return loser

    def request_scheduled(self, request: Request) -> None:
        """Raises IgnoreRequest, on which the engine calls neither callback nor errback."""
        if "/news/" in request.url and int(request.url[-1]) % 2:
            raise IgnoreRequest
