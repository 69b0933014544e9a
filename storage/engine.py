"""Makes the SQLAlchemy engine, runs transactions and repeats them after transient errors."""

import logging
import random
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, Row, Select, create_engine, event, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    ProgrammingError,
)

from storage.backoff import backoff
from storage.batches import ROWS_PER_BATCH
from storage.dialects import is_sqlite, one_moment
from storage.errors import BadUrl, DiskFull, NoDatabase, ReadOnly, StorageError, Unavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

BUSY_TIMEOUT_SECONDS = 20
READING_BUSY_TIMEOUT_SECONDS = 2
"""Readers wait for no writer; who holds the whole file restores or replaces it."""
FIRST_RETRY_DELAY, MAX_RETRY_DELAY = timedelta(seconds=0.05), timedelta(seconds=5)
_ROW_ERROR_SQLSTATES = ("22", "23", "54")  # data exception, constraint violation, program limit
_WRONG_ADDRESS_MESSAGES = (
    "does not exist",
    "authentication failed",
    "no password",
    "translate host name",
)
_DAMAGED_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# Lost connection, server stopping or starting, serialization failure, deadlock, lock timeout,
# too many connections.
_TRANSIENT_SQLSTATES = ("08", "57P0", "40001", "40P01", "55P03", "53300")


def parse_url(url: str) -> URL:
    """Parses a database URL. Raises BadUrl unless it names an SQLite file or PostgreSQL."""
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise BadUrl(f"not a database URL ({error}): try sqlite:///nkwire.db") from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise BadUrl(f"{parsed.get_backend_name()} is not supported: use sqlite or postgresql")
    if parsed.get_driver_name() not in ("pysqlite", "psycopg"):
        raise BadUrl(
            f"the driver {parsed.get_driver_name()} is not supported: leave it out, as in"
            f" {parsed.get_backend_name()}://"
        )
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise BadUrl("several processes share the database, so it must be a file: sqlite:///FILE")
    return parsed


def make_engine(
    url: URL,
    *,
    create: bool,
    reading_only: bool = False,
    statement_seconds: float | None = None,
    lock_seconds: float | None = None,
) -> Engine:
    """Makes an engine. Raises NoDatabase if the SQLite file is missing and `create` is False.

    `reading_only`: the database refuses every change. `statement_seconds`: the longest time of one
    statement on PostgreSQL. `lock_seconds`: how long a statement waits for other writers; None means
    `BUSY_TIMEOUT_SECONDS` on SQLite, and no limit on PostgreSQL.
    """
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        if not create and not path.exists():
            raise NoDatabase(f"no database at {path}: `nkwire run` or `nkwire crawl` makes one")
        path.parent.mkdir(parents=True, exist_ok=True)
        timeout: float = READING_BUSY_TIMEOUT_SECONDS if reading_only else BUSY_TIMEOUT_SECONDS
        if lock_seconds is not None:
            timeout = lock_seconds
        engine = create_engine(url, connect_args={"timeout": timeout})
        event.listen(engine, "connect", _configure_sqlite)
        if reading_only:
            event.listen(engine, "connect", _restrict_sqlite)
    else:
        engine = create_engine(url, pool_pre_ping=True)
        if reading_only:
            event.listen(engine, "connect", partial(_restrict_postgresql, statement_seconds))
        if lock_seconds is not None:
            event.listen(engine, "connect", partial(_limit_locks, lock_seconds))
    return engine


