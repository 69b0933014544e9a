"""Holds the lease of the process that leads, and calls the database without waiting for ever."""

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

from crawler.processes.leader import leader_line
from storage import Database
from storage.errors import StorageError

DATABASE_ERRORS = (StorageError, OSError, MemoryError, RuntimeError)
"""What a call of the database can raise: also TimeoutError, and no thread for the call."""
T = TypeVar("T")

log = logging.getLogger("nkwire.scheduler")


class LeaseHolder:
    """Acquires and renews one lease of the database for one owner.

    `seconds`: how long the lease lasts. `heartbeat_at`: when it was last looked at, by
    `time.monotonic()`. `lost_because`: why the last renewal failed, "" if it did not; `problem`: the
    error of the last look at it.
    """

    def __init__(self, database: Database, name: str, owner: str, seconds: float) -> None:
        self.name, self.owner = name, owner
        self.heartbeat_at = time.monotonic()
        self.lost_because = ""
        self.problem: Exception | None = None
        self._database = database
        self._seconds = seconds
        self._renewed_at = float("-inf")
        self._told = ""
        self._holder = ""
        self._executor = ThreadPoolExecutor(1, "database")

    async def call(self, call: Callable[..., T], *args: object) -> T:
        """Calls the database in a thread of its own, so that a hang stops nothing else.

        Raises DATABASE_ERRORS: TimeoutError if it takes longer than half a lease.
        """
        future = asyncio.get_running_loop().run_in_executor(self._executor, lambda: call(*args))
        async with asyncio.timeout(max(5.0, self._seconds / 2)):
            return await future

    async def seconds_left(self) -> float:
        """Returns the seconds until the lease of another owner ends."""
        self.heartbeat_at = time.monotonic()
        self.problem = None
        try:
            return await self.call(self._database.leases.seconds_left, self.name)
        except DATABASE_ERRORS as error:
            self.problem = error
            self._tell_once(f"cannot read the lease: {problem_line(error)}")
            return self._seconds

    async def holder_line(self) -> str:
        """Returns who leads instead, in one line; of the last known one if the database is silent."""
        with suppress(*DATABASE_ERRORS):
            self._holder = await self.call(self._database.leases.owner, self.name)
        return leader_line(self._holder)

    async def renew(self) -> bool:
        """Acquires or renews the lease. Returns whether this owner holds it.

        If the database does not answer, the lease counts as held for two thirds of its time.
        """
        requested_at = self.heartbeat_at = time.monotonic()
        self.problem = None
        try:
            is_held = await self.call(
                self._database.leases.acquire, self.name, self.owner, self._seconds
            )
        except DATABASE_ERRORS as error:
            self.lost_because, self.problem = problem_line(error), error
            self._tell_once(f"cannot renew the lease: {self.lost_because}")
            return requested_at - self._renewed_at < self._seconds * 2 / 3
        self._renewed_at = requested_at if is_held else float("-inf")
        self.lost_because = "" if is_held else "another scheduler took it"
        if self._told:
            log.warning("the database answers again")
            self._told = ""
        return is_held

    async def release(self) -> None:
        """Releases the lease, so that another owner need not wait for its end."""
        self._renewed_at = float("-inf")
        with suppress(*DATABASE_ERRORS):
            await self.call(self._database.leases.release, self.name, self.owner)

    def close(self) -> None:
        """Ends the thread; does not wait for a call that hangs."""
        self._executor.shutdown(wait=False)

    def _tell_once(self, line: str) -> None:
        """Logs a problem when it begins or changes, and not every few seconds."""
        if line != self._told:
            log.error("%s", line)
            self._told = line


def problem_line(error: BaseException) -> str:
    """Returns why a call of the database failed, as one line that is never empty."""
    if isinstance(error, TimeoutError) and not str(error):
        return "the database does not answer"
    return " ".join(str(error).split()) or type(error).__name__
