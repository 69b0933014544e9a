"""The full-text index, kept beside the articles in the same transaction: FTS5 or a tsvector.

Both hold the tokens of `storage.search.tokens`, so both find the same. SQLite's index has no copy of the
texts (contentless): what was put in is computed again from the version when it must come out, and
`searched` says which version that is. FTS5 knows positions; PostgreSQL's tsvector forgets them beyond
256 per word and 16,383 per text, so it is kept without, and phrases are checked on the texts.

An entry stands at the `place` of its article, a number that orders by day: the latest of very many
hits are read off the index, without looking at the others. (By second, the index would be half as
large again: FTS5 keeps the distances between the places of a word, which are small within a day.)
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    FromClause,
    MetaData,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from storage.batches import batched
from storage.engine import Connected, lock_placement
from storage.search import query, tokens
from storage.tables.articles import article, meta, version
from storage.tables.columns import AnyRow, Id, among

_KEY = "search.tokens"
_AT_ONCE = 500
# A place has 30 bits for the article's id, and before them the day.
_IDS = 2**30
_BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)

_tables = MetaData()
searched = Table(
    "searched",
    _tables,
    Column("article_id", Id, primary_key=True, autoincrement=False),
    Column("version_id", BigInteger, nullable=False),
    Column("place", BigInteger, nullable=False),
)
_postgres = Table(
    "search_index",
    _tables,
    Column("article_id", BigInteger, primary_key=True, autoincrement=False),
    Column("place", BigInteger, nullable=False),
    Column("words", TSVECTOR, nullable=False),
)
_sqlite = table("search_index", column("rowid"))

_STANDS = select(
    *(article.c[name] for name in ("id", "version_id", "published_at", "first_seen_at")),
    searched.c.version_id.label("old"),
    searched.c.place,
).outerjoin_from(article, searched, searched.c.article_id == article.c.id)
_WORDS = select(version.c.id, version.c.title, version.c.text, version.c.lead).where(
    among(version.c.id, "ids")
)
_ADD_SQLITE = text("INSERT INTO search_index(rowid, title, text) VALUES (:place, :title, :text)")
_DROP_SQLITE = text(
    "INSERT INTO search_index(search_index, rowid, title, text)"
    " VALUES ('delete', :place, :title, :text)"
)
_ADD_POSTGRES = insert(_postgres).values(
    article_id=bindparam("id"),
    place=bindparam("place"),
    words=func.array_to_tsvector(cast(bindparam("tokens"), ARRAY(Text))),
)


def words_of(title: str, body: str, lead: str) -> tuple[list[str], list[str]]:
    """The tokens that an article is found by: its title and its text, of a stub the lead."""
    return tokens.indexed(title, body or lead)


def place_of(at: datetime, article_id: int) -> int:
    """Where an article of this time stands in the index: by its day (UTC), then by its id."""
    return (at - _BEGINNING).days * _IDS + article_id


def day_of(place: int) -> range:
    """All places of the day that a place is of."""
    first = place - place % _IDS
    return range(first, first + _IDS)


def refresh(connection: Connection, ids: Collection[int]) -> None:
    """Bring these articles' entries to their versions and times. Call in the transaction that set them."""
    for some in batched(sorted(ids), _AT_ONCE):
        rows = connection.execute(_STANDS.where(among(article.c.id, "ids")), {"ids": some}).all()
        _refresh(connection, [row for row in rows if _is_stale(row)])


def matching(node: query.Node, dialect: str) -> ColumnElement[bool]:
    """The condition on `article` that the words hold; on PostgreSQL that they may (see `query.is_exact`)."""
    index = _index(dialect)
    return article.c.id.in_(select(index.article_id).where(index.holds(node)))


def latest(
    node: query.Node,
    dialect: str,
    where: Sequence[ColumnElement[bool]] = (),
    *,
    low: int | None = None,
    below: int | None = None,
) -> Select[int, int]:
    """`article_id` and `place` of what is `matching` and passes conditions on `article`, latest day first.

    Of the places from `low` on, `below` excluded.
    """
    index = _index(dialect)
    asked = select(index.article_id.label("article_id"), index.place.label("place"))
    asked = asked.where(index.holds(node)).order_by(index.place.desc())
    if where:
        # Not a join: SQLite might begin it at the other end.
        passes = select(article.c.id).where(article.c.id == index.article_id, *where)
        asked = asked.where(passes.correlate(index.table).exists())
    if low is not None:
        asked = asked.where(index.place >= low)
    return asked if below is None else asked.where(index.place < below)


def is_decided(node: query.Node, dialect: str) -> bool:
    """Whether `matching` says it all; else `query.holds` has the last word."""
    return dialect == "sqlite" or query.is_exact(node)


