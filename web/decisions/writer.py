"""Opens the database for writing, when the first decision is posted, and for one at a time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from storage.database import Database, open_database
from storage.errors import Unavailable

T = TypeVar("T")
PATIENCE_SECONDS = 2.0
"""How long a form waits for a busy database. Then it says so: nobody waits in line."""


class DecisionWriter:
    """The only connection of the process that writes. Safe for several threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()

    @contextmanager
    def open(self) -> Iterator[Database]:
        """Opens the database for one decision. Raises StorageError, Unavailable if it is busy."""
        if not self._lock.acquire(timeout=PATIENCE_SECONDS):
            raise Unavailable("another decision is being stored")
        try:
            # Opened each time: the file may have been replaced since the last decision.
            database = open_database(
                self._url, create=False, patience=PATIENCE_SECONDS, lock_seconds=PATIENCE_SECONDS
            )
            try:
                yield database
            finally:
                database.close()
        finally:
            self._lock.release()

    def run(self, work: Callable[[Database], T]) -> T:
        """Calls `work` with the database and returns its result."""
        with self.open() as database:
            return work(database)
