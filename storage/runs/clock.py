"""Reads the clock that all hosts share, and the offset of this machine's clock."""

import time
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select


def database_now(connection: Connection) -> datetime:
    """Returns the current time (UTC) of PostgreSQL's server, or on SQLite of this machine."""
    if connection.dialect.name == "postgresql":
        now = connection.scalar(select(func.clock_timestamp()))
        if isinstance(now, datetime):
            return now.astimezone(UTC)
    return datetime.now(UTC)


def wall_clock_offset() -> float:
    """Returns the seconds between the wall clock and the monotonic clock.

    It changes when the wall clock is set, or on resume if the monotonic clock stops in suspend.
    """
    return time.time() - time.monotonic()
