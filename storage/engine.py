"""Makes the SQLAlchemy engine, runs transactions and repeats them after transient errors."""

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, Row, Select, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError

from storage.archive.location import is_address
from storage.backoff import backoff
from storage.batches import ROWS_PER_BATCH
from storage.dialects import is_sqlite, one_moment
from storage.drivers.driver_errors import (
    damage_line,
    driver_message,
    is_row_error,
    is_transient,
    to_storage_error,
)
from storage.drivers.sqlite_file import (
    LookingConnection,
    check_for_reading,
    check_for_writing,
    connect_for_reading,
)
from storage.errors import BadUrl, Damaged, ReadOnly, SchemaError, StorageError, Unavailable
from storage.files.making import PRIVATE_MODE, create_file
from storage.guard.secrets import remember_address, remember_secrets

log = logging.getLogger(__name__)

T = TypeVar("T")

BUSY_TIMEOUT_SECONDS = 20
READING_BUSY_TIMEOUT_SECONDS = 2
"""Readers wait for no writer; who holds the whole file restores or replaces it."""
FIRST_RETRY_DELAY, MAX_RETRY_DELAY = timedelta(seconds=0.05), timedelta(seconds=5)
_DRIVERS = {"sqlite": "pysqlite", "postgresql": "psycopg"}
_NO_URL = "not a database URL: write sqlite:///FILE or postgresql://HOST/NAME (USER@ may stand before HOST)"


def parse_url(url: str) -> URL:
    """Parses a database URL. Raises BadUrl unless it names an SQLite file or PostgreSQL."""
    remember_address(url)
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError):
        raise BadUrl(_NO_URL) from None
    backend, _, driver = parsed.drivername.partition("+")
    if backend not in _DRIVERS:
        raise BadUrl(f"{_NO_URL}; {backend} is not supported")
    if driver not in ("", _DRIVERS[backend]):
        # The dialect is not asked: the driver may be missing.
        raise BadUrl(f"the driver {driver} is not supported: leave it out, as in {backend}://")
    if backend == "postgresql" and not _is_unambiguous(parsed):
        raise BadUrl(
            "the database URL can be read in two ways: write @ / ? # : and [ in a password as"
            " %40 %2F %3F %23 %3A and %5B"
        )
    remember_secrets(parsed.password or "")
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise BadUrl("several processes share the database, so it must be a file: sqlite:///FILE")
    if parsed.get_backend_name() == "sqlite" and is_address(str(parsed.database)):
        raise BadUrl("SQLite needs a file on this machine: several hosts share postgresql://")
    return parsed


def _is_unambiguous(url: URL) -> bool:
    """Whether no part of a password can have been taken for a host or for the name."""
    host = url.host or ""
    is_ipv6 = ":" in host and not set(host.partition("%")[0].lower()) - set("0123456789abcdef:.")
    return (is_ipv6 or not set("@:[] ") & set(host)) and "@" not in (url.database or "")


def make_engine(
    url: URL,
    *,
    create: bool,
    reading_only: bool = False,
    statement_seconds: float | None = None,
    lock_seconds: float | None = None,
) -> Engine:
    """Makes an engine. Raises NoDatabase if the SQLite file is missing and `create` is False, and
    another StorageError if the file cannot be a database, or cannot be written.

    `reading_only`: the database refuses every change. `statement_seconds`: the longest time of one
    statement on PostgreSQL. `lock_seconds`: how long a statement waits for other writers; None means
    `BUSY_TIMEOUT_SECONDS` on SQLite, and no limit on PostgreSQL.
    """
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        timeout: float = READING_BUSY_TIMEOUT_SECONDS if reading_only else BUSY_TIMEOUT_SECONDS
        if lock_seconds is not None:
            timeout = lock_seconds
        if reading_only:
            check_for_reading(path)
            engine = create_engine(url, creator=partial(connect_for_reading, path, timeout))
            event.listen(engine, "connect", _restrict_sqlite)
            event.listen(engine, "checkout", _replace_outdated)
        else:
            check_for_writing(path, create=create)
            if create:
                make_private_database(path)
            engine = create_engine(url, connect_args={"timeout": timeout})
        event.listen(engine, "connect", _configure_sqlite, insert=True)
    else:
        engine = create_engine(url, pool_pre_ping=True)
        event.listen(engine, "connect", _check_encoding, insert=True)
        if reading_only:
            event.listen(engine, "connect", partial(_restrict_postgresql, statement_seconds))
        if lock_seconds is not None:
            event.listen(engine, "connect", partial(_limit_locks, lock_seconds))
    return engine


