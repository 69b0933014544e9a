"""One gap between two requests to a host, whatever number of processes read from it."""

import asyncio
import logging
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request

from crawler.answers import Refusal
from crawler.session import Session
from storage.errors import StorageError

log = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds for the database; without it the process's own gap still holds
NOTICEABLE = 0.1


class HostBudget:
    """Takes turns at a host with other processes: other outlets on it, crawls by hand, backfills.

    A host that asked for a pause (429, 503) is left alone by all of them.
    """

    def __init__(self, crawler: Crawler, session: Session) -> None:
        self._crawler = crawler
        self._session = session
        self._longest = crawler.settings.getfloat("NKWIRE_LONGEST_WAIT")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "HostBudget":
        session: Session = crawler.spider.session  # type: ignore[union-attr]
        if session.options.recordings or session.recorded:
            raise NotConfigured
        return cls(crawler, session)

    async def process_request(self, request: Request) -> None:
        database = self._session.database
        if database is None:
            return
        parts = urlsplit(request.url)
        try:
            taking = asyncio.to_thread(
                database.reserve, parts.netloc, self._gap(parts.hostname or "")
            )
            wait, held = await asyncio.wait_for(taking, PATIENCE)
        except (StorageError, TimeoutError) as error:
            log.warning("no turn at %s could be taken: %s", parts.netloc, error or "no answer")
            return
        if held > self._longest:
            raise Refusal("refused", f"{parts.netloc} asked to be left alone for {held:.0f} s more")
        if max(wait, held) > NOTICEABLE:
            self._session.count("waited")
        await asyncio.sleep(max(wait, held))

    def _gap(self, host: str) -> float:
        """Seconds between two requests: the outlet's, or what robots.txt asks for."""
        asked = self._crawler.engine.downloader.per_slot_settings.get(host, {})
        return max(self._crawler.settings.getfloat("DOWNLOAD_DELAY"), asked.get("delay") or 0.0)
