"""The full-text index, kept beside the articles in the same transaction: FTS5 or a tsvector.

Both hold the tokens of `storage.tokens`, so both find the same. SQLite's index has no copy of the
texts (contentless): what was put in is computed again from the version when it must come out, and
`searched` says which version that is. FTS5 knows positions; PostgreSQL's tsvector forgets them beyond
256 per word and 16,383 per text, so it is kept without, and phrases are checked on the texts.
"""

from collections.abc import Collection
from itertools import chain
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
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

from storage import query, tokens
from storage.batches import batched
from storage.columns import Id, among
from storage.engine import Connected, lock_placement
from storage.models import article, meta, version

_KEY = "search.tokens"
_AT_ONCE = 500

_tables = MetaData()
searched = Table(
    "searched",
    _tables,
    Column("article_id", Id, primary_key=True, autoincrement=False),
    Column("version_id", BigInteger, nullable=False),
)
_postgres = Table(
    "search_index",
    _tables,
    Column("article_id", BigInteger, primary_key=True, autoincrement=False),
    Column("words", TSVECTOR, nullable=False),
)
_sqlite = table("search_index", column("rowid"))

_STALE = (
    select(article.c.id, article.c.version_id, searched.c.version_id.label("old"))
    .outerjoin_from(article, searched, searched.c.article_id == article.c.id)
    .where(article.c.version_id.is_distinct_from(searched.c.version_id))
)
_WORDS = select(version.c.id, version.c.title, version.c.text, version.c.lead).where(
    among(version.c.id, "ids")
)
_ADD_SQLITE = text("INSERT INTO search_index(rowid, title, text) VALUES (:id, :title, :text)")
_DROP_SQLITE = text(
    "INSERT INTO search_index(search_index, rowid, title, text)"
    " VALUES ('delete', :id, :title, :text)"
)
_ADD_POSTGRES = insert(_postgres).values(
    article_id=bindparam("id"),
    words=func.array_to_tsvector(cast(bindparam("tokens"), ARRAY(Text))),
)


def words_of(title: str, body: str, lead: str) -> tuple[list[str], list[str]]:
    """The tokens that an article is found by: its title and its text, of a stub the lead."""
    return tokens.indexed(title, body or lead)


def refresh(connection: Connection, ids: Collection[int]) -> None:
    """Bring these articles' entries to their current versions. Call in the transaction that set them."""
    for some in batched(sorted(ids), _AT_ONCE):
        _refresh(connection, _STALE.where(among(article.c.id, "ids")), {"ids": some})


def matching(node: query.Node, dialect: str) -> ColumnElement[bool]:
    """The condition on `article` that the words hold; on PostgreSQL that they may (see `query.is_exact`)."""
    return article.c.id.in_(_found(node, dialect))


def is_decided(node: query.Node, dialect: str) -> bool:
    """Whether `matching` says it all; else `query.holds` has the last word."""
    return dialect == "sqlite" or query.is_exact(node)


def keep_current(database: Connected) -> None:
    """Make the index anew if it was made by other rules, or never."""
    if database.read(_made_by) != tokens.VERSION:
        database.write(_make_anew)


def _found(node: query.Node, dialect: str) -> Select[Any]:
    if dialect == "sqlite":
        wanted = bindparam("fts", query.for_sqlite(node), type_=Text, unique=True)
        return select(_sqlite.c.rowid).where(literal_column("search_index").op("MATCH")(wanted))
    asked = cast(bindparam("fts", query.for_postgresql(node), type_=Text, unique=True), TSQUERY)
    return select(_postgres.c.article_id).where(_postgres.c.words.op("@@")(asked))


def _refresh(connection: Connection, stale: Select[Any], asked: dict[str, Any]) -> int | None:
    """Index what a statement says is stale; returns the last article of these, None if none was."""
    rows = connection.execute(stale, asked).all()
    if not rows:
        return None
    ids = [i for row in rows for i in (row.version_id, row.old) if i is not None]
    held = {row.id: row for row in connection.execute(_WORDS, {"ids": ids})}
    old = {row.id: held[row.old] for row in rows if row.old in held}
    new = {row.id: held[row.version_id] for row in rows if row.version_id in held}
    connection.execute(
        delete(searched).where(among(searched.c.article_id, "ids")), {"ids": list(old)}
    )
    if connection.dialect.name == "sqlite":
        _change_sqlite(connection, old, new)
    else:
        _change_postgres(connection, old, new)
    if new:
        known = [{"article_id": i, "version_id": row.id} for i, row in new.items()]
        connection.execute(insert(searched), known)
    return int(rows[-1].id)


def _change_sqlite(connection: Connection, old: dict[int, Any], new: dict[int, Any]) -> None:
    for statement, rows in ((_DROP_SQLITE, old), (_ADD_SQLITE, new)):
        values = []
        for i, row in rows.items():
            of_title, of_text = words_of(row.title, row.text, row.lead)
            values.append({"id": i, "title": " ".join(of_title), "text": " ".join(of_text)})
        if values:
            connection.execute(statement, values)


def _change_postgres(connection: Connection, old: dict[int, Any], new: dict[int, Any]) -> None:
    if old:
        gone = among(_postgres.c.article_id, "ids")
        connection.execute(delete(_postgres).where(gone), {"ids": list(old)})
    values = [{"id": i, "tokens": _distinct(row)} for i, row in new.items()]
    if values:
        connection.execute(_ADD_POSTGRES, values)


def _distinct(row: Any) -> list[str]:
    return sorted(set(chain(*words_of(row.title, row.text, row.lead))))


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
    behind = _STALE.where(article.c.id > bindparam("after")).order_by(article.c.id)
    after: int | None = 0
    while after is not None:
        after = _refresh(connection, behind.limit(_AT_ONCE), {"after": after})
    connection.execute(delete(meta).where(meta.c.key == _KEY))
    connection.execute(insert(meta), {"key": _KEY, "value": tokens.VERSION})
