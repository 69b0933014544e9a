"""One gap between two requests to a host, whatever number of processes read from it."""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request

from crawler.crawl.answers import Refusal
from crawler.crawl.session import Session
from storage.errors import StorageError

if TYPE_CHECKING:
    from storage import Database

log = logging.getLogger(__name__)

PATIENCE = 5.0  # seconds for the database; without it the process's own gap still holds
NOTICEABLE = 0.1
PERIOD = (
    1.0  # seconds of turns that one look at the database takes; those of most outlets are longer
)
MOST = 50


@dataclass
class Turns:
    """Turns at a host that are this process's, until they are used up or `end` has come."""

    left: int
    at: float
    end: float


class HostBudget:
    """Takes turns at a host with other processes: other outlets on it, crawls by hand, backfills.

    A host that asked for a pause (429, 503) is left alone by all of them.
    """

    def __init__(self, crawler: Crawler, session: Session) -> None:
        self._crawler = crawler
        self._session = session
        self._longest = crawler.settings.getfloat("NKWIRE_LONGEST_WAIT")
        self._turns: dict[str, Turns] = {}

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
        gap = self._gap(parts.hostname or "")
        try:
            wait, held = self._own(parts.netloc, gap) or await self._take(
                database, parts.netloc, gap
            )
        except (StorageError, TimeoutError) as error:
            log.warning("no turn at %s could be taken: %s", parts.netloc, error or "no answer")
            return
        if held > self._longest:
            raise Refusal("refused", f"{parts.netloc} asked to be left alone for {held:.0f} s more")
        if max(wait, held) > NOTICEABLE:
            self._session.count("waited")
        await asyncio.sleep(max(wait, held))

    def _own(self, host: str, gap: float) -> tuple[float, float] | None:
        """The seconds until a turn that was taken before; None if there is none."""
        turns, now = self._turns.get(host), time.monotonic()
        if turns is None or not turns.left or max(now, turns.at + gap) > turns.end:
            return None
        turns.left -= 1
        turns.at += gap
        return max(0.0, turns.at - now), 0.0

    async def _take(self, database: "Database", host: str, gap: float) -> tuple[float, float]:
        """The seconds until the next turn and of the host's pause; further turns of a period are kept."""
        number = min(MOST, max(1, int(PERIOD / gap))) if gap else MOST
        taking = asyncio.to_thread(database.hosts.reserve_turn, host, gap * number)
        wait, held = await asyncio.wait_for(taking, PATIENCE)
        at = time.monotonic() + wait
        if not held:
            self._turns[host] = Turns(number - 1, at, at + PERIOD)
        return wait, held

    def _gap(self, host: str) -> float:
        """Seconds between two requests: the outlet's, or what robots.txt asks for."""
        asked = self._crawler.engine.downloader.per_slot_settings.get(host, {})
        return max(self._crawler.settings.getfloat("DOWNLOAD_DELAY"), asked.get("delay") or 0.0)
