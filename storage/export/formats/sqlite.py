"""Writes a SQLite file that any tool can query, such as Datasette.

It does not have the schema of the database of nkwire. Its tables are `articles`, `stories` and
`relations`, with the columns of the other formats, and `versions`, `changes`, `states` and `gaps`
(see `storage.export.formats.history_tables`). The table `columns` describes each column. Lists and
the dateline are JSON text. Times are ISO 8601 text.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from storage.batches import batched
from storage.clean import format_utc
from storage.export.formats import history_tables
from storage.export.formats.columns import (
    ARTICLE_COLUMNS,
    RELATION_COLUMNS,
    STORY_COLUMNS,
    ColumnKind,
)

_SQL_TYPES = {ColumnKind.NUMBER: "INTEGER", ColumnKind.FLAG: "INTEGER", ColumnKind.SHARE: "REAL"}
_ROWS_PER_BATCH = 1000
EXPORT_TABLES = {
    "articles": ARTICLE_COLUMNS,
    "stories": STORY_COLUMNS,
    "relations": RELATION_COLUMNS,
} | history_tables.HISTORY_TABLES
_PRIMARY_KEYS = {
    "articles": 'PRIMARY KEY ("id")',
    "stories": 'PRIMARY KEY ("story")',
    "relations": 'PRIMARY KEY ("a", "b")',
}
_INDEX_STATEMENTS = (
    "CREATE INDEX articles_by_story ON articles (story)",
    "CREATE INDEX articles_by_report ON articles (report)",
    "CREATE INDEX articles_by_outlet ON articles (outlet, published_at)",
    "CREATE INDEX relations_by_b ON relations (b)",
    "CREATE INDEX versions_by_article ON versions (article)",
    "CREATE INDEX changes_by_article ON changes (article)",
    "CREATE INDEX states_by_article ON states (article)",
)


def write(path: Path, tables: Mapping[str, Iterable[Mapping[str, Any]]]) -> int:
    """Writes a new database file. Returns the number of rows of the first table.

    `tables`: rows by the names in `EXPORT_TABLES`. Raises sqlite3.Error if the file cannot be
    written.
    """
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # The file is new and is removed if anything fails, so it needs no journal.
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        _create_tables(connection, tables)
        row_counts = [_insert_rows(connection, name, rows) for name, rows in tables.items()]
        for index in _INDEX_STATEMENTS:
            if index.split(" ON ")[1].split(" ")[0] in tables:
                connection.execute(index)
        connection.execute("COMMIT")
        return row_counts[0]
    finally:
        connection.close()


def _create_tables(connection: sqlite3.Connection, tables: Iterable[str]) -> None:
    connection.execute(
        'CREATE TABLE columns ("table" TEXT, "column" TEXT, kind TEXT, meaning TEXT)'
    )
    for name in tables:
        columns = EXPORT_TABLES[name]
        definitions = [f'"{c.name}" {_SQL_TYPES.get(c.kind, "TEXT")}' for c in columns]
        key = [_PRIMARY_KEYS[name]] if name in _PRIMARY_KEYS else []
        connection.execute(f"CREATE TABLE {name} ({', '.join([*definitions, *key])})")
        rows = [(name, c.name, c.kind.value, c.meaning) for c in columns]
        connection.executemany("INSERT INTO columns VALUES (?, ?, ?, ?)", rows)


def _insert_rows(
    connection: sqlite3.Connection, name: str, rows: Iterable[Mapping[str, Any]]
) -> int:
    names = [column.name for column in EXPORT_TABLES[name]]
    insert = f"INSERT INTO {name} VALUES ({', '.join('?' * len(names))})"
    row_count = 0
    for batch in batched(rows, _ROWS_PER_BATCH):
        connection.executemany(insert, [[_to_sql_value(row[n]) for n in names] for row in batch])
        row_count += len(batch)
    return row_count


def _to_sql_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_utc(value)
    if isinstance(value, list | tuple | dict):
        return orjson.dumps(value).decode()
    return value
