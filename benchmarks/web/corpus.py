"""Makes databases of up to a million articles: saves some, then clones all their rows by SQL.

Each clone has other ids, addresses and days, and the same texts. Cloned are articles, versions,
captures, changes, states, stories, relations, attributions, reports and entries of the full-text
index. Signatures and the inverted indexes are not: no page reads them. So a text that is saved
later finds no copies among the clones.
"""

import itertools
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, Connection, Date, Table, delete, insert, select, text
from sqlalchemy import func as sql

from benchmarks.web.articles import (
    AGENCY,
    BASE_DAYS,
    OUTLETS,
    START,
    iter_articles,
    iter_rare_articles,
)
from storage import Database
from storage.batches import batched
from storage.dialects import is_sqlite
from storage.identity import compute_identity
from storage.records import Article, Capture, CaptureOutcome, CaptureResult
from storage.reports.working_out import work_out
from storage.search import fulltext
from storage.tables.articles import article, metadata, version
from storage.tables.columns import UtcDateTime
from storage.tables.health import health_day
from storage.tables.runs import run

BASE_ARTICLES = 10_000
DAYS = 365
RUNS_A_DAY = 8
_SAVE_BATCH = 200
RARE_ARTICLES = 30
_EDITED_SHARE, _GONE_SHARE, _UNREAD_SHARE = 0.05, 0.02, 0.05
_CLONED = [
    "story",
    "article",
    "version",
    "capture",
    "relation",
    "attribution",
    "change",
    "transition",
    "carrier",
    "carrying_story",
    "report",
    "carried",
    "departure",
    "report_redirect",
]
_ID_COLUMNS = frozenset(
    [
        "id",
        "article_id",
        "version_id",
        "story_id",
        "lead_id",
        "merged_into",
        "into_id",
        "old_id",
        "new_id",
        "report_id",
        "a",
        "b",
        "source",
    ]
)
_ADDRESS_COLUMNS = frozenset({"url", "canonical_url"})
_SCHEME_CHARS = len("https://")  # an identity is made from the address without it


def fill(database: Database, articles: int) -> None:
    """Fills an empty database with about `articles` articles, their runs and health."""
    base = min(articles, BASE_ARTICLES)
    save_base(database, base)
    add_runs(database)
    clone(database, round(articles / base) - 1)
    save_rare(database)


def save_base(database: Database, count: int) -> None:
    """Saves `count` invented articles, edits some, deletes some, and works their reports out."""
    database.outlets.declare_ranks({name: 0 if name == AGENCY else 9 for name in OUTLETS})
    chance = random.Random(2)
    for batch in batched(iter_articles(count), _SAVE_BATCH):
        database.save(batch)
        edited = [each for each in batch if chance.random() < _EDITED_SHARE]
        database.save([_edit(each) for each in edited])
        for each in batch:
            if chance.random() < _GONE_SHARE:
                _delete(database, each)
    work_out(database)