def make_private_database(path: Path) -> None:
    """Makes an empty file for its owner alone. SQLite gives its mode to -wal, -shm and -journal."""
    with suppress(FileExistsError):
        create_file(path, PRIVATE_MODE).close()


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


def _replace_outdated(connection: Any, record: Any, proxy: Any) -> None:
    if isinstance(connection, LookingConnection) and connection.is_outdated:
        raise DisconnectionError("the file was written meanwhile")  # the pool opens it anew


def _check_encoding(connection: Any, record: Any) -> None:
    if (encoding := connection.info.parameter_status("server_encoding")) not in ("UTF8", None):
        raise SchemaError(
            f"the database has the encoding {encoding}, which cannot hold all texts:"
            " make one with `createdb --encoding=UTF8 --template=template0`"
        )


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
        raise StorageError(f"the transaction was lost: {driver_message(error)}") from error


class TransactionalEngine:
    """An engine with its reading and writing transactions.

    `patience`: seconds to wait for a busy or lost database. `reading_only`: whether it refuses
    writing transactions.
    """

    reading_only = False

    def __init__(self, engine: Engine, *, patience: float = 300) -> None:
        self.engine = engine
        self.patience = patience

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None for PostgreSQL."""
        return Path(str(self.engine.url.database)) if is_sqlite(self.engine) else None

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
                with _unmisled(connection):
                    yield connection
        except (DBAPIError, UnicodeDecodeError) as error:
            raise self._translate(error) from error

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
                    with _unmisled(connection):
                        return work(connection)
            except (DBAPIError, UnicodeDecodeError, _Misled) as error:
                failures += 1
                self._give_up_or_wait(error, deadline, failures)

    def _give_up_or_wait(
        self,
        error: "DBAPIError | UnicodeDecodeError | _Misled",
        deadline: float,
        failures: int,
    ) -> None:
        may_pass = isinstance(error, DBAPIError) and is_transient(error)
        if not (may_pass or isinstance(error, _Misled)) or time.monotonic() >= deadline:
            raise self._translate(error) from error
        log.info("database busy or lost, trying again: %s", driver_message(error))
        pause = backoff(failures, FIRST_RETRY_DELAY, MAX_RETRY_DELAY)
        time.sleep(pause.total_seconds() * random.uniform(0.5, 1.5))

    def _translate(self, error: DBAPIError | UnicodeDecodeError | StorageError) -> StorageError:
        if isinstance(error, StorageError):
            return error
        if isinstance(error, DBAPIError):
            return to_storage_error(error, self.file)
        # Only the driver decodes here: a name in the schema, or a text, is no UTF-8.
        return Damaged(damage_line(f"a text is no UTF-8: {error.reason}", self.file))


class _Misled(Unavailable):
    """Somebody wrote to a file that was read without locks: what was read does not count."""


@contextmanager
def _unmisled(connection: Connection) -> Iterator[None]:
    """Raises _Misled after the block, also if that fails, if what it read does not count."""
    driver_connection = connection.connection.driver_connection
    try:
        yield
    except GeneratorExit:
        raise
    except BaseException as error:
        _check_unmisled(driver_connection, error)
        raise
    _check_unmisled(driver_connection, None)


def _check_unmisled(driver_connection: Any, error: BaseException | None) -> None:
    if isinstance(driver_connection, LookingConnection) and driver_connection.was_misled:
        message = f"{driver_connection.path} was written while it was read: try again"
        raise _Misled(message) from error


class Facet:
    """Base class for one subject of the database, such as its runs or its articles."""

    def __init__(self, database: TransactionalEngine) -> None:
        self._database = database
