"""Maintains the full-text index and builds its queries: FTS5 on SQLite, tsvector on PostgreSQL.

The index changes in the same transaction as the articles. Both databases index the tokens of
`storage.search.tokeniser`, so both give the same results.

The SQLite index is a contentless FTS5 table: it has no copy of the texts. To delete an entry, FTS5
needs the indexed text again. It is computed from the version that the table `searched` names.
FTS5 stores token positions. A PostgreSQL tsvector stores at most 256 positions per lexeme, and none
above 16,383. So it is stored without positions, and phrases are checked against the texts.

Each entry has a `place`, a number that sorts by day and then by article id. So a query reads its
latest hits from the index and does not read the others. Places by second instead of by day would
make the index half as large again, because FTS5 stores the differences between the rowids of a
word.
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

from storage.batches import ROWS_PER_BATCH, batched
from storage.engine import TransactionalEngine, lock_placement
from storage.reading.article_queries import article_time
from storage.search import query, tokeniser
from storage.tables.articles import article, meta, version
from storage.tables.columns import AnyRow, Id, in_bound_list

_TOKENISER_KEY = "search.tokens"
# The lower 30 bits of a place are the article id; the upper bits are the day.
_PLACES_PER_DAY = 2**30
_FIRST_DAY = datetime(1900, 1, 1, tzinfo=UTC)

_metadata = MetaData()
searched = Table(
    "searched",
    _metadata,
    Column("article_id", Id, primary_key=True, autoincrement=False),
    Column("version_id", BigInteger, nullable=False),
    Column("place", BigInteger, nullable=False),
)
_postgres_index = Table(
    "search_index",
    _metadata,
    Column("article_id", BigInteger, primary_key=True, autoincrement=False),
    Column("place", BigInteger, nullable=False),
    Column("words", TSVECTOR, nullable=False),
)
_sqlite_index = table("search_index", column("rowid"))

_ENTRIES_QUERY = select(
    *(article.c[name] for name in ("id", "version_id", "published_at", "first_seen_at")),
    searched.c.version_id.label("old"),
    searched.c.place,
).outerjoin_from(article, searched, searched.c.article_id == article.c.id)
_TEXTS_QUERY = select(version.c.id, version.c.title, version.c.text, version.c.lead).where(
    in_bound_list(version.c.id, "ids")
)
_INSERT_SQLITE = text("INSERT INTO search_index(rowid, title, text) VALUES (:place, :title, :text)")
_DELETE_SQLITE = text(
    "INSERT INTO search_index(search_index, rowid, title, text)"
    " VALUES ('delete', :place, :title, :text)"
)
_INSERT_POSTGRES = insert(_postgres_index).values(
    article_id=bindparam("id"),
    place=bindparam("place"),
    words=func.array_to_tsvector(cast(bindparam("tokens"), ARRAY(Text))),
)


def tokenise_article(title: str, body: str, lead: str) -> tuple[list[str], list[str]]:
    """Returns the tokens of the title, and of the body or, if that is empty, of the lead."""
    return tokeniser.tokenise_bounded(title, body or lead)


def index_place(at: datetime, article_id: int) -> int:
    """Returns the place of an article in the index: by its day (UTC), then by its id.

    `at`: an aware time. `article_id`: less than 2**30.
    """
    return (at - _FIRST_DAY).days * _PLACES_PER_DAY + article_id


def places_of_day(place: int) -> range:
    """Returns all places of the day that `place` belongs to."""
    first = place - place % _PLACES_PER_DAY
    return range(first, first + _PLACES_PER_DAY)


def update_entries(connection: Connection, ids: Collection[int]) -> None:
    """Updates the index entries of these articles to their current versions and times.

    Call it in the transaction that changes the articles.
    """
    for batch in batched(sorted(ids)):
        rows = connection.execute(
            _ENTRIES_QUERY.where(in_bound_list(article.c.id, "ids")), {"ids": batch}
        ).all()
        _replace_entries(connection, [row for row in rows if _is_stale(row)])


def match_condition(node: query.QueryNode, dialect: str) -> ColumnElement[bool]:
    """Returns a condition on `article` for the query. `dialect`: the SQLAlchemy dialect name.

    On PostgreSQL the condition may also select articles that do not match: see `is_match_exact`.
    """
    index = _index_for(dialect)
    return article.c.id.in_(select(index.article_id).where(index.match(node)))


def latest_query(
    node: query.QueryNode,
    dialect: str,
    where: Sequence[ColumnElement[bool]] = (),
    *,
    first_place: int | None = None,
    end_place: int | None = None,
) -> Select[int, int]:
    """Returns a statement for `article_id` and `place` of the hits, latest place first.

    It selects the same articles as `match_condition`. `where`: conditions on `article` that they
    must also pass. `first_place` <= place < `end_place`.
    """
    index = _index_for(dialect)
    statement = select(index.article_id.label("article_id"), index.place.label("place"))
    statement = statement.where(index.match(node)).order_by(index.place.desc())
    if where:
        # Not a join: SQLite might make `article` the outer loop.
        filter_query = select(article.c.id).where(article.c.id == index.article_id, *where)
        statement = statement.where(filter_query.correlate(index.table).exists())
    if first_place is not None:
        statement = statement.where(index.place >= first_place)
    return statement if end_place is None else statement.where(index.place < end_place)


def is_match_exact(node: query.QueryNode, dialect: str) -> bool:
    """Returns whether `match_condition` selects only articles that match.

    If not, check each article with `query.matches`.
    """
    return dialect == "sqlite" or query.has_only_single_tokens(node)


def rebuild_if_outdated(database: TransactionalEngine) -> None:
    """Builds the index if it was never built, or was built with another `TOKENISER_VERSION`."""
    if database.read(_load_tokeniser_version) != tokeniser.TOKENISER_VERSION:
        database.write(_rebuild)


@dataclass(frozen=True, slots=True)
class _SearchIndex:
    """The index table of a dialect, its columns, and the function for its match condition."""

    table: FromClause
    article_id: ColumnElement[int]
    place: ColumnElement[int]
    match: Callable[[query.QueryNode], ColumnElement[bool]]


def _index_for(dialect: str) -> _SearchIndex:
    if dialect == "sqlite":
        return _SearchIndex(
            _sqlite_index,
            _sqlite_index.c.rowid.op("&")(_PLACES_PER_DAY - 1),
            _sqlite_index.c.rowid,
            _sqlite_match,
        )
    return _SearchIndex(
        _postgres_index, _postgres_index.c.article_id, _postgres_index.c.place, _postgres_match
    )


def _sqlite_match(node: query.QueryNode) -> ColumnElement[bool]:
    expression = bindparam("fts", query.to_fts5(node), type_=Text, unique=True)
    return literal_column("search_index").op("MATCH")(expression)


def _postgres_match(node: query.QueryNode) -> ColumnElement[bool]:
    expression = cast(bindparam("fts", query.to_tsquery(node), type_=Text, unique=True), TSQUERY)
    return _postgres_index.c.words.op("@@")(expression)


def _current_place(row: AnyRow) -> int:
    return index_place(article_time(row), row.id)


def _is_stale(row: AnyRow) -> bool:
    return bool(row.version_id != row.old or _current_place(row) != row.place)


def _replace_entries(connection: Connection, rows: Iterable[AnyRow]) -> None:
    """Replaces the index entries of these rows of `_ENTRIES_QUERY`."""
    rows = sorted(rows, key=_current_place)  # FTS5 writes a new segment where rowids do not ascend
    if not rows:
        return
    version_ids = [i for row in rows for i in (row.version_id, row.old) if i is not None]
    texts_by_version = {
        row.id: row for row in connection.execute(_TEXTS_QUERY, {"ids": version_ids})
    }
    old_entries = [
        _make_entry(row, row.place, texts_by_version[row.old])
        for row in rows
        if row.old in texts_by_version
    ]
    new_entries = [
        _make_entry(row, _current_place(row), texts_by_version[row.version_id])
        for row in rows
        if row.version_id in texts_by_version
    ]
    old_ids = {"ids": [entry["id"] for entry in old_entries]}
    connection.execute(delete(searched).where(in_bound_list(searched.c.article_id, "ids")), old_ids)
    if connection.dialect.name == "sqlite":
        _replace_sqlite(connection, old_entries, new_entries)
    else:
        connection.execute(
            delete(_postgres_index).where(in_bound_list(_postgres_index.c.article_id, "ids")),
            old_ids,
        )
        _insert_postgres(connection, new_entries)
    if new_entries:
        names = {"article_id": "id", "version_id": "version", "place": "place"}
        searched_rows = [{name: entry[key] for name, key in names.items()} for entry in new_entries]
        connection.execute(insert(searched), searched_rows)


def _make_entry(row: AnyRow, place: int, texts: AnyRow) -> dict[str, Any]:
    title_tokens, text_tokens = tokenise_article(texts.title, texts.text, texts.lead)
    return {
        "id": row.id,
        "version": texts.id,
        "place": place,
        "title": " ".join(title_tokens),
        "text": " ".join(text_tokens),
    }


def _replace_sqlite(
    connection: Connection, old_entries: list[dict[str, Any]], new_entries: list[dict[str, Any]]
) -> None:
    for statement, entries in ((_DELETE_SQLITE, old_entries), (_INSERT_SQLITE, new_entries)):
        if entries:
            values = [{n: entry[n] for n in ("place", "title", "text")} for entry in entries]
            connection.execute(statement, values)


def _insert_postgres(connection: Connection, entries: list[dict[str, Any]]) -> None:
    if entries:
        values = [
            {
                "id": entry["id"],
                "place": entry["place"],
                "tokens": _distinct_tokens(entry["title"], entry["text"]),
            }
            for entry in entries
        ]
        connection.execute(_INSERT_POSTGRES, values)


def _distinct_tokens(*parts: str) -> list[str]:
    return sorted(set(chain(*(part.split() for part in parts))))


def _load_tokeniser_version(connection: Connection) -> str | None:
    return connection.scalar(select(meta.c.value).where(meta.c.key == _TOKENISER_KEY))


def _rebuild(connection: Connection) -> None:
    lock_placement(connection)
    if _load_tokeniser_version(connection) == tokeniser.TOKENISER_VERSION:
        return  # another process has rebuilt it
    connection.execute(delete(searched))
    if connection.dialect.name == "sqlite":
        connection.execute(text("INSERT INTO search_index(search_index) VALUES ('delete-all')"))
    else:
        connection.execute(delete(_postgres_index))
    next_entries = _ENTRIES_QUERY.where(article.c.id > bindparam("after")).order_by(article.c.id)
    next_entries = next_entries.limit(ROWS_PER_BATCH)
    after = 0
    while rows := connection.execute(next_entries, {"after": after}).all():
        _replace_entries(connection, rows)
        after = rows[-1].id
    connection.execute(delete(meta).where(meta.c.key == _TOKENISER_KEY))
    connection.execute(insert(meta), {"key": _TOKENISER_KEY, "value": tokeniser.TOKENISER_VERSION})
