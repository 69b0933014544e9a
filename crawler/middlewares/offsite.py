"""Lets requests go to the outlet's own hosts only, whatever flags they carry."""

import logging
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.http import Request

from crawler.crawl.causes import Cause, ForbiddenRequestError
from crawler.crawl.session import Session
from storage.counts import Count

log = logging.getLogger(__name__)

_DEFAULT_PORTS = {"http": 80, "https": 443}


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

    def process_request(self, request: Request) -> None:
        """Raises ForbiddenRequestError for a host that is not the outlet's."""
        if request.meta.get("recorded") or is_own_url(request.url, self._hosts):
            return
        self._session.count(Count.REJECT_OFFSITE)
        host = urlsplit(request.url).hostname
        raise ForbiddenRequestError(
            Cause.ERROR, f"{host} is not a host of {self._session.outlet.name}"
        )


def is_own_url(url: str, hosts: tuple[str, ...]) -> bool:
    """Returns whether a URL is on one of the hosts or on a subdomain of one.

    A host with a port allows that port only.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
    except ValueError:
        return False
    return any(_host_matches(allowed_host, host, port) for allowed_host in hosts)


def _host_matches(allowed_host: str, host: str, port: int) -> bool:
    name, _, named_port = allowed_host.partition(":")
    if named_port and int(named_port) != port:
        return False
    return host == name or host.endswith(f".{name.removeprefix('www.')}")
