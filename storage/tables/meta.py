"""Defines the table of single values of the database, such as its dedup scheme."""

from sqlalchemy import Column, Connection, Table, Text, select

from storage.statements import upsert
from storage.tables.articles import metadata

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)


def get_meta(connection: Connection, key: str) -> str | None:
    """Returns the value that is stored under a key; None if there is none."""
    return connection.scalar(select(meta.c.value).where(meta.c.key == key))


def set_meta(connection: Connection, key: str, value: str) -> None:
    """Stores a value under a key, in the place of the value before."""
    connection.execute(upsert(connection, meta, ["key"]), {"key": key, "value": value})
