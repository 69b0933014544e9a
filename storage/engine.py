"""Connections: the URL, what each new connection is told, transactions that are tried again."""

import logging
import random
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, Row, Select, create_engine, event, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    ProgrammingError,
)

from storage.errors import BadUrl, DiskFull, NoDatabase, StorageError, Unavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

BUSY_TIMEOUT_SECONDS = 20
_PLACEMENT_LOCK_KEY = 0x6E6B77697265  # "nkwire"
# SQLSTATE of what passes: lost connection, server stopping or starting, deadlock, lock timeout.
_LOCK_PLACEMENT_SQL = """SELECT pg_advisory_xact_lock(:key),
set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)"""
_ROW_ERROR_SQLSTATES = ("22", "23", "54")  # data exception, constraint, a limit of the server
_WRONG_ADDRESS_MESSAGES = (
    "does not exist",
    "authentication failed",
    "no password",
    "translate host name",
)
_TRANSIENT_SQLSTATES = ("08", "57P0", "40001", "40P01", "55P03", "53300")


def parse_url(url: str) -> URL:
    """The database URL; raises BadUrl."""
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise BadUrl(f"not a database URL ({error}): try sqlite:///nkwire.db") from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise BadUrl(f"{parsed.get_backend_name()} is not supported: use sqlite or postgresql")
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise BadUrl("several processes share the database, so it must be a file: sqlite:///FILE")
    return parsed


def make_engine(url: URL, *, create: bool) -> Engine:
    """An engine for the URL; raises NoDatabase for a missing SQLite file that is not to be made."""
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        if not create and not path.exists():
            raise NoDatabase(f"no database at {path}: `nkwire run` or `nkwire crawl` makes one")
        path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
        event.listen(engine, "connect", _configure_sqlite)
    else:
        engine = create_engine(url, pool_pre_ping=True)
    return engine


def _configure_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_transaction(connection: Connection, mode: str) -> None:
    if connection.dialect.name == "sqlite" and mode:
        connection.exec_driver_sql(mode)


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """Undo what the block did if it fails; the transaction goes on.

    Raises StorageError if there is nothing left to go on with.
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
        # SQLite ends a transaction by itself after some errors: what follows would be committed alone.
        raise StorageError(f"the transaction was lost: {_driver_message(error)}") from error


def lock_placement(connection: Connection) -> None:
    """Let no other writer place articles until this transaction ends.

    SQLite has one writer anyhow. PostgreSQL is also told to look things up by index: its plans are
    kept, and one made while the tables were small would read them whole for ever. Compiling them
    would take longer than they do.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(_LOCK_PLACEMENT_SQL), {"key": _PLACEMENT_LOCK_KEY})


class TransactionalEngine:
    """An engine with its two kinds of transaction.

    `patience`: seconds that a busy or lost database is waited for.
    """

    def __init__(self, engine: Engine, *, patience: float = 300) -> None:
        self.engine = engine
        self.patience = patience

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view of the database, for as long as the block lasts."""
        try:
            with self.engine.connect() as connection:
                _begin_transaction(connection, "BEGIN")
                yield connection
        except DBAPIError as error:
            raise _to_storage_error(error) from error

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A connection on which everything that is read is of one moment (REPEATABLE READ)."""
        with self.reading() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
                yield connection
                return
            # A process that reads the whole file through memory maps seems to hold it all in memory.
            raw: Any = connection.connection.dbapi_connection
            mapped = raw.execute("PRAGMA mmap_size").fetchone()
            raw.execute("PRAGMA mmap_size=0")
            try:
                yield connection
            finally:
                raw.execute(f"PRAGMA mmap_size={mapped[0] if mapped else 0}")

    @contextmanager
    def streaming(self, statement: Select[Any], at_once: int = 500) -> Iterator[Iterable[Row[Any]]]:
        """The rows of a SELECT, `at_once` in memory; a reader that stops early leaves no cursor open."""
        with (
            self.reading() as connection,
            connection.execution_options(yield_per=at_once).execute(statement) as rows,
        ):
            yield rows

    def read(self, work: Callable[[Connection], T]) -> T:
        """Call `work` in a reading transaction, again if the connection was lost."""
        return self._retry(work, "BEGIN")

    def write(self, work: Callable[[Connection], T]) -> T:
        """Call `work` in a writing transaction and commit; again from the start if that was in vain.

        Raises Unavailable or DiskFull; then nothing of the work is kept.
        """
        # A deferred transaction that reads first and then writes fails at once, whatever the timeout.
        return self._retry(work, "BEGIN IMMEDIATE")

    def outside(self, work: Callable[[Connection], T]) -> T:
        """Call `work` in no transaction, for what SQLite does only there."""
        return self._retry(work, "")

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    def _retry(self, work: Callable[[Connection], T], mode: str) -> T:
        deadline = time.monotonic() + self.patience
        pause = 0.05
        while True:
            try:
                with self.engine.begin() as connection:
                    _begin_transaction(connection, mode)
                    return work(connection)
            except DBAPIError as error:
                self._give_up_or_wait(error, deadline, pause)
            pause = min(pause * 2, 5)

    def _give_up_or_wait(self, error: DBAPIError, deadline: float, pause: float) -> None:
        if not is_transient(error) or time.monotonic() >= deadline:
            raise _to_storage_error(error) from error
        log.info("database busy or lost, trying again: %s", _driver_message(error))
        time.sleep(pause * random.uniform(0.5, 1.5))


class Facet:
    """One subject of the database, such as its runs or its articles: what is asked and written of it."""

    def __init__(self, database: TransactionalEngine) -> None:
        self._database = database


def is_disk_full(error: DBAPIError) -> bool:
    """Whether the disk has no room left."""
    return _sqlstate(error) == "53100" or "database or disk is full" in str(error.orig)


def is_transient(error: DBAPIError) -> bool:
    """Whether the same work may succeed a moment later: busy, lost connection, deadlock."""
    if error.connection_invalidated or "is locked" in str(error.orig):
        return True
    state = _sqlstate(error)
    if state is None:
        # A connection that could not be made has no state.
        is_psycopg = type(error.orig).__module__.startswith("psycopg")
        return is_psycopg and not any(word in str(error.orig) for word in _WRONG_ADDRESS_MESSAGES)
    return state.startswith(_TRANSIENT_SQLSTATES)


def is_row_error(error: DBAPIError) -> bool:
    """Whether the values are to blame, and not the database or the way to it."""
    if is_transient(error):
        return False
    state = _sqlstate(error)
    if state is not None:
        return state.startswith(_ROW_ERROR_SQLSTATES)
    return isinstance(error, DataError | IntegrityError | InterfaceError | ProgrammingError)


def _sqlstate(error: DBAPIError) -> str | None:
    state = getattr(error.orig, "sqlstate", None)
    return state if isinstance(state, str) else None


def _driver_message(error: DBAPIError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__


def _to_storage_error(error: DBAPIError) -> StorageError:
    """The driver's error as one of ours."""
    if is_disk_full(error):
        return DiskFull(f"no room for the database: {_driver_message(error)}")
    if is_transient(error):
        return Unavailable(f"the database is busy or out of reach: {_driver_message(error)}")
    return StorageError(f"the database refused: {_driver_message(error)}")
