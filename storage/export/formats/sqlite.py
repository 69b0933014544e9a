"""SQLite: a file to query with any tool, Datasette included, in words instead of our own tables.

`articles`, `stories`, `relations` with the columns of the other exports, `versions`, `changes`, `states` and
`gaps` (see `storage.export.formats.chronicle`); lists and the dateline are JSON text, times ISO 8601; `columns` says
what each column means.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from storage.batches import batched
from storage.export.formats import chronicle
from storage.export.formats.columns import ARTICLE, RELATION, STORY, Kind

_TYPES = {Kind.NUMBER: "INTEGER", Kind.FLAG: "INTEGER", Kind.SHARE: "REAL"}
_AT_ONCE = 1000
TABLES = {"articles": ARTICLE, "stories": STORY, "relations": RELATION} | chronicle.TABLES
_KEYS = {
    "articles": 'PRIMARY KEY ("id")',
    "stories": 'PRIMARY KEY ("story")',
    "relations": 'PRIMARY KEY ("a", "b")',
}
_INDEXES = (
    "CREATE INDEX articles_by_story ON articles (story)",
    "CREATE INDEX articles_by_report ON articles (report)",
    "CREATE INDEX articles_by_outlet ON articles (outlet, published_at)",
    "CREATE INDEX relations_by_b ON relations (b)",
    "CREATE INDEX versions_by_article ON versions (article)",
    "CREATE INDEX changes_by_article ON changes (article)",
    "CREATE INDEX states_by_article ON states (article)",
)


def write(path: Path, tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> int:
    """Write a new database file with these of `TABLES`; returns the rows of the first of them."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # The file is new and thrown away if anything fails, so a journal would only cost time.
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        _describe(connection, tables)
        done = [_fill(connection, name, rows) for name, rows in tables.items()]
        for index in _INDEXES:
            if index.split(" ON ")[1].split(" ")[0] in tables:
                connection.execute(index)
        connection.execute("COMMIT")
        return done[0]
    finally:
        connection.close()


def _describe(connection: sqlite3.Connection, tables: Iterable[str]) -> None:
    connection.execute(
        'CREATE TABLE columns ("table" TEXT, "column" TEXT, kind TEXT, meaning TEXT)'
    )
    for name in tables:
        columns = TABLES[name]
        typed = [f'"{c.name}" {_TYPES.get(c.kind, "TEXT")}' for c in columns]
        key = [_KEYS[name]] if name in _KEYS else []
        connection.execute(f"CREATE TABLE {name} ({', '.join([*typed, *key])})")
        rows = [(name, c.name, c.kind.value, c.meaning) for c in columns]
        connection.executemany("INSERT INTO columns VALUES (?, ?, ?, ?)", rows)


def _fill(connection: sqlite3.Connection, name: str, rows: Iterable[Mapping[str, Any]]) -> int:
    names = [column.name for column in TABLES[name]]
    insert = f"INSERT INTO {name} VALUES ({', '.join('?' * len(names))})"
    done = 0
    for some in batched(rows, _AT_ONCE):
        connection.executemany(insert, [[_value(row[n]) for n in names] for row in some])
        done += len(some)
    return done


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, list | tuple | dict):
        return orjson.dumps(value).decode()
    return value
