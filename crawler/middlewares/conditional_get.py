"""Conditional GET (RFC 9110, 13) for sources whose validators are trusted.

Whether a source has changed is still decided by the hash of its body.
"""

from datetime import UTC, datetime

from scrapy.crawler import Crawler
from scrapy.http import Request

from crawler.crawl.session import Session
from crawler.sources import Source


class ConditionalGet:
    """Adds If-None-Match and If-Modified-Since to the first request of a source."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ConditionalGet":
        return cls(Session.of(crawler))

    def process_request(self, request: Request) -> None:
        """Adds the validators that the source sent last time."""
        source = request.meta.get("source")
        if not isinstance(source, Source) or not source.trust_validators:
            return
        if request.method != "GET" or request.url != source.url or self._session.options.recheck:
            return
        headers = self._session.polls.conditional_headers(source.url, datetime.now(UTC))
        for name, value in headers.items():
            request.headers.setdefault(name, value)
