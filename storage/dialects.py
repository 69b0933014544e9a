"""What SQLite and PostgreSQL do differently, apart from statements (see `storage.statements`)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

_PLACEMENT_LOCK_KEY = 0x6E6B77697265  # "nkwire"
_LOCK_PLACEMENT_SQL = """SELECT pg_advisory_xact_lock(:key),
set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)"""
SQLITE_STEPS_PER_CHECK = 10_000  # how often a statement is asked whether it has run too long


def is_sqlite(database: Connection | Engine) -> bool:
    """Returns whether the database is SQLite; if not, it is PostgreSQL."""
    return database.dialect.name == "sqlite"


def lock_until_commit(connection: Connection, key: int) -> None:
    """Waits for the advisory lock `key` and holds it until the transaction ends.

    Does nothing on SQLite, which has only one writer at a time.
    """
    if not is_sqlite(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def lock_placement(connection: Connection) -> None:
    """Keeps other writers from placing articles until this transaction ends.

    SQLite has only one writer. On PostgreSQL this takes an advisory lock and turns two settings off
    for the transaction. `enable_seqscan`: plans are cached, and a plan made while the tables were
    small would scan whole tables for ever. `jit`: compiling takes longer than the queries.
    """
    if not is_sqlite(connection):
        connection.execute(text(_LOCK_PLACEMENT_SQL), {"key": _PLACEMENT_LOCK_KEY})


def use_write_ahead_log(connection: Connection) -> None:
    """Lets readers and the writer of an SQLite file not block each other. The file keeps this.

    Call it outside a transaction.
    """
    if is_sqlite(connection):
        connection.exec_driver_sql("PRAGMA journal_mode=WAL").close()


def bytes_used(connection: Connection) -> int:
    """Returns the bytes that the database takes up on disk, with its write-ahead log."""
    if not is_sqlite(connection):
        size_query = text("SELECT pg_database_size(current_database())")
        return int(connection.scalar(size_query) or 0)
    file = Path(str(connection.engine.url.database))
    return sum(_file_size(file.with_name(file.name + suffix)) for suffix in ("", "-wal", "-shm"))


def iter_file_problems(connection: Connection) -> Iterator[str]:
    """Yields a line for each problem that SQLite finds in its file; none on PostgreSQL."""
    if is_sqlite(connection):
        for pragma in ("integrity_check", "foreign_key_check"):
            rows = connection.execute(text(f"PRAGMA {pragma}")).all()
            if rows and rows[0][0] != "ok":
                yield f"SQLite's {pragma} says: {rows[0]}"


@contextmanager
def lenient_text(connection: Connection) -> Iterator[None]:
    """Reads a damaged text of SQLite with U+FFFD for what is no UTF-8, instead of an error.

    For those who compare texts with their hashes. PostgreSQL refuses such texts itself.
    """
    if not is_sqlite(connection):
        yield
        return
    raw_connection: Any = connection.connection.dbapi_connection
    raw_connection.text_factory = _decode_leniently
    try:
        yield
    finally:
        raw_connection.text_factory = str


def _decode_leniently(data: bytes) -> str:
    return data.decode("utf-8", "replace")


@contextmanager
def one_moment(connection: Connection) -> Iterator[None]:
    """Lets a reading transaction see one moment of the database (REPEATABLE READ).

    Turns off SQLite's memory maps for the block: with them, reading the whole file would count as
    memory of this process.
    """
    if not is_sqlite(connection):
        connection.execution_options(isolation_level="REPEATABLE READ")
        yield
        return
    raw_connection: Any = connection.connection.dbapi_connection
    mmap_size = raw_connection.execute("PRAGMA mmap_size").fetchone()
    raw_connection.execute("PRAGMA mmap_size=0")
    try:
        yield
    finally:
        raw_connection.execute(f"PRAGMA mmap_size={mmap_size[0] if mmap_size else 0}")


@contextmanager
def statement_timeout(connection: Connection, seconds: float) -> Iterator[None]:
    """Stops any statement of the block that runs too long. Raises TimeoutError.

    On SQLite the limit applies to the whole block, on PostgreSQL to each statement.
    """
    raw_connection: Any = connection.connection.dbapi_connection
    if is_sqlite(connection):
        deadline = time.monotonic() + seconds
        raw_connection.set_progress_handler(
            lambda: time.monotonic() > deadline, SQLITE_STEPS_PER_CHECK
        )
    else:
        connection.execute(text(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}"))
    try:
        yield
    except DBAPIError as error:
        if "interrupted" in str(error.orig) or getattr(error.orig, "sqlstate", "") == "57014":
            raise TimeoutError from error
        raise
    finally:
        if is_sqlite(connection):
            raw_connection.set_progress_handler(None, 0)


def _file_size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0
