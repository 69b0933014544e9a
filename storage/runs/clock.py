"""The one clock that all hosts share."""

from datetime import UTC, datetime

from sqlalchemy import Connection, func, select


def database_now(connection: Connection) -> datetime:
    """Now, by the one clock that all hosts share: the server's, or on SQLite this machine's."""
    if connection.dialect.name == "postgresql":
        at = connection.scalar(select(func.clock_timestamp()))
        if isinstance(at, datetime):
            return at.astimezone(UTC)
    return datetime.now(UTC)
