"""Limits the time of a reading."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from storage.dialects import statement_timeout
from storage.engine import TransactionalEngine
from storage.errors import TooSlow

MAX_SECONDS = 2.0
"""The longest time of a reading for a page, unless the caller says otherwise."""


@contextmanager
def reading_within(
    database: TransactionalEngine, seconds: float = MAX_SECONDS
) -> Iterator[Connection]:
    """Opens a reading transaction for the block. Raises TooSlow if it takes longer."""
    try:
        with database.reading() as connection, statement_timeout(connection, seconds):
            yield connection
    except TimeoutError:
        raise TooSlow(
            f"no answer in {seconds:g} s: ask for fewer days, or with fewer filters"
        ) from None
