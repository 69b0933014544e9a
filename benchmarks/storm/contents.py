"""Reads what a database and a folder hold, without what differs from run to run.

Numbers of rows become names: an article is its address, a version its address and digest, a story
or a report the addresses of its articles. Times of the own clock and numbers of runs are left out.
"""

import hashlib
import re
import sqlite3
import subprocess
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, Table, func, inspect, select, text

from storage import Database
from storage.search.fulltext import searched
from storage.tables.articles import (
    article,
    attribution,
    capture,
    decision,
    quarantine,
    relation,
    signature,
    version,
)
from storage.tables.changes import change, ruling, transition
from storage.tables.reports import carried, carrier
from storage.tables.runs import is_unfinished_run, run
from storage.tables.totals import day_total

DRAFT = ".part"
"""What the names of unfinished files and folders have, and those of the journals beside them."""
Contents = dict[str, Counter[Any]]
"""By the name of a table or a folder: its rows or files, and how often each is there."""

_SEARCH_INDEX = "search_index"
"""How the names of the full-text index and its tables begin in SQLite: its rows are not read."""
_Names = Mapping[int, str]
_KEPT_STATEMENT = re.compile(r"^(?!--|\\|SET |SELECT pg_catalog\.)\S", re.MULTILINE)
_OWN_CLOCK = frozenset(
    [
        *("added_at", "stored_at", "found_at", "decided_at", "first_seen_at", "created_at"),
        *("fetched_at", "captured_at", "last_captured_at", "left_at", "redirected_at", "at"),
        *("next_check_at", "seen_at", "appeared_after", "appeared_by", "run_id", "warc_file"),
        *("warc_offset", "suspect_since", "last_poll_without_at", "touched_at", "worked_out_at"),
        *("delay_least", "delay_most", "after_at", "before_at", "gone_at", "source", "day"),
        *("etag", "last_modified", "cues"),
    ]
)


class Names(NamedTuple):
    """What the numbers of rows stand for."""

    articles: _Names
    versions: _Names
    stories: _Names
    reports: _Names

    @classmethod
    def load(cls, connection: Connection) -> "Names":
        """Reads the names of all rows."""
        articles = {
            row.id: f"{row.outlet} {row.url}"
            for row in connection.execute(select(article.c.id, article.c.outlet, article.c.url))
        }
        versions = {
            row.id: f"{articles[row.article_id]} {row.content_sha256}"
            for row in connection.execute(
                select(version.c.id, version.c.article_id, version.c.content_sha256)
            )
        }
        stories = select(article.c.story_id, article.c.id)
        reports = select(carried.c.report_id, carried.c.article_id)
        return cls(
            articles,
            versions,
            *(_group(connection.execute(query), articles) for query in (stories, reports)),
        )


def _group(rows: Iterable[Any], articles: _Names) -> _Names:
    members: defaultdict[int, list[str]] = defaultdict(list)
    for group, member in rows:
        members[group].append(articles[member])
    return {group: " + ".join(sorted(each)) for group, each in members.items()}


_NAMED_COLUMNS: Mapping[str, str] = {
    "article_id": "articles",
    "version_id": "versions",
    "old_id": "versions",
    "new_id": "versions",
    "story_id": "stories",
    "report_id": "reports",
}
_TABLES = (article, version, capture, attribution, quarantine, change, ruling, transition)
_FURTHER_TABLES = (carrier, carried, day_total)


def read_database(database: Database) -> Contents:
    """Returns the rows of all tables that an undisturbed run fills in the same way."""
    with database.snapshot() as connection:
        names = Names.load(connection)
        found: Contents = {
            table.name: Counter(_iter_rows(connection, table, names))
            for table in (*_TABLES, *_FURTHER_TABLES)
        }
        found["relation"] = Counter(_iter_pairs(connection, relation, "kind merges jaccard", names))
        found["decision"] = Counter(_iter_pairs(connection, decision, "verb note", names))
        found["signature"] = Counter(
            (names.articles[row.article_id], row.scheme, bytes(row.text_hash))
            for row in connection.execute(signature.select())
        )
        found["searched"] = Counter(
            names.versions[each] for each in connection.scalars(select(searched.c.version_id))
        )
        unfinished = select(func.count()).select_from(run).where(is_unfinished_run())
        found["unfinished runs"] = Counter({"run": connection.scalar(unfinished) or 0})
    return found


