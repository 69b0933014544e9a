"""Opens the database that is shown, for reading only, and notices when it is replaced."""

import os
import secrets
import threading
from pathlib import Path

from sqlalchemy import Connection, make_url, text

from storage.database import Database, open_database
from storage.dialects import is_sqlite

_PATIENCE_SECONDS = 2.0
"""How long a page waits for a busy database; then it says so, and the visitor tries again."""


class Corpus:
    """The database of a web process, opened when the first page asks for it.

    A file that is missing or of another schema raises a StorageError each time, until it is there.
    A file that is replaced is opened anew. Safe for several threads.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._database: Database | None = None
        self._file_id: tuple[int, int] | None = None
        self._watcher: Connection | None = None
        self._epoch = secrets.token_hex(4)

    def open(self) -> Database:
        """Returns the open database. Raises StorageError, with what is wrong in one sentence."""
        with self._lock:
            return self._open()

    def version(self) -> str:
        """Returns a text that changes with every commit of another process.

        Raises StorageError if the database cannot be opened.
        """
        with self._lock:
            database = self._open()
            if self._watcher is None:
                self._watcher = database.engine.connect()
            query = (
                "PRAGMA data_version"
                if is_sqlite(self._watcher)
                else "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
            )
            try:
                number = self._watcher.scalar(text(query))
                self._watcher.rollback()
            except Exception:
                self._close()
                raise
            return f"{self._epoch}-{number}"

    def close(self) -> None:
        """Closes all connections."""
        with self._lock:
            self._close()

    def _open(self) -> Database:
        file_id = self._current_file_id()
        if self._database is not None and file_id != self._file_id:
            self._close()
        if self._database is None:
            self._database = open_database(self._url, create=False, patience=_PATIENCE_SECONDS)
            self._file_id = file_id
        return self._database

    def _current_file_id(self) -> tuple[int, int] | None:
        """Returns what tells one SQLite file from another at the same path."""
        url = make_url(self._url)
        if url.get_backend_name() != "sqlite":
            return None
        try:
            found = os.stat(Path(str(url.database)))  # noqa: PTH116 - one call, at each request
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _close(self) -> None:
        if self._watcher is not None:
            self._watcher.close()
            self._watcher = None
        if self._database is not None:
            self._database.close()
            self._database = None
        self._epoch = secrets.token_hex(4)