def save_rare(database: Database) -> None:
    """Saves the few articles of an outlet that hardly prints, and edits some: lists walk far.

    Their days are not worked out again: all clones of a text would be in the same few days.
    """
    articles = list(iter_rare_articles(RARE_ARTICLES, DAYS))
    database.save(articles)
    database.save([_edit(each) for each in articles[:: RARE_ARTICLES // 4]])


def _edit(each: Article) -> Article:
    text_after = each.text.replace(" ", " again ", 3)
    return replace(each, text=text_after, capture=_later(each, timedelta(hours=5)))


def _later(each: Article, delay: timedelta) -> Capture:
    assert each.capture is not None
    return replace(each.capture, fetched_at=each.capture.fetched_at + delay)


def _delete(database: Database, each: Article) -> None:
    identity = compute_identity(each.key, each.canonical_url, each.url)
    for days in (2, 5, 12):
        fetched = replace(_later(each, timedelta(days=days)), status=404)
        result = CaptureResult(CaptureOutcome.GONE)
        database.record_capture(each.outlet, identity, fetched, result)


def add_runs(database: Database) -> None:
    """Adds the runs of DAYS days, and their daily sums; one day in twenty was not read."""
    rows = list(_iter_days(random.Random(3)))

    def work(connection: Connection) -> None:
        connection.execute(delete(health_day))
        connection.execute(insert(health_day), [row for row in rows if row["runs"]])
        runs = [each for row in rows for each in _iter_runs(row)]
        connection.execute(insert(run), runs)

    database.write(work)


def _iter_days(chance: random.Random) -> Iterator[dict[str, Any]]:
    for name, number in itertools.product(OUTLETS, range(DAYS)):
        kind = chance.random()
        runs = 0 if kind < _UNREAD_SHARE / 2 else RUNS_A_DAY
        seen = 0 if kind < _UNREAD_SHARE else runs
        row = dict.fromkeys(("new", "edited", "pages", "read", "listed"), 2 * seen)
        yield row | {
            "outlet": name,
            "day": START.date() + timedelta(days=number),
            "runs": runs,
            "seen": seen,
            "bad": runs - seen,
            "fields": {"title": 2 * seen},
        }


def _iter_runs(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    is_read = row["seen"] > 0
    counts = {"source.ok": 1, "stored.new": 2} if is_read else {"source.unreachable": 1}
    for number in range(row["runs"]):
        at = datetime.combine(row["day"], datetime.min.time(), UTC)
        at += timedelta(hours=24 / RUNS_A_DAY * number)
        yield {
            "outlet": row["outlet"],
            "kind": "crawl",
            "host": "benchmark",
            "pid": 1,
            "started_at": at,
            "ended_at": at + timedelta(minutes=2),
            "outcome": "ok" if is_read else "failed",
            "cause": "" if is_read else "no answer",
            "counts": counts,
            "missed": 0,
            "selective": False,
            "own_network": False,
        }


def clone(database: Database, times: int) -> None:
    """Adds `times` clones of all articles, one transaction each, spread over DAYS days."""
    if times < 1:
        return
    tables = [metadata.tables[name] for name in _CLONED]
    step = database.read(lambda connection: _id_step(connection, tables))
    entries = database.read(_load_entries) if is_sqlite(database.engine) else []
    with _without_text_index(database):
        database.write(lambda connection: _copy_base(connection, tables))
        for number in range(1, times + 1):
            days = round(number * (DAYS - BASE_DAYS - 1) / times)
            database.write(
                lambda connection, number=number, days=days: _add_clone(  # type: ignore[misc]
                    connection, tables, entries, number, number * step, days
                )
            )
        database.write(lambda connection: _finish(connection, tables))
    database.outside(lambda connection: connection.exec_driver_sql("ANALYZE"))


def _id_step(connection: Connection, tables: list[Table]) -> int:
    """Returns a number above all ids of the tables."""
    ids = [connection.scalar(select(sql.max(each.c.id))) or 0 for each in tables if "id" in each.c]
    return (max(ids) // 1000 + 1) * 1000


def _base_name(table: Table) -> str:
    return f"clone_base_{table.name}"


def _copy_base(connection: Connection, tables: list[Table]) -> None:
    for table in tables:
        connection.exec_driver_sql(
            f"CREATE TABLE {_base_name(table)} AS SELECT * FROM {table.name}"
        )
    if not is_sqlite(connection):
        for name in ("searched", "search_index"):
            connection.exec_driver_sql(f"CREATE TABLE clone_base_{name} AS SELECT * FROM {name}")


def _add_clone(
    connection: Connection,
    tables: list[Table],
    entries: list[dict[str, Any]],
    number: int,
    offset: int,
    days: int,
) -> None:
    if is_sqlite(connection):
        raw_connection: Any = connection.connection.dbapi_connection
        raw_connection.create_function("sha256_hex", 1, _sha256_hex)
    for table in tables:
        names = ", ".join(f'"{column.name}"' for column in table.c)
        values = ", ".join(_shifted(connection, column, number, offset, days) for column in table.c)
        connection.exec_driver_sql(
            f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {_base_name(table)}"
        )
    place = days * fulltext.places_of_day(0).stop + offset
    if is_sqlite(connection):
        rows = [each | {"place": each["place"] + place} for each in entries]
        connection.execute(
            text("INSERT INTO search_index(rowid, title, text) VALUES (:place, :title, :text)"),
            rows,
        )
        searched = [
            {"article_id": each["id"] + offset, "version_id": each["version"] + offset}
            | {"place": each["place"] + place}
            for each in entries
        ]
        connection.execute(insert(fulltext.searched), searched)
    else:
        connection.exec_driver_sql(
            "INSERT INTO searched (article_id, version_id, place) SELECT"
            f" article_id + {offset}, version_id + {offset}, place + {place}"
            " FROM clone_base_searched"
        )
        connection.exec_driver_sql(
            "INSERT INTO search_index (article_id, place, words)"
            f" SELECT article_id + {offset}, place + {place}, words FROM clone_base_search_index"
        )


def _shifted(
    connection: Connection, column: Column[Any], number: int, offset: int, days: int
) -> str:
    """Returns the SQL expression of a column in a clone."""
    name = f'"{column.name}"'
    if column.name in _ID_COLUMNS and column.type.python_type is int:
        return f"CASE WHEN {name} > 0 THEN {name} + {offset} ELSE {name} END"
    if column is article.c.identity:
        address = f"'url:' || substr(url, {_SCHEME_CHARS + 1}) || '-{number}'"
        if is_sqlite(connection):
            return f"sha256_hex({address})"
        return f"encode(sha256(convert_to({address}, 'UTF8')), 'hex')"
    if column.name in _ADDRESS_COLUMNS:
        return f"CASE WHEN {name} = '' THEN '' ELSE {name} || '-{number}' END"
    if isinstance(column.type, UtcDateTime):
        if is_sqlite(connection):
            return f"strftime('%Y-%m-%d %H:%M:%f000', {name}, '+{days} days')"
        return f"{name} + interval '{days} days'"
    if isinstance(column.type, Date):
        return f"date({name}, '+{days} days')" if is_sqlite(connection) else f"{name} + {days}"
    return name


def _sha256_hex(address: str) -> str:
    return sha256(address.encode()).hexdigest()


@contextmanager
def _without_text_index(database: Database) -> Iterator[None]:
    """Drops PostgreSQL's index of words for the block: making it at once is much quicker."""
    find = text(
        "SELECT indexname, indexdef FROM pg_indexes"
        " WHERE tablename = 'search_index' AND indexdef LIKE '%USING gin%'"
    )
    found = [] if is_sqlite(database.engine) else database.read(lambda c: c.execute(find).all())
    for row in found:
        database.write(lambda c, name=row[0]: c.exec_driver_sql(f"DROP INDEX {name}"))  # type: ignore[misc]
    yield
    for row in found:
        database.write(lambda c, made=row[1]: c.exec_driver_sql(made))  # type: ignore[misc]


def _finish(connection: Connection, tables: list[Table]) -> None:
    names = [_base_name(table) for table in tables]
    if not is_sqlite(connection):
        names += ["clone_base_searched", "clone_base_search_index"]
        for table in tables:
            if "id" in table.c and table.c.id.autoincrement is not False:
                connection.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"
                    f" (SELECT max(id) + 1 FROM {table.name}))"
                )
    for name in names:
        connection.exec_driver_sql(f"DROP TABLE {name}")


def _load_entries(connection: Connection) -> list[dict[str, Any]]:
    """Returns the entries of the full-text index, in order of place."""
    query = (
        select(fulltext.searched, version.c.title, version.c.text, version.c.lead)
        .join(version, version.c.id == fulltext.searched.c.version_id)
        .order_by(fulltext.searched.c.place)
    )
    entries = []
    for row in connection.execute(query):
        title, words = fulltext.tokenise_article(row.title, row.text, row.lead)
        entry = {"id": row.article_id, "version": row.version_id, "place": row.place}
        entries.append(entry | {"title": " ".join(title), "text": " ".join(words)})
    return entries
