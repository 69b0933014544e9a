"""Sets the files of an old SQLite database aside, so that another one can take its name.

SQLite keeps up to three files beside a database. A write-ahead log that outlives its database would
be played back into the next one, so it never stays (https://www.sqlite.org/howtocorrupt.html, 1.4).
"""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL

from storage.drivers.shortages import find_shortage
from storage.engine import TransactionalEngine, make_engine
from storage.errors import DiskFull, InvalidRequest, StorageError
from storage.files.making import draft_of
from storage.runs.leases import Leases

LOG, INDEX, JOURNAL = "-wal", "-shm", "-journal"
_IN_USE_BYTE = 128  # of -shm: each connection holds a shared lock on it (SQLite's os_unix.c)
_LOCK_SECONDS = 2.0
_DAMAGE_CODES = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
_BUSY_CODES = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def refuse_in_use(path: Path, lease: str) -> None:
    """Raises InvalidRequest if a service leads on this database, or a process has it open.

    `lease`: the name of the service's lease. A damaged database is no hindrance.
    """
    if seconds := _lease_seconds(path, lease):
        raise InvalidRequest(
            f"a service runs on {path} (its lease lasts {seconds:.0f} s more): stop it first"
        )
    if _is_open_elsewhere(path):
        raise _in_use(path)


@contextmanager
def set_aside(path: Path) -> Iterator[Path | None]:
    """Gives the old database a second, dated name; the block then replaces the first one.

    Yields the second name; None if there is no old database. First writes the old log into the old
    database, so that it is whole in one file at every instant. What SQLite cannot write into a
    damaged one gets the dated name too. If the block fails before it replaces the database, all
    names are as they were.

    Raises InvalidRequest if a process has it open, DiskFull, StorageError, OSError.
    """
    before = _identity(path)
    connection = _connect_alone(path) if before else None
    try:
        if _identity(path) != before:  # the lock is of a file that lost its name meanwhile
            raise _in_use(path)
        kept = _dated_name(path)
        if before:
            _add_name(path, kept)
        try:
            _move_logs(path, kept)
            yield kept if before else None
        except BaseException:
            if _identity(path) == before:
                _move_logs(kept, path)
                kept.unlink(missing_ok=True)
            raise
    finally:
        if connection is not None:
            connection.close()


def _identity(path: Path) -> tuple[int, int] | None:
    """Returns what tells a file from another one of the same name; None if there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _move_logs(path: Path, other: Path) -> None:
    """Renames what SQLite left beside one database, as if it were of the other."""
    for suffix in (LOG, INDEX, JOURNAL):
        with suppress(FileNotFoundError):
            _beside(path, suffix).rename(_beside(other, suffix))


def sync(path: Path) -> None:
    """Makes a file, or the names in a folder, last on the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _add_name(path: Path, second: Path) -> None:
    try:
        os.link(path, second)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        with draft_of(second) as draft:
            shutil.copy2(path, draft)
            sync(draft)
            draft.rename(second)


def _lease_seconds(path: Path, lease: str) -> float:
    """Returns how long the lease is still held; 0 if it is free or cannot be read."""
    try:
        engine = make_engine(sqlite_file_url(path), create=False, reading_only=True)
        with TransactionalEngine(engine, patience=_LOCK_SECONDS) as database:
            return Leases(database).seconds_left(lease)
    except StorageError:
        return 0.0


def sqlite_file_url(path: Path) -> URL:
    """Returns the URL of a file with any name."""
    return URL.create("sqlite", database=str(path))


def _is_open_elsewhere(path: Path) -> bool:
    """Whether another process of this machine has the database open in WAL mode."""
    try:
        index = os.open(_beside(path, INDEX), os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.lockf(index, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _IN_USE_BYTE)
    except OSError:
        return True
    finally:
        os.close(index)
    return False


def _connect_alone(path: Path) -> sqlite3.Connection | None:
    """Writes the log into the database and keeps all others out until the result is closed.

    Returns None if the database is damaged, so that SQLite cannot do it.
    """
    connection = sqlite3.connect(path, isolation_level=None, timeout=_LOCK_SECONDS)
    try:
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        connection.close()
        if shortage := find_shortage(error, path):
            raise DiskFull(f"{shortage}: {path}") from error
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _BUSY_CODES:
            raise _in_use(path) from error
        if code in _DAMAGE_CODES:
            return None
        raise StorageError(f"{path} cannot be set aside: {error}") from error
    return connection


def _in_use(path: Path) -> InvalidRequest:
    return InvalidRequest(
        f"another process has {path} open: stop the service, `nkwire web` and other commands first"
    )


def _dated_name(path: Path) -> Path:
    """Returns a name that says when the database was replaced, and that nothing has."""
    beginning = f"{path.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = (beginning, *(f"{beginning}-{number}" for number in range(2, 1000)))
    free = (name for name in names if not os.path.lexists(path.with_name(name)))
    return path.with_name(next(free))


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
