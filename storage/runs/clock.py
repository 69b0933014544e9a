"""Reads the clock that all hosts share, and the offset of this machine's clock."""

import time
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select

from storage.dialects import is_sqlite
from storage.tables.columns import UtcDateTime


def database_now(connection: Connection) -> datetime:
    """Returns the current time (UTC) of PostgreSQL's server, or on SQLite of this machine."""
    if is_sqlite(connection):
        return datetime.now(UTC)
    now_query = select(func.clock_timestamp(type_=UtcDateTime))
    return connection.scalars(now_query).one()


def wall_clock_offset() -> float:
    """Returns the seconds between the wall clock and the monotonic clock.

    It changes when the wall clock is set, or on resume if the monotonic clock stops in suspend.
    """
    return time.time() - time.monotonic()
