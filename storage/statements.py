"""Builds INSERT statements for both SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_or_ignore(connection: Connection, table: Table) -> Insert:
    """Returns an INSERT that skips rows whose key exists already (ON CONFLICT DO NOTHING)."""
    return _insert_or_ignore(connection.dialect.name, table)


def upsert(
    connection: Connection,
    table: Table,
    keys: Sequence[str],
    *,
    kept: Sequence[str] = (),
    where: ColumnElement[bool] | None = None,
) -> Insert:
    """Returns an INSERT that replaces a row with the same `keys` (ON CONFLICT DO UPDATE).

    `keys`: the names of the key columns. All other columns are replaced, except those of `kept`.
    `where`: a constant condition for the rows to replace. The statement is kept for the life of the
    process.
    """
    return _upsert(connection.dialect.name, table, tuple(keys), tuple(kept), where)


def insert_or_change(
    connection: Connection,
    table: Table,
    keys: Sequence[str],
    changes: Mapping[str, Any],
    *,
    where: ColumnElement[bool] | None = None,
) -> Insert:
    """Returns an INSERT that changes some columns of a row with the same `keys`.

    `changes`: the new values, by the names of columns. They and `where`, the condition for the rows
    to change, may use the old row (`table.c`) and the new one (`proposed`).
    """
    return _insert(connection.dialect.name, table).on_conflict_do_update(
        index_elements=list(keys), set_=dict(changes), where=where
    )


def proposed(table: Table) -> Any:
    """Returns the columns of the row that `upsert` and `insert_or_change` could not insert."""
    return table.alias("excluded").c


# Cached, since building such a statement takes four times as long as storing a small row.
@cache
def _insert_or_ignore(dialect: str, table: Table) -> Insert:
    return _insert(dialect, table).on_conflict_do_nothing()


@cache
def _upsert(
    dialect: str,
    table: Table,
    keys: tuple[str, ...],
    kept: tuple[str, ...],
    where: ColumnElement[bool] | None,
) -> Insert:
    new = proposed(table)
    return _insert(dialect, table).on_conflict_do_update(
        index_elements=list(keys),
        set_={
            column.name: new[column.name] for column in table.c if column.name not in keys + kept
        },
        where=where,
    )


def _insert(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
