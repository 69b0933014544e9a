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

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TypedDict

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Named,
    Select,
    Table,
    Text,
    TypedColumns,
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
from storage.dialects import is_sqlite, lock_placement
from storage.engine import TransactionalEngine
from storage.errors import SchemaError
from storage.search import query, tokeniser
from storage.tables.articles import article, version
from storage.tables.columns import AnySelect, Id, in_bound_list
from storage.tables.meta import get_meta, set_meta

_TOKENISER_KEY = "search.tokens"
# The lower 30 bits of a place are the article id; the upper bits are the day.
PLACES_PER_DAY = 2**30
_FEW = 25_000
_FIRST_DAY = datetime(1900, 1, 1, tzinfo=UTC)

_metadata = MetaData()


class _SearchedColumns(TypedColumns):
    """The version of each article that the index has, and its place there."""

    article_id: Named[int] = Column(Id, primary_key=True, autoincrement=False)
    version_id: Named[int] = Column(BigInteger)
    place: Named[int] = Column(BigInteger)


searched = Table("searched", _metadata, _SearchedColumns)
_postgres_index = Table(
    "search_index",
    _metadata,
    Column("article_id", BigInteger, primary_key=True, autoincrement=False),
    Column("place", BigInteger, nullable=False),
    Column("words", TSVECTOR, nullable=False),
)
_sqlite_index = table("search_index", column("rowid"))

_ENTRIES_QUERY = select(
    article.c.id,
    article.c.version_id,
    article.c.published_at,
    article.c.first_seen_at,
    searched.c.version_id,
    searched.c.place,
).outerjoin_from(article, searched, searched.c.article_id == article.c.id)
_TEXTS_QUERY = select(version.c.id, version.c.title, version.c.text, version.c.lead).where(
    in_bound_list(version.c.id, "ids")
)


class _IndexedArticle(NamedTuple):
    """A row of `_ENTRIES_QUERY`: an article, and its entry in the index if it has one."""

    id: int
    version_id: int | None
    published_at: datetime | None
    first_seen_at: datetime
    old_version_id: int | None
    old_place: int | None

    @property
    def place(self) -> int:
        return index_place(self.published_at or self.first_seen_at, self.id)

    @property
    def is_stale(self) -> bool:
        return self.version_id != self.old_version_id or self.place != self.old_place


class _Texts(NamedTuple):
    """A row of `_TEXTS_QUERY`."""

    version_id: int
    title: str
    text: str
    lead: str


class _Entry(TypedDict):
    """An entry of the index: an article at its place, with the tokens of one of its versions."""

    id: int
    version: int
    place: int
    title: str
    text: str


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
    return (at - _FIRST_DAY).days * PLACES_PER_DAY + article_id


def places_of_day(place: int) -> range:
    """Returns all places of the day that `place` belongs to."""
    first = place - place % PLACES_PER_DAY
    return range(first, first + PLACES_PER_DAY)


def update_entries(connection: Connection, ids: Collection[int]) -> None:
    """Updates the index entries of these articles to their current versions and times.

    Call it in the transaction that changes the articles.
    """
    for batch in batched(sorted(ids)):
        rows = connection.execute(
            _ENTRIES_QUERY.where(in_bound_list(article.c.id, "ids")), {"ids": batch}
        )
        found = [_IndexedArticle(*row) for row in rows]
        _replace_entries(connection, [each for each in found if each.is_stale])


def match_condition(node: query.QueryNode, connection: Connection) -> ColumnElement[bool]:
    """Returns a condition on `article` for the query.

    On PostgreSQL the condition may also select articles that do not match: see `is_match_exact`.
    """
    index = _index_of(connection)
    return article.c.id.in_(select(index.article_id).where(index.match(node)))


def latest_query(
    node: query.QueryNode,
    connection: Connection,
    where: Sequence[ColumnElement[bool]] = (),
    *,
    first_place: int | None = None,
    end_place: int | None = None,
    are_few: bool = False,
    oldest_first: bool = False,
) -> Select[int, int]:
    """Returns a statement for `article_id` and `place` of the hits, latest or oldest place first.

    It selects the same articles as `match_condition`. `where`: conditions on `article` that they
    must also pass. `first_place` <= place < `end_place`. `are_few`: see `has_few`. Then the database
    makes the set of these articles first. Otherwise it looks at the article of each hit.
    """
    index = _index_of(connection)
    statement = select(index.article_id.label("article_id"), index.place.label("place"))
    order = index.place.asc() if oldest_first else index.place.desc()
    statement = statement.where(index.match(node)).order_by(order)
    if where:
        # Not a join: SQLite might make `article` the outer loop.
        allowed = select(article.c.id).where(*where)
        of_hit = allowed.where(article.c.id == index.article_id).correlate(index.table)
        statement = statement.where(index.is_among(allowed) if are_few else of_hit.exists())
    if first_place is not None:
        statement = statement.where(index.place >= first_place)
    return statement if end_place is None else statement.where(index.place < end_place)


def has_few(connection: Connection, where: Sequence[ColumnElement[bool]]) -> bool:
    """Returns whether at most `_FEW` articles pass these conditions, which an index should find."""
    some = select(article.c.id).where(*where).limit(_FEW + 1).subquery()
    return (connection.scalar(select(func.count()).select_from(some)) or 0) <= _FEW


def is_match_exact(node: query.QueryNode, connection: Connection) -> bool:
    """Returns whether `match_condition` selects only articles that match.

    If not, check each article with `query.matches`.
    """
    return _index_of(connection).is_exact(node)


def rebuild_if_outdated(database: TransactionalEngine) -> None:
    """Builds the index if it was never built, or was built with another `TOKENISER_VERSION`."""
    if database.read(_load_tokeniser_version) != tokeniser.TOKENISER_VERSION:
        database.write(_rebuild)


