"""Searches the articles: the same hits in the same order on SQLite and PostgreSQL."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple, TypeVar, Unpack

from sqlalchemy import Connection, Select, func, select

from storage.batches import batched
from storage.dialects import statement_timeout
from storage.engine import TransactionalEngine
from storage.errors import TooSlow
from storage.reading.article_queries import ARTICLE_TIME, filter_conditions
from storage.reading.redirects import resolve_story
from storage.reading.rows import ArticleFilters
from storage.search import fulltext, query
from storage.search.snippet import Snippet, make_snippet
from storage.stated_time import StatedTime, make_stated_time
from storage.tables.articles import article, version
from storage.tables.columns import in_bound_list

MAX_HITS = 1000
"""The most hits of one search. An export with the filter `words` has no limit."""
DEFAULT_TIMEOUT_SECONDS = 30.0
_Row = TypeVar("_Row")
_ROWS_PER_BATCH = 100
_MAX_IDS_PER_QUERY = 10_000


class SearchTimeout(TooSlow):
    """The search took longer than its time limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that matches. `at`: the publication time, or when it was first seen.

    `published`: the publication time as precisely as the outlet states it.

    `snippet`: the passage around the first hit in the text, or in the lead if there is no text. It
    is the beginning if only the title matches.
    """

    id: int
    outlet: str
    url: str
    language: str
    title: str
    at: datetime
    published: StatedTime | None
    story_id: int
    snippet: Snippet


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An article that matches, without its texts. `at`: as of a `Hit`."""

    id: int
    outlet: str
    language: str
    at: datetime
    story_id: int


def search(
    database: TransactionalEngine,
    words: str,
    *,
    collapse: bool = False,
    limit: int = 50,
    seconds: float = DEFAULT_TIMEOUT_SECONDS,
    **filters: Unpack[ArticleFilters],
) -> list[Hit]:
    """Returns the articles that match, latest first. `words`: see `storage.search.query`.

    `collapse`: return only the latest hit of each story. `limit`: at most `MAX_HITS`. `seconds`:
    the time limit. Raises BadQuery if the query cannot be parsed, NotFound if the filter `story`
    names no story, and SearchTimeout after `seconds`.
    """
    node = query.parse(words)
    request = _SearchRequest(node, resolve_story(database, filters))
    max_hits = max(0, min(limit, MAX_HITS))
    with _searching(database, seconds) as connection:
        rows = _until_deadline(_iter_matching_rows(connection, request, max_hits), seconds)
        first_rows = _iter_first_of_story(rows, collapse)
        return [_make_hit(row, node) for row in islice(first_rows, max_hits)]


def find_matches(
    database: TransactionalEngine,
    words: str,
    *,
    limit: int = MAX_HITS,
    seconds: float = DEFAULT_TIMEOUT_SECONDS,
    **filters: Unpack[ArticleFilters],
) -> list[Match]:
    """Returns the same articles in the same order as `search`, without reading their texts.

    Where the index does not tell phrases (PostgreSQL), the texts are read all the same. For the
    parameters and errors see `search`.
    """
    request = _SearchRequest(query.parse(words), resolve_story(database, filters))
    max_hits = max(0, min(limit, MAX_HITS))
    with _searching(database, seconds) as connection:
        rows = _until_deadline(_iter_matches(connection, request, max_hits), seconds)
        return list(islice(rows, max_hits))


def load_hits(
    database: TransactionalEngine,
    words: str,
    ids: Sequence[int],
    *,
    seconds: float = DEFAULT_TIMEOUT_SECONDS,
) -> list[Hit]:
    """Returns these articles as hits of the words, in their order; unknown ids are left out.

    They need not match. Raises BadQuery, and SearchTimeout after `seconds`.
    """
    node = query.parse(words)
    with _searching(database, seconds) as connection:
        rows = connection.execute(
            _HITS_QUERY.where(in_bound_list(article.c.id, "ids")), {"ids": ids}
        )
        found = {row[0]: _FoundArticle(*row) for row in rows}
    return [_make_hit(found[each], node) for each in ids if each in found]


@contextmanager
def _searching(database: TransactionalEngine, seconds: float) -> Iterator[Connection]:
    try:
        with database.reading() as connection, statement_timeout(connection, seconds):
            yield connection
    except TimeoutError:
        raise SearchTimeout(f"no answer in {seconds:g} s: ask for less common words") from None


class _FoundArticle(NamedTuple):
    """A row of `_HITS_QUERY`."""

    id: int
    outlet: str
    url: str
    language: str
    story_id: int | None
    at: datetime
    published_at: datetime | None
    published_precision: str | None
    title: str
    text: str
    lead: str

    def matches(self, node: query.QueryNode) -> bool:
        return query.matches(node, fulltext.tokenise_article(self.title, self.text, self.lead))


