"""Keeps the gap between two requests to a host, across all processes that read from it."""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request

from crawler.crawl.causes import Cause, ForbiddenRequestError
from crawler.crawl.session import Session
from storage.counts import Count
from storage.errors import StorageError

if TYPE_CHECKING:
    from storage import Database

log = logging.getLogger(__name__)

DATABASE_TIMEOUT_SECONDS = 5.0  # then only this process's own delay holds
MIN_COUNTED_WAIT_SECONDS = 0.1
# One call of the database reserves the turns of so many seconds; most outlets' delays are longer.
RESERVATION_SECONDS = 1.0
MAX_RESERVED_TURNS = 50


@dataclass
class ReservedTurns:
    """Turns at a host that only this process may use.

    They end when they are used up or at `expires_at`. Times are those of `time.monotonic()`.
    """

    remaining: int
    last_turn_at: float
    expires_at: float


class HostBudget:
    """Shares a host with other processes: other outlets on it, crawls by hand, backfills.

    None of them sends a request to a host that asked for a pause (429, 503).
    """

    def __init__(self, crawler: Crawler, session: Session) -> None:
        self._crawler = crawler
        self._session = session
        self._max_wait = crawler.settings.getfloat("NKWIRE_LONGEST_WAIT")
        self._reserved_turns: dict[str, ReservedTurns] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "HostBudget":
        session = Session.of(crawler)
        if session.options.replay_files or session.recorded_responses:
            raise NotConfigured
        return cls(crawler, session)

    async def process_request(self, request: Request) -> None:
        """Waits for a turn. Raises ForbiddenRequestError if the host's pause is too long."""
        database = self._session.database
        if database is None:
            return
        parts = urlsplit(request.url)
        interval = self._request_interval(parts.hostname or "")
        try:
            wait, pause = self._use_reserved_turn(
                parts.netloc, interval
            ) or await self._reserve_turns(database, parts.netloc, interval)
        except (StorageError, TimeoutError) as error:
            log.warning(
                "could not reserve a turn at %s: %s", parts.netloc, str(error) or "no answer"
            )
            return
        if pause > self._max_wait:
            raise ForbiddenRequestError(
                Cause.REFUSED, f"{parts.netloc} asked for no requests for {pause:.0f} s more"
            )
        if max(wait, pause) > MIN_COUNTED_WAIT_SECONDS:
            self._session.count(Count.WAITED)
        await asyncio.sleep(max(wait, pause))

    def _use_reserved_turn(self, host: str, interval: float) -> tuple[float, float] | None:
        """Returns the seconds until a turn that is already reserved, and 0 for the pause.

        None if there is no such turn.
        """
        turns, now = self._reserved_turns.get(host), time.monotonic()
        if (
            turns is None
            or not turns.remaining
            or max(now, turns.last_turn_at + interval) > turns.expires_at
        ):
            return None
        turns.remaining -= 1
        turns.last_turn_at += interval
        return max(0.0, turns.last_turn_at - now), 0.0

    async def _reserve_turns(
        self, database: "Database", host: str, interval: float
    ) -> tuple[float, float]:
        """Reserves turns in the database, as many as fit into RESERVATION_SECONDS.

        Returns the seconds until the first turn, and the seconds of the host's pause.
        """
        turn_count = (
            min(MAX_RESERVED_TURNS, max(1, int(RESERVATION_SECONDS / interval)))
            if interval
            else MAX_RESERVED_TURNS
        )
        reservation = asyncio.to_thread(database.hosts.reserve_turn, host, interval * turn_count)
        async with asyncio.timeout(DATABASE_TIMEOUT_SECONDS):
            wait, pause = await reservation
        first_turn_at = time.monotonic() + wait
        if not pause:
            self._reserved_turns[host] = ReservedTurns(
                turn_count - 1, first_turn_at, first_turn_at + RESERVATION_SECONDS
            )
        return wait, pause

    def _request_interval(self, host: str) -> float:
        """Returns the seconds between two requests: the longer of the outlet's and robots.txt's."""
        slot_settings = self._crawler.engine.downloader.per_slot_settings.get(host, {})
        return max(
            self._crawler.settings.getfloat("DOWNLOAD_DELAY"), slot_settings.get("delay") or 0.0
        )