def check_current(database: TransactionalEngine) -> None:
    """Changes nothing. Raises SchemaError if the index was built by another tokeniser."""
    if database.read(_load_tokeniser_version) != tokeniser.TOKENISER_VERSION:
        raise SchemaError(
            "the search index is of another nkwire: `nkwire upgrade` brings it up to date"
        )


class _SqliteIndex:
    """The index as a contentless FTS5 table. The rowid of an entry is its place."""

    table = _sqlite_index
    article_id = _sqlite_index.c.rowid.op("&")(PLACES_PER_DAY - 1)
    place = _sqlite_index.c.rowid

    def match(self, node: query.QueryNode) -> ColumnElement[bool]:
        expression = bindparam("fts", query.to_fts5(node), type_=Text, unique=True)
        return literal_column("search_index").op("MATCH")(expression)

    def is_among(self, ids: AnySelect) -> ColumnElement[bool]:
        return self.article_id.in_(ids)

    def is_exact(self, node: query.QueryNode) -> bool:
        return True

    def replace(self, connection: Connection, old: list[_Entry], new: list[_Entry]) -> None:
        for statement, entries in ((_DELETE_SQLITE, old), (_INSERT_SQLITE, new)):
            if entries:
                values = [{n: entry[n] for n in ("place", "title", "text")} for entry in entries]
                connection.execute(statement, values)

    def clear(self, connection: Connection) -> None:
        connection.execute(text("INSERT INTO search_index(search_index) VALUES ('delete-all')"))


class _PostgresIndex:
    """The index as a table with a tsvector without positions."""

    table = _postgres_index
    article_id = _postgres_index.c.article_id
    place = _postgres_index.c.place

    def match(self, node: query.QueryNode) -> ColumnElement[bool]:
        expression = bindparam("fts", query.to_tsquery(node), type_=Text, unique=True)
        return _postgres_index.c.words.op("@@")(cast(expression, TSQUERY))

    def is_among(self, ids: AnySelect) -> ColumnElement[bool]:
        # An array is looked up by key. For IN, PostgreSQL may walk all hits in order of place.
        return _postgres_index.c.article_id == func.any(func.array(ids.scalar_subquery()))

    def is_exact(self, node: query.QueryNode) -> bool:
        return query.needs_only_words(node)

    def replace(self, connection: Connection, old: list[_Entry], new: list[_Entry]) -> None:
        is_old = in_bound_list(_postgres_index.c.article_id, "ids")
        connection.execute(
            delete(_postgres_index).where(is_old), {"ids": [entry["id"] for entry in old]}
        )
        if new:
            values = [
                {
                    "id": entry["id"],
                    "place": entry["place"],
                    "tokens": sorted({*entry["title"].split(), *entry["text"].split()}),
                }
                for entry in new
            ]
            connection.execute(_INSERT_POSTGRES, values)

    def clear(self, connection: Connection) -> None:
        connection.execute(delete(_postgres_index))


def _index_of(connection: Connection) -> _SqliteIndex | _PostgresIndex:
    return _SqliteIndex() if is_sqlite(connection) else _PostgresIndex()


def _replace_entries(connection: Connection, articles: Iterable[_IndexedArticle]) -> None:
    """Replaces the index entries of these articles."""
    # FTS5 writes a new segment where rowids do not ascend.
    articles = sorted(articles, key=lambda each: each.place)
    if not articles:
        return
    version_ids = {i for each in articles for i in (each.version_id, each.old_version_id) if i}
    rows = connection.execute(_TEXTS_QUERY, {"ids": list(version_ids)})
    texts: dict[int | None, _Texts] = {row[0]: _Texts(*row) for row in rows}
    old_entries = [
        _make_entry(each.id, each.old_place, texts[each.old_version_id])
        for each in articles
        if each.old_place is not None and each.old_version_id in texts
    ]
    new_entries = [
        _make_entry(each.id, each.place, texts[each.version_id])
        for each in articles
        if each.version_id in texts
    ]
    old_ids = {"ids": [entry["id"] for entry in old_entries]}
    connection.execute(delete(searched).where(in_bound_list(searched.c.article_id, "ids")), old_ids)
    _index_of(connection).replace(connection, old_entries, new_entries)
    if new_entries:
        searched_rows = [
            {"article_id": each["id"], "version_id": each["version"], "place": each["place"]}
            for each in new_entries
        ]
        connection.execute(insert(searched), searched_rows)


def _make_entry(article_id: int, place: int, texts: _Texts) -> _Entry:
    title_tokens, text_tokens = tokenise_article(texts.title, texts.text, texts.lead)
    return {
        "id": article_id,
        "version": texts.version_id,
        "place": place,
        "title": " ".join(title_tokens),
        "text": " ".join(text_tokens),
    }


def _load_tokeniser_version(connection: Connection) -> str | None:
    return get_meta(connection, _TOKENISER_KEY)


def _rebuild(connection: Connection) -> None:
    lock_placement(connection)
    if _load_tokeniser_version(connection) == tokeniser.TOKENISER_VERSION:
        return  # another process has rebuilt it
    connection.execute(delete(searched))
    _index_of(connection).clear(connection)
    next_entries = _ENTRIES_QUERY.where(article.c.id > bindparam("after")).order_by(article.c.id)
    next_entries = next_entries.limit(ROWS_PER_BATCH)
    after = 0
    while rows := connection.execute(next_entries, {"after": after}).all():
        _replace_entries(connection, [_IndexedArticle(*row) for row in rows])
        after = rows[-1][0]
    set_meta(connection, _TOKENISER_KEY, tokeniser.TOKENISER_VERSION)