def _configure_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # `_begin_transaction` sends BEGIN
    for pragma in (
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _restrict_sqlite(connection: Any, record: Any) -> None:
    # Several threads read at once, and each has a connection with a cache of its own.
    for pragma in ("cache_size=-16384", "query_only=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _restrict_postgresql(seconds: float | None, connection: Any, record: Any) -> None:
    connection.execute("SET default_transaction_read_only = on")
    if seconds is not None:
        connection.execute(f"SET statement_timeout = {max(1, int(seconds * 1000))}")
    connection.commit()


def _limit_locks(seconds: float, connection: Any, record: Any) -> None:
    connection.execute(f"SET lock_timeout = {max(1, int(seconds * 1000))}")
    connection.commit()


def _begin_transaction(connection: Connection, mode: str) -> None:
    if mode and is_sqlite(connection):
        connection.exec_driver_sql(mode)


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """Rolls back the changes of the block if it raises; the outer transaction stays open.

    Raises StorageError if the outer transaction is lost too.
    """
    connection.exec_driver_sql("SAVEPOINT each")
    try:
        yield
    except Exception as error:
        if isinstance(error, DBAPIError) and not is_row_error(error):
            raise
        _roll_back_savepoint(connection)
        raise
    connection.exec_driver_sql("RELEASE each")


def _roll_back_savepoint(connection: Connection) -> None:
    try:
        connection.exec_driver_sql("ROLLBACK TO each")
        connection.exec_driver_sql("RELEASE each")
    except DBAPIError as error:
        # SQLite ends the transaction after some errors; later statements would then commit alone.
        raise StorageError(f"the transaction was lost: {_driver_message(error)}") from error


class TransactionalEngine:
    """An engine with its reading and writing transactions.

    `patience`: seconds to wait for a busy or lost database. `reading_only`: whether it refuses
    writing transactions.
    """

    reading_only = False

    def __init__(self, engine: Engine, *, patience: float = 300) -> None:
        self.engine = engine
        self.patience = patience

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Opens a reading transaction for the block. Raises StorageError."""
        try:
            with self.engine.connect() as connection:
                _begin_transaction(connection, "BEGIN")
                yield connection
        except DBAPIError as error:
            raise to_storage_error(error) from error

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Opens a reading transaction that sees one moment of the database (REPEATABLE READ)."""
        with self.reading() as connection, one_moment(connection):
            yield connection

    @contextmanager
    def streaming(
        self, statement: Select[Any], at_once: int = ROWS_PER_BATCH
    ) -> Iterator[Iterable[Row[Any]]]:
        """Streams the rows of a SELECT with `at_once` rows in memory.

        The cursor is closed at the end of the block, also if not all rows were read.
        """
        with (
            self.reading() as connection,
            connection.execution_options(yield_per=at_once).execute(statement) as rows,
        ):
            yield rows

    def read(self, work: Callable[[Connection], T]) -> T:
        """Calls `work` in a reading transaction and returns its result.

        Repeats it after transient errors, so `work` may run several times. Raises StorageError.
        """
        return self._retry(work, "BEGIN")

    def write(self, work: Callable[[Connection], T]) -> T:
        """Calls `work` in a writing transaction, commits, and returns the result.

        Repeats it after transient errors, so `work` may run several times. Raises Unavailable,
        DiskFull, ReadOnly or another StorageError; then no change is kept.
        """
        if self.reading_only:
            raise ReadOnly("the database is open for reading only: nothing can be changed")
        # In SQLite a deferred transaction that reads, then writes, can fail whatever the timeout.
        return self._retry(work, "BEGIN IMMEDIATE")

    def outside(self, work: Callable[[Connection], T]) -> T:
        """Calls `work` outside a transaction, as some SQLite statements require."""
        return self._retry(work, "")

    def close(self) -> None:
        """Closes all pooled connections."""
        self.engine.dispose()

    def _retry(self, work: Callable[[Connection], T], mode: str) -> T:
        deadline = time.monotonic() + self.patience
        failures = 0
        while True:
            try:
                with self.engine.begin() as connection:
                    _begin_transaction(connection, mode)
                    return work(connection)
            except DBAPIError as error:
                failures += 1
                self._give_up_or_wait(error, deadline, failures)

    def _give_up_or_wait(self, error: DBAPIError, deadline: float, failures: int) -> None:
        if not is_transient(error) or time.monotonic() >= deadline:
            raise to_storage_error(error) from error
        log.info("database busy or lost, trying again: %s", _driver_message(error))
        pause = backoff(failures, FIRST_RETRY_DELAY, MAX_RETRY_DELAY)
        time.sleep(pause.total_seconds() * random.uniform(0.5, 1.5))


class Facet:
    """Base class for one subject of the database, such as its runs or its articles."""

    def __init__(self, database: TransactionalEngine) -> None:
        self._database = database


def is_disk_full(error: DBAPIError) -> bool:
    """Whether the error says that the disk is full."""
    if getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_SHMSIZE:
        return True  # no room for the shared memory of the write-ahead log
    return _sqlstate(error) == "53100" or "database or disk is full" in str(error.orig)


def is_transient(error: DBAPIError) -> bool:
    """Whether a retry may succeed: the database is busy, the connection was lost, a deadlock."""
    if error.connection_invalidated or "is locked" in str(error.orig):
        return True
    sqlstate = _sqlstate(error)
    if sqlstate is None:
        # psycopg gives no SQLSTATE for a connection that could not be made.
        is_psycopg = type(error.orig).__module__.startswith("psycopg")
        return is_psycopg and not any(
            message in str(error.orig) for message in _WRONG_ADDRESS_MESSAGES
        )
    return sqlstate.startswith(_TRANSIENT_SQLSTATES)


def is_row_error(error: DBAPIError) -> bool:
    """Whether the values of a row caused the error, and not the database or the connection."""
    if is_transient(error):
        return False
    sqlstate = _sqlstate(error)
    if sqlstate is not None:
        return sqlstate.startswith(_ROW_ERROR_SQLSTATES)
    return isinstance(error, DataError | IntegrityError | InterfaceError | ProgrammingError)


def _sqlstate(error: DBAPIError) -> str | None:
    sqlstate = getattr(error.orig, "sqlstate", None)
    return sqlstate if isinstance(sqlstate, str) else None


def _driver_message(error: DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__


def to_storage_error(error: DBAPIError) -> StorageError:
    """Translates a driver's error into a StorageError."""
    if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _DAMAGED_CODES:
        return StorageError(
            f"the file is damaged or no database ({_driver_message(error)}): restore a backup"
        )
    if is_disk_full(error):
        return DiskFull(f"no room for the database: {_driver_message(error)}")
    if is_transient(error):
        return Unavailable(f"the database is busy or out of reach: {_driver_message(error)}")
    return StorageError(f"the database refused: {_driver_message(error)}")