def keep_current(database: Connected) -> None:
    """Make the index anew if it was made by other rules, or never."""
    if database.read(_made_by) != tokens.VERSION:
        database.write(_make_anew)


@dataclass(frozen=True, slots=True)
class _Index:
    """The index of one database: which article an entry is of, its place, the condition for words."""

    table: FromClause
    article_id: ColumnElement[int]
    place: ColumnElement[int]
    holds: Callable[[query.Node], ColumnElement[bool]]


def _index(dialect: str) -> _Index:
    if dialect == "sqlite":
        return _Index(_sqlite, _sqlite.c.rowid.op("&")(_IDS - 1), _sqlite.c.rowid, _sqlite_holds)
    return _Index(_postgres, _postgres.c.article_id, _postgres.c.place, _postgres_holds)


def _sqlite_holds(node: query.Node) -> ColumnElement[bool]:
    wanted = bindparam("fts", query.for_sqlite(node), type_=Text, unique=True)
    return literal_column("search_index").op("MATCH")(wanted)


def _postgres_holds(node: query.Node) -> ColumnElement[bool]:
    asked = cast(bindparam("fts", query.for_postgresql(node), type_=Text, unique=True), TSQUERY)
    return _postgres.c.words.op("@@")(asked)


def _place(row: AnyRow) -> int:
    return place_of(row.published_at or row.first_seen_at, row.id)


def _is_stale(row: AnyRow) -> bool:
    return bool(row.version_id != row.old or _place(row) != row.place)


def _refresh(connection: Connection, rows: Iterable[AnyRow]) -> None:
    """Index these rows of `_STANDS` anew."""
    rows = sorted(rows, key=_place)  # FTS5 writes a segment wherever the order breaks
    if not rows:
        return
    versions = [i for row in rows for i in (row.version_id, row.old) if i is not None]
    held = {row.id: row for row in connection.execute(_WORDS, {"ids": versions})}
    old = [_entry(row, row.place, held[row.old]) for row in rows if row.old in held]
    new = [_entry(row, _place(row), held[row.version_id]) for row in rows if row.version_id in held]
    gone = {"ids": [entry["id"] for entry in old]}
    connection.execute(delete(searched).where(among(searched.c.article_id, "ids")), gone)
    if connection.dialect.name == "sqlite":
        _change_sqlite(connection, old, new)
    else:
        connection.execute(delete(_postgres).where(among(_postgres.c.article_id, "ids")), gone)
        _add_postgres(connection, new)
    if new:
        names = {"article_id": "id", "version_id": "version", "place": "place"}
        known = [{name: entry[key] for name, key in names.items()} for entry in new]
        connection.execute(insert(searched), known)


def _entry(row: AnyRow, place: int, words: AnyRow) -> dict[str, Any]:
    of_title, of_text = words_of(words.title, words.text, words.lead)
    return {
        "id": row.id,
        "version": words.id,
        "place": place,
        "title": " ".join(of_title),
        "text": " ".join(of_text),
    }


def _change_sqlite(
    connection: Connection, old: list[dict[str, Any]], new: list[dict[str, Any]]
) -> None:
    for statement, entries in ((_DROP_SQLITE, old), (_ADD_SQLITE, new)):
        if entries:
            values = [{n: e[n] for n in ("place", "title", "text")} for e in entries]
            connection.execute(statement, values)


def _add_postgres(connection: Connection, new: list[dict[str, Any]]) -> None:
    if new:
        values = [
            {"id": e["id"], "place": e["place"], "tokens": _distinct(e["title"], e["text"])}
            for e in new
        ]
        connection.execute(_ADD_POSTGRES, values)


def _distinct(*parts: str) -> list[str]:
    return sorted(set(chain(*(part.split() for part in parts))))


def _made_by(connection: Connection) -> str | None:
    return connection.scalar(select(meta.c.value).where(meta.c.key == _KEY))


def _make_anew(connection: Connection) -> None:
    lock_placement(connection)
    if _made_by(connection) == tokens.VERSION:
        return  # another process was first
    connection.execute(delete(searched))
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO search_index(search_index) VALUES ('delete-all')"))
    else:
        connection.execute(delete(_postgres))
    behind = _STANDS.where(article.c.id > bindparam("after")).order_by(article.c.id)
    behind = behind.limit(_AT_ONCE)
    after = 0
    while rows := connection.execute(behind, {"after": after}).all():
        _refresh(connection, rows)
        after = rows[-1].id
    connection.execute(delete(meta).where(meta.c.key == _KEY))
    connection.execute(insert(meta), {"key": _KEY, "value": tokens.VERSION})
