"""Builds INSERT statements for both SQLite and PostgreSQL."""

from collections.abc import Sequence

from sqlalchemy import Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_ignore(connection: Connection, table: Table) -> Insert:
    """Returns an INSERT that skips rows whose key exists already (ON CONFLICT DO NOTHING)."""
    return _insert(connection, table).on_conflict_do_nothing()


def upsert(connection: Connection, table: Table, keys: Sequence[str]) -> Insert:
    """Returns an INSERT that updates a row with the same `keys` (ON CONFLICT DO UPDATE).

    `keys`: the names of the key columns. All other columns are replaced.
    """
    statement = _insert(connection, table)
    new_values = {
        column.name: statement.excluded[column.name]
        for column in table.c
        if column.name not in keys
    }
    return statement.on_conflict_do_update(index_elements=list(keys), set_=new_values)


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
