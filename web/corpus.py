"""Opens the database that is shown, for reading only, and notices what happens to it meanwhile."""

import secrets
import threading
import time
from pathlib import Path

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError

from storage.database import Database, open_database
from storage.dialects import is_sqlite
from storage.drivers.driver_errors import to_storage_error
from storage.engine import parse_url
from storage.errors import SchemaError, StorageError
from storage.migrations import HEAD

PATIENCE_SECONDS = 2.0
"""How long a page waits for a busy database; then it says so, and the visitor tries again."""
RETRY_SECONDS = 1.0
"""For how long what went wrong at the opening is told again without another try."""


class Corpus:
    """The database of a web process, opened when the first page asks for it.

    A database that is missing, out of reach, damaged or of another version raises a StorageError
    each time, until it is as it should be. A file that is replaced is opened anew, and so is a
    database whose tables another nkwire brought to another version. Safe for several threads.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._database: Database | None = None
        self._file_id: tuple[int, int] | None = None
        self._watcher: Connection | None = None
        self._version = ""
        self._epoch = secrets.token_hex(4)
        self._failure: tuple[StorageError, float] | None = None

    def open(self) -> Database:
        """Returns the open database. Raises StorageError, with what is wrong in one sentence."""
        with self._lock:
            return self._open()

    def version(self) -> str:
        """Returns a text that changes with every commit of another process.

        Raises StorageError if the database cannot be opened.
        """
        with self._lock:
            self._open()
            try:
                return self._read_version()
            except (StorageError, DBAPIError):
                # A server that was restarted, or a file that another replaced: is it there now?
                self._close()
                self._open()
            try:
                return self._read_version()
            except (StorageError, DBAPIError) as error:
                self._close()
                raise self._remember(error) from error

    def doubt(self) -> None:
        """Lets the next page open the database anew: a page of it could not be read."""
        with self._lock:
            self._close()

    def close(self) -> None:
        """Closes all connections."""
        with self._lock:
            self._close()

    def _open(self) -> Database:
        if self._failure is not None and time.monotonic() < self._failure[1]:
            # Else all visitors would wait one after another for a database that is out of reach.
            raise self._failure[0].with_traceback(None)
        file_id = self._current_file_id()
        if self._database is not None and file_id != self._file_id:
            self._close()
        if self._database is None:
            try:
                self._database = self._open_anew()
            except (StorageError, DBAPIError) as error:
                raise self._remember(error) from error
            self._file_id = file_id
        return self._database

    def _open_anew(self) -> Database:
        url = _with_connect_timeout(parse_url(self._url))
        return open_database(
            url.render_as_string(hide_password=False),
            reading_only=True,
            statement_seconds=PATIENCE_SECONDS,
            patience=PATIENCE_SECONDS,
        )

    def _read_version(self) -> str:
        if self._watcher is None:
            assert self._database is not None
            self._watcher = self._database.engine.connect()
        counter = (
            "PRAGMA data_version"
            if is_sqlite(self._watcher)
            else "SELECT pg_snapshot_xmax(pg_current_snapshot())::text"
        )
        version = f"{self._epoch}-{self._watcher.scalar(text(counter))}"
        if version != self._version:
            revision = self._watcher.scalar(text("SELECT version_num FROM alembic_version"))
            if revision != HEAD:
                raise SchemaError(f"the tables are of revision {revision} now")
            self._version = version
        self._watcher.rollback()
        return version

    def _remember(self, error: StorageError | DBAPIError) -> StorageError:
        found = to_storage_error(error) if isinstance(error, DBAPIError) else error
        self._failure = found, time.monotonic() + RETRY_SECONDS
        return found

    def _current_file_id(self) -> tuple[int, int] | None:
        """Returns what tells one SQLite file from another at the same path."""
        url = parse_url(self._url)
        if url.get_backend_name() != "sqlite":
            return None
        try:
            found = Path(str(url.database)).stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _close(self) -> None:
        if self._watcher is not None:
            # A connection that broke can be given up only.
            self._watcher.invalidate()
            self._watcher.close()
            self._watcher = None
        if self._database is not None:
            self._database.close()
            self._database = None
        self._version = ""
        self._epoch = secrets.token_hex(4)


def _with_connect_timeout(url: URL) -> URL:
    """Returns the URL; a PostgreSQL server that does not answer is given up after a while."""
    if url.get_backend_name() == "sqlite" or "connect_timeout" in url.query:
        return url
    return url.update_query_dict({"connect_timeout": str(int(PATIENCE_SECONDS))})