def _iter_rows(connection: Connection, table: Table, names: Names) -> Iterable[tuple[Any, ...]]:
    columns = [each for each in table.c if each.name != "id" and each.name not in _OWN_CLOCK]
    for row in connection.execute(select(*columns)):
        yield tuple(_name(c, value, names) for c, value in zip(columns, row, strict=True))


def _name(column: Column[Any], value: Any, names: Names) -> Any:
    if kind := _NAMED_COLUMNS.get(column.name):
        return getattr(names, kind).get(value, value if value is None or value < 0 else "?")
    return value if value is None or isinstance(value, (int, float, str, bytes)) else repr(value)


def _iter_pairs(
    connection: Connection, table: Table, columns: str, names: Names
) -> Iterable[tuple[Any, ...]]:
    """Yields the rows between two articles; which of them comes first depends on their numbers."""
    for row in connection.execute(table.select()):
        pair = sorted((names.articles[row.a], names.articles[row.b]))
        yield (*pair, *(getattr(row, each) for each in columns.split()))


def read_every_row(database: Database, left_out: frozenset[str] = frozenset()) -> Contents:
    """Returns all rows of all tables as they are, for tasks that give the same numbers each time.

    `left_out`: names of columns with times of the own clock.
    """
    found: Contents = {}
    with database.snapshot() as connection:
        for table in inspect(connection).get_table_names():
            if table.startswith(_SEARCH_INDEX):
                continue
            rows = connection.execute(text(f'SELECT * FROM "{table}"'))
            kept = [n for n, name in enumerate(rows.keys()) if name not in left_out]
            found[table] = Counter(tuple(repr(row[n]) for n in kept) for row in rows)
    return found


def read_files(folder: Path, digest: Callable[[Path], str]) -> Counter[tuple[str, str]]:
    """Returns the finished files of a folder and of those in it: name and digest of each."""
    paths = (path for path in folder.rglob("*") if path.is_file() and DRAFT not in str(path))
    return Counter((path.relative_to(folder).as_posix(), digest(path)) for path in paths)


def digest_bytes(path: Path) -> str:
    """Returns the digest of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest_sqlite(path: Path) -> str:
    """Returns the digest of all statements that would make an SQLite file; raises if it is damaged."""
    connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        if connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise ValueError(f"{path} is damaged")
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        tables = connection.execute(query).fetchall()
        digest = hashlib.sha256()
        for (name,) in sorted(tables):
            rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
            digest.update(repr((name, sorted(map(repr, rows)))).encode())
        return digest.hexdigest()
    finally:
        connection.close()


def digest_archive(path: Path) -> str:
    """Returns the digest of the rows in an archive of pg_dump; raises if it is cut."""
    command = ["pg_restore", "--file=-", "--data-only", str(path)]
    dumped = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    lines = sorted(line for line in dumped.splitlines() if _KEPT_STATEMENT.match(line))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def compare(expected: Contents, found: Contents) -> tuple[int, int, list[str]]:
    """Returns how many rows are lost, how many are there twice or too many, and lines that say which."""
    lost, excess, lines = 0, 0, []
    for name in sorted(expected.keys() | found.keys()):
        missing = expected.get(name, Counter()) - found.get(name, Counter())
        added = found.get(name, Counter()) - expected.get(name, Counter())
        lost, excess = lost + missing.total(), excess + added.total()
        lines += [f"{name}: lost {str(each)[:300]}" for each in list(missing)[:3]]
        lines += [f"{name}: too many {str(each)[:300]}" for each in list(added)[:3]]
    return lost, excess, lines
