"""The one clock that all hosts share."""

import time
from datetime import UTC, datetime

from sqlalchemy import Connection, func, select


def database_now(connection: Connection) -> datetime:
    """Now, by the one clock that all hosts share: the server's, or on SQLite this machine's."""
    if connection.dialect.name == "postgresql":
        at = connection.scalar(select(func.clock_timestamp()))
        if isinstance(at, datetime):
            return at.astimezone(UTC)
    return datetime.now(UTC)


def wall_clock_offset() -> float:
    """Returns the seconds between the wall clock and the monotonic clock.

    It changes when the wall clock is set, or on resume if the monotonic clock stops in suspend.
    """
    return time.time() - time.monotonic()
