"""Lets requests go to the outlet's own hosts only, whatever flags they carry."""

import logging
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import Request

from crawler.crawl.causes import Cause, ForbiddenRequestError
from crawler.crawl.session import Session
from crawler.extract.urls import is_own_url
from storage.counts import Count

log = logging.getLogger(__name__)


class OffsiteGuard:
    """Refuses all other hosts.

    Scrapy's own guard lets start requests, retries and redirects pass.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._hosts = session.outlet.hosts

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "OffsiteGuard":
        return cls(Session.of(crawler))

    count = Count.REJECT_OFFSITE

    def process_request(self, request: Request) -> None:
        """Raises ForbiddenRequestError for a host that is not the outlet's."""
        if error := self.refusal(request):
            self._session.count(self.count)
            raise error

    def refusal(self, request: Request) -> ForbiddenRequestError | None:
        """Returns why a request may not be sent; None if it may."""
        if request.meta.get("recorded") or is_own_url(request.url, self._hosts):
            return None
        host = urlsplit(request.url).hostname
        return ForbiddenRequestError(
            Cause.ERROR, f"{host} is not a host of {self._session.outlet.name}"
        )
