"""Ends a run whose worker hangs, is suspended, or does not reach the database any more.

A worker ends its children itself, but not while it is stopped. Then the same outlet would be read
twice at once: here, and by the worker that was given the run.
"""

import os
import signal
import threading
import time
from contextlib import suppress

from storage import Database
from storage.errors import StorageError

_LOOK_SECONDS = 3.0  # at most, between looks
_FIRST_SECONDS = 10.0  # for the first answer of the database


def watch_job(database: Database, job: int | None) -> None:
    """Kills this process and its group once its job is not surely its worker's any more.

    Does nothing without a job. Threads of its own look, so a busy run is watched too.
    """
    if job is not None:
        _JobWatch(database, job).start()


class _JobWatch:
    """One thread asks, which may hang with the database; another one acts when time is over."""

    def __init__(self, database: Database, job: int) -> None:
        self._database = database
        self._job = job
        self._held_until = time.monotonic() + _FIRST_SECONDS

    def start(self) -> None:
        for work in (self._ask, self._act):
            threading.Thread(target=work, name="job", daemon=True).start()

    def _ask(self) -> None:
        while True:
            asked_at = time.monotonic()
            with suppress(StorageError):  # what was known before counts
                self._held_until = asked_at + self._database.workers.seconds_held(self._job)
            time.sleep(min(_LOOK_SECONDS, max(0.1, self._left() / 2)))

    def _act(self) -> None:
        while (left := self._left()) > 0:
            time.sleep(min(_LOOK_SECONDS, left))
        os.killpg(0, signal.SIGKILL)

    def _left(self) -> float:
        return self._held_until - time.monotonic()
