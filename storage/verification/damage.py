"""Finds out whether an error that nobody expects comes from a damaged database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from dedup.errors import NkwireError
from storage.dialects import is_sqlite, statement_timeout
from storage.drivers.driver_errors import damage_line
from storage.engine import TransactionalEngine
from storage.errors import Damaged, StorageError

_CHECK_SECONDS = 20.0
_EXPECTED = (NkwireError, OSError, MemoryError)


@contextmanager
def damage_explained(database: TransactionalEngine) -> Iterator[None]:
    """Raises Damaged if the block fails with an unexpected error and the database is damaged.

    A flipped bit can turn a number into a text, or a reference into a wrong one. The code that
    meets it cannot know: so an SQLite file is checked after such an error, for 20 seconds at most.
    """
    try:
        yield
    except _EXPECTED:
        raise
    except Exception as error:
        if reason := _find_damage(database):
            raise Damaged(damage_line(reason, database.file)) from error
        raise


def _find_damage(database: TransactionalEngine) -> str:
    if not is_sqlite(database.engine):
        return ""
    try:
        return database.read(_check)
    except TimeoutError:
        return ""
    except StorageError as error:
        return str(error)


def _check(connection: Connection) -> str:
    with statement_timeout(connection, _CHECK_SECONDS):
        for pragma in ("integrity_check(1)", "foreign_key_check"):
            row = connection.execute(text(f"PRAGMA {pragma}")).first()
            if row and row[0] != "ok":
                return " ".join(str(each) for each in row if each is not None)
    return ""
