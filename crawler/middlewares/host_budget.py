"""Keeps the gap between two requests to a host, across all processes that read from it.

A process that cannot ask the database for a turn sends no request. It waits as long as the database
waits for itself (`storage.engine`: five minutes), then its run ends as failed.
"""

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
from crawler.crawl.run_outcome import DATABASE_LOST
from crawler.crawl.session import Session
from storage.counts import Count
from storage.errors import StorageError

if TYPE_CHECKING:
    from storage import Database

log = logging.getLogger(__name__)

SILENCE_SECONDS = 5.0  # after so long the log says that the database does not answer
STOP_CHECK_SECONDS = 0.5  # between looks whether the crawl was stopped meanwhile
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
        self._lost_because = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "HostBudget":
        session = Session.of(crawler)
        if session.options.replay_files or session.recorded_responses:
            raise NotConfigured
        return cls(crawler, session)

    async def process_request(self, request: Request) -> None:
        """Waits for a turn.

        Raises ForbiddenRequestError if the host's pause is too long, or no turn can be had since the
        database is gone or the crawl was stopped.
        """
        database = self._session.database
        if database is None:
            return
        parts = urlsplit(request.url)
        interval = self._request_interval(parts.hostname or "")
        wait, pause = self._use_reserved_turn(parts.netloc, interval) or await self._reserve_turns(
            database, parts.netloc, interval
        )
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
        wait, pause = await self._ask(database, host, interval * turn_count)
        first_turn_at = time.monotonic() + wait
        if not pause:
            self._reserved_turns[host] = ReservedTurns(
                turn_count - 1, first_turn_at, first_turn_at + RESERVATION_SECONDS
            )
        return wait, pause

    async def _ask(self, database: "Database", host: str, gap: float) -> tuple[float, float]:
        """Reserves a turn, however long the database takes; ends the crawl if that gives up."""
        if self._lost_because:
            raise _no_turn(host, self._lost_because)
        asking = asyncio.ensure_future(asyncio.to_thread(database.hosts.reserve_turn, host, gap))
        asking.add_done_callback(_read_error)
        asked_at, is_told = time.monotonic(), False
        while not (await asyncio.wait({asking}, timeout=STOP_CHECK_SECONDS))[0]:
            if not self._crawler.crawling:
                raise _no_turn(host, "the database does not answer, and the crawl was stopped")
            if not is_told and time.monotonic() - asked_at > SILENCE_SECONDS:
                log.warning("the database does not answer: no request is sent until it does")
                is_told = True
        try:
            answer = await asking
        except StorageError as error:
            log.error("no turn at %s could be reserved, so the crawl ends: %s", host, error)
            self._lost_because = str(error)
            self._session.end_early(self._crawler, DATABASE_LOST)
            raise _no_turn(host, self._lost_because) from error
        if is_told:
            log.warning("the database answers again after %.0f s", time.monotonic() - asked_at)
        return answer

    def _request_interval(self, host: str) -> float:
        """Returns the seconds between two requests: the longer of the outlet's and robots.txt's."""
        slot_settings = self._crawler.engine.downloader.per_slot_settings.get(host, {})
        return max(
            self._crawler.settings.getfloat("DOWNLOAD_DELAY"), slot_settings.get("delay") or 0.0
        )


def _no_turn(host: str, reason: str) -> ForbiddenRequestError:
    """Returns the failure of a request that is not the host's."""
    return ForbiddenRequestError(Cause.UNREACHABLE, f"no turn at {host}: {reason}")


def _read_error(asking: asyncio.Future[tuple[float, float]]) -> None:
    """Takes note of the error of a call that nobody waits for any more, else asyncio logs it."""
    if not asking.cancelled():
        asking.exception()
