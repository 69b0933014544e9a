"""Translates the errors of the database drivers into those of `storage.errors`."""

import sqlite3
from pathlib import Path

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)

from storage.clean import cut_middle
from storage.drivers.shortages import find_shortage
from storage.errors import (
    Damaged,
    DiskFull,
    NotADatabase,
    Overloaded,
    ReadOnly,
    StorageError,
    Unavailable,
)
from storage.guard.secrets import conceal

_ROW_ERROR_SQLSTATES = ("22", "23", "54")  # data exception, constraint violation, program limit
_WRONG_ADDRESS_MESSAGES = (
    "does not exist",
    "authentication failed",
    "no password",
    "translate host name",
    "invalid connection option",
    "invalid URI query parameter",
    "invalid integer value",
    "invalid port number",
)
_DAMAGED_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_DAMAGED_SQLSTATES = ("XX001", "XX002")  # corrupted data, corrupted index
# Of Python's driver for a text that is no UTF-8, and of SQLite for a schema or an FTS5 index.
_DAMAGED_MESSAGES = ("Could not decode to UTF-8", "malformed database schema", "fts5: corrupt")
_REFUSED_CODES = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)
_READ_ONLY_SQLSTATE = "25006"
# Lost connection, server stopping or starting, serialization failure, deadlock, lock timeout,
# too many connections.
_TRANSIENT_SQLSTATES = ("08", "57P0", "40001", "40P01", "55P03", "53300")


def is_transient(error: DBAPIError) -> bool:
    """Whether a retry may succeed: the database is busy, the connection was lost, a deadlock."""
    if error.connection_invalidated or "is locked" in str(error.orig):
        return True
    sqlstate = _sqlstate(error)
    if sqlstate is None:
        # psycopg gives no SQLSTATE for a connection that could not be made.
        is_psycopg = type(error.orig).__module__.startswith("psycopg")
        return (
            is_psycopg
            and isinstance(error, OperationalError | InterfaceError)
            and not any(message in str(error.orig) for message in _WRONG_ADDRESS_MESSAGES)
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


def driver_message(error: Exception) -> str:
    """Returns the first line of what the driver says, cut if it repeats a long text."""
    said = (error.orig if isinstance(error, DBAPIError) else None) or error
    lines = str(said).strip().splitlines()
    return cut_middle(conceal(lines[0]), 200) if lines else type(said).__name__


def to_storage_error(error: DBAPIError, file: Path | None = None) -> StorageError:
    """Translates a driver's error into a StorageError. `file`: of an SQLite database."""
    message = driver_message(error)
    if shortage := find_shortage(error, file):
        line = f"{shortage}: {file or 'the database'} ({message})"
        return DiskFull(line) if shortage.is_room else Overloaded(line)
    code = getattr(error.orig, "sqlite_errorcode", 0)
    if code & 0xFF == sqlite3.SQLITE_NOTADB:
        return Damaged(not_sqlite_line(file))
    if _is_damage(error, code):
        return Damaged(damage_line(message, file))
    if code & 0xFF == sqlite3.SQLITE_CANTOPEN:
        return NotADatabase(f"{file} cannot be opened: {message}")
    if code == sqlite3.SQLITE_READONLY_ROLLBACK:
        return ReadOnly(f"{file}: an interrupted write must be undone first: run `nkwire upgrade`")
    if code & 0xFF in _REFUSED_CODES or _sqlstate(error) == _READ_ONLY_SQLSTATE:
        return ReadOnly(f"{file or 'the database'} may only be read: {message}")
    if is_transient(error):
        return Unavailable(f"the database is busy or out of reach: {message}")
    return StorageError(f"the database refused: {message}")


def damage_line(reason: str, file: Path | None = None) -> str:
    """Returns the message of `Damaged`: what is wrong, and what to do."""
    where = f"{file} is" if file else "the database is"
    return (
        f"{where} damaged ({reason}): `nkwire verify` says what,"
        " `nkwire restore BACKUP --replace` puts a backup back"
    )


def not_sqlite_line(file: Path | None) -> str:
    """Returns the message for a file whose first bytes are not those of SQLite."""
    return (
        f"{file} is not a SQLite database: name another file,"
        " or put a backup in its place with `nkwire restore BACKUP --replace`"
    )


def _is_damage(error: DBAPIError, code: int) -> bool:
    return (
        code & 0xFF in _DAMAGED_CODES
        or _sqlstate(error) in _DAMAGED_SQLSTATES
        or str(error.orig).startswith(_DAMAGED_MESSAGES)
    )


def _sqlstate(error: DBAPIError) -> str | None:
    sqlstate = getattr(error.orig, "sqlstate", None)
    return sqlstate if isinstance(sqlstate, str) else None
