"""Databases as older versions of nkwire left them, and their way to this version."""

import warnings
from collections.abc import Container
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from alembic import command
from sqlalchemy import Column, Connection, Table, insert, select, text
from sqlalchemy import MetaData as Known
from sqlalchemy.exc import SAWarning
from sqlalchemy.types import Boolean, Integer, Numeric

from benchmarks.storm import corpus
from benchmarks.storm.contents import Contents, read_every_row
from benchmarks.storm.place import Place
from storage import open_database
from storage.dialects import is_sqlite
from storage.engine import TransactionalEngine, make_engine, parse_url
from storage.index.pending_keys import unpack_keys
from storage.migrations import HEAD, versions
from storage.schema import alembic_config
from storage.tables.articles import metadata

OLDER_REVISIONS = tuple(
    sorted(
        path.name[:4]
        for path in Path(versions.__path__[0]).glob("[0-9]*.py")
        if path.name[:4] < HEAD
    )
)
_DERIVED = frozenset(["day_total", "searched", "unposted", "alembic_version"])
"""Triggers or the next opening fill them."""
_SCHEME = "dedup.scheme"
"""How the keys of the scheme begin, which is older than all other single values."""
_OWN_CLOCK = frozenset(["touched_at", "added_at", "created_at", "worked_out_at"])
Rows = dict[str, list[dict[str, Any]]]


def fill_old(place: Place) -> None:
    """Makes a database at the revision that the place names, with the rows of a filled one."""
    make_old(place.url, place.parameter, make_rows(place))


def make_rows(place: Place) -> Rows:
    """Returns the rows of a filled database of this version."""
    newest = replace(place, url=f"sqlite:///{place.folder}/newest.db")
    corpus.fill(newest)
    rows = _read_rows(newest.url)
    for path in place.folder.glob("newest.db*"):
        path.unlink()
    return rows


def _read_rows(url: str) -> Rows:
    engine, known = make_engine(parse_url(url), create=False), Known()
    with engine.connect() as connection:
        _reflect(connection, known, metadata.tables)
        found = {
            table.name: [dict(row._mapping) for row in connection.execute(select(table))]
            for table in known.sorted_tables
            if table.name not in _DERIVED
        }
    engine.dispose()
    found["meta"] = [row for row in found["meta"] if row["key"].startswith(_SCHEME)]
    found |= {
        table: _postings(found["signature"], f"{table}s") for table in ("band", "fingerprint")
    }
    return found


def _postings(signatures: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    """Returns the rows of an inverted index: older versions had no table of those that wait."""
    return [
        {"hash": key, "article_id": row["article_id"]}
        for row in signatures
        for key in np.unique(unpack_keys(row[column])).tolist()
    ]


def make_old(url: str, revision: str, rows: Rows) -> None:
    """Makes the tables of a revision and fills them with the columns that they had then."""

    def work(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if not is_sqlite(connection):
            connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
        known = Known()
        _reflect(connection, known, rows)
        for table in known.sorted_tables:
            if old_rows := [_as_of_old(table, row) for row in rows[table.name]]:
                connection.execute(insert(table), old_rows)
                _raise_sequence(connection, table)

    engine = TransactionalEngine(make_engine(parse_url(url), create=True), patience=20)
    engine.write(work)
    engine.close()


def _reflect(connection: Connection, known: Known, names: Container[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # indexes of expressions: no rows depend on them
        known.reflect(connection, only=lambda name, _: name in names)


def _as_of_old(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {
        column.name: row[column.name] if column.name in row else _placeholder(column)
        for column in table.columns
        if column.name in row or not (column.nullable or column.server_default)
    }


def _placeholder(column: Column[Any]) -> Any:
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, (Integer, Numeric)):
        return 0
    return "{}" if column.name in ("counts", "details") else ""


def _raise_sequence(connection: Connection, table: Table) -> None:
    if "id" in table.c and not is_sqlite(connection):
        sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
        query = f"SELECT setval({sequence}, max(id)) FROM {table.name} WHERE {sequence} IS NOT NULL"
        connection.execute(text(query))


def migrate(place: Place) -> None:
    """Opens the database, which brings it to this version."""
    open_database(place.url, patience=60).close()


def read(place: Place) -> Contents:
    """Returns all rows of all tables."""
    with open_database(place.url, patience=60) as database:
        return read_every_row(database, _OWN_CLOCK)
