"""Reads the clock that all hosts share, and doubts times that were stored while a clock was ahead."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, func, select

from storage.dialects import is_sqlite
from storage.tables.columns import UtcDateTime


def database_now(connection: Connection) -> datetime:
    """Returns the current time (UTC) of PostgreSQL's server, or on SQLite of this machine."""
    if is_sqlite(connection):
        return datetime.now(UTC)
    now_query = select(func.clock_timestamp(type_=UtcDateTime))
    return connection.scalars(now_query).one()


def is_waiting(now: datetime, until: datetime | None, longest: timedelta) -> bool:
    """Whether `now` lies in a wait that ends at `until` and lasts `longest` at most.

    An end that is farther away was stored while the clock was ahead. It stops nothing.
    """
    return until is not None and now < until <= now + longest


def wall_clock_offset() -> float:
    """Returns the seconds between the wall clock and the monotonic clock.

    It changes when the wall clock is set, or on resume if the monotonic clock stops in suspend.
    """
    return time.time() - time.monotonic()
