"""Handles 429 and 503: the host pauses as long as it asks; if that is too long, the run ends."""

import asyncio
import logging
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Request, Response

from crawler.crawl.session import Session
from storage.counts import Count
from storage.errors import StorageError

log = logging.getLogger(__name__)

BUSY_STATUSES = frozenset({429, 503})
MAX_HOLD_SECONDS = 7 * 86400.0  # longest pause that other processes must keep
MAX_GIVEN_UP_IN_A_ROW = 3  # pages in a row that are still refused after their retries


class RetryAfter:
    """Delays every request to a host until the host's pause is over.

    If a host asks for more than NKWIRE_LONGEST_WAIT seconds, the run ends as refused, and its
    record says when to come back.
    """

    def __init__(self, crawler: Crawler, session: Session) -> None:
        self._crawler = crawler
        self._session = session
        self._default_pause = crawler.settings.getfloat("NKWIRE_RETRY_AFTER")
        self._max_wait = crawler.settings.getfloat("NKWIRE_LONGEST_WAIT")
        self._paused_until: dict[str, float] = {}
        self._given_up = 0
        self._hold_task: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RetryAfter":
        return cls(crawler, Session.of(crawler))

    async def process_request(self, request: Request) -> None:
        """Waits until the host's pause is over."""
        host = urlsplit(request.url).netloc
        while (pause := self._paused_until.get(host, 0.0) - time.monotonic()) > 0:
            await asyncio.sleep(pause)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Pauses the host and repeats the request, or ends the run."""
        if response.status not in BUSY_STATUSES:
            self._given_up = 0
            return response
        if request.meta.get("is_robots") or request.meta.get("dont_retry"):
            return response
        requested_pause = parse_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        pause = self._default_pause if requested_pause is None else requested_pause
        if pause > self._max_wait:
            self._close_spider(request, pause)
            return response
        self._session.count(Count.PAUSED)
        host = urlsplit(request.url).netloc
        self._paused_until[host] = time.monotonic() + pause
        self._hold_host(host, pause)
        spider = self._crawler.spider
        assert spider is not None
        reason = f"status {response.status}"
        # Repeated before other pages, else each of those would be refused first.
        retry_request = get_retry_request(request, spider=spider, reason=reason, priority_adjust=1)
        if retry_request is not None:
            log.info("%s is busy (%s): pause of %.0f s", host, response.status, pause)
            return retry_request
        self._given_up += 1
        if self._given_up >= MAX_GIVEN_UP_IN_A_ROW:
            self._close_spider(request, pause)
        return response

    def _close_spider(self, request: Request, pause: float) -> None:
        if self._session.is_ending:
            return
        return_at = datetime.now(UTC) + timedelta(seconds=pause)
        host = urlsplit(request.url).netloc
        self._hold_host(host, min(pause, MAX_HOLD_SECONDS))
        # Replaces an earlier note: a run keeps one, and this one says more.
        self._session.note = (
            f"{host} asks to come back after {return_at.isoformat(timespec='seconds')}"
        )
        self._session.run.retry_at = return_at
        self._session.end_early(self._crawler, "refused")

    def _hold_host(self, host: str, pause: float) -> None:
        """Keeps all other processes away from the host during the pause."""
        database = self._session.database
        if database is None:
            return

        async def save_pause() -> None:
            with suppress(StorageError):
                await asyncio.to_thread(database.hosts.pause, host, pause)

        self._hold_task = asyncio.ensure_future(save_pause())


def parse_retry_after(header: bytes | None, now: datetime) -> float | None:
    """Returns the seconds that a Retry-After header asks for (RFC 9110, 10.2.3).

    The header holds a number of seconds or a date. Returns None if it holds neither.
    """
    text = (header or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())