@dataclass(frozen=True, slots=True)
class _SearchRequest:
    """A parsed query and the filters of the articles."""

    node: query.QueryNode
    filters: ArticleFilters

    def are_few(self, connection: Connection) -> bool:
        """Returns whether few articles pass the filters, as an index tells for these two."""
        has_index = self.filters.get("outlet") or self.filters.get("language")
        return bool(has_index) and fulltext.has_few(connection, filter_conditions(self.filters))

    def latest_query(
        self,
        connection: Connection,
        first_place: int | None,
        end_place: int | None,
        *,
        are_few: bool,
    ) -> Select[int, int]:
        """Returns the statement for the hits with `first_place` <= place < `end_place`."""
        return fulltext.latest_query(
            self.node,
            connection,
            filter_conditions(self.filters),
            first_place=first_place,
            end_place=end_place,
            are_few=are_few,
        )

    def place_bounds(self) -> tuple[int | None, int | None]:
        """Returns the first place and the end of the places of the days that the filters allow."""
        since, until = self.filters.get("since"), self.filters.get("until")
        first_place = fulltext.index_place(since, 0) if since else None
        return first_place, fulltext.places_of_day(
            fulltext.index_place(until, 0)
        ).stop if until else None


def _iter_matching_rows(
    connection: Connection, request: _SearchRequest, max_hits: int
) -> Iterator[_FoundArticle]:
    """Yields the articles that match latest first."""
    is_exact = fulltext.is_match_exact(request.node, connection)
    for ids in _iter_candidate_ids(connection, request, max_hits):
        for batch in batched(
            connection.scalars(_ORDERED_IDS_QUERY, {"ids": ids}).all(), _ROWS_PER_BATCH
        ):
            rows = connection.execute(_HITS_QUERY.where(article.c.id.in_(batch)))
            found = {row[0]: _FoundArticle(*row) for row in rows}
            for article_id in batch:
                if is_exact or found[article_id].matches(request.node):
                    yield found[article_id]


def _iter_matches(
    connection: Connection, request: _SearchRequest, max_hits: int
) -> Iterator[Match]:
    """Yields the articles that match latest first, without their texts if the index is exact."""
    if not fulltext.is_match_exact(request.node, connection):
        for row in _iter_matching_rows(connection, request, max_hits):
            yield Match(
                id=row.id,
                outlet=row.outlet,
                language=row.language,
                at=row.at,
                story_id=row.story_id or 0,
            )
        return
    for ids in _iter_candidate_ids(connection, request, max_hits):
        for each in connection.execute(_MATCHES_QUERY, {"ids": ids}):
            yield Match(**each._mapping)


def _iter_candidate_ids(
    connection: Connection, request: _SearchRequest, max_hits: int
) -> Iterator[list[int]]:
    """Yields lists of ids of articles that may match. Each list has whole days, latest day first.

    The first query asks for `max_hits` ids, at most 100 unless few articles pass the filters. Each
    later one asks for four times as many, because some of the articles may not match.
    """
    first_place, end_place = request.place_bounds()
    are_few = request.are_few(connection)
    size = min(max(max_hits, 1), _MAX_IDS_PER_QUERY if are_few else _ROWS_PER_BATCH)
    while True:
        found = connection.execute(
            request.latest_query(connection, first_place, end_place, are_few=are_few).limit(size)
        ).all()
        ids = [row.article_id for row in found]
        if len(found) < size:
            yield ids
            return
        end_place = fulltext.places_of_day(found[-1].place).start
        rest_of_day = request.latest_query(connection, end_place, found[-1].place, are_few=are_few)
        yield ids + [row.article_id for row in connection.execute(rest_of_day)]
        size = min(size * 4, _MAX_IDS_PER_QUERY)


def _iter_first_of_story(rows: Iterator[_FoundArticle], collapse: bool) -> Iterator[_FoundArticle]:
    seen: set[int | None] = set()
    for row in rows:
        if not collapse or row.story_id not in seen:
            seen.add(row.story_id)
            yield row


def _make_hit(row: _FoundArticle, node: query.QueryNode) -> Hit:
    return Hit(
        id=row.id,
        outlet=row.outlet,
        url=row.url,
        language=row.language,
        title=row.title,
        at=row.at,
        published=make_stated_time(row.published_at, row.published_precision),
        story_id=row.story_id or 0,
        snippet=make_snippet(row.text or row.lead, node),
    )


def _until_deadline(rows: Iterator[_Row], seconds: float) -> Iterator[_Row]:
    deadline = time.monotonic() + seconds
    for row in rows:
        if time.monotonic() > deadline:
            raise TimeoutError
        yield row


_MATCHES_QUERY = (
    select(
        article.c.id,
        article.c.outlet,
        article.c.language,
        ARTICLE_TIME.label("at"),
        func.coalesce(article.c.story_id, 0).label("story_id"),
    )
    .where(in_bound_list(article.c.id, "ids"))
    .order_by(ARTICLE_TIME.desc(), article.c.id.desc())
)
_ORDERED_IDS_QUERY = (
    select(article.c.id)
    .where(in_bound_list(article.c.id, "ids"))
    .order_by(ARTICLE_TIME.desc(), article.c.id.desc())
)
_HITS_QUERY = select(
    article.c.id,
    article.c.outlet,
    article.c.url,
    article.c.language,
    article.c.story_id,
    ARTICLE_TIME.label("at"),
    article.c.published_at,
    article.c.published_precision,
    version.c.title,
    version.c.text,
    version.c.lead,
).join_from(article, version, version.c.id == article.c.version_id)
