"""Searches the articles: the same hits on SQLite and PostgreSQL.

By time their order is the same, too. By relevance it is the same up to `MAX_HITS` hits; of more,
each database chooses those that are ranked (see `storage.search.relevance`).
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from typing import Literal, NamedTuple, TypeVar, Unpack, get_args

from sqlalchemy import Connection, func, select

from storage.batches import batched
from storage.dialects import statement_timeout
from storage.engine import TransactionalEngine
from storage.errors import InvalidRequest, TooSlow
from storage.index.unplaced import story_or_self
from storage.reading.article_queries import ARTICLE_TIME
from storage.reading.redirects import resolve_story
from storage.reading.rows import ArticleFilters
from storage.search import candidates, fulltext, query, relevance
from storage.search.candidates import ROWS_PER_BATCH, SearchRequest
from storage.search.snippet import Snippet, make_snippet
from storage.stated_time import StatedTime, make_stated_time
from storage.tables.articles import article, version
from storage.tables.columns import in_bound_list

MAX_HITS = 1000
"""The most hits of one search. An export with the filter `words` has no limit."""
DEFAULT_TIMEOUT_SECONDS = 30.0
SortOrder = Literal["newest", "oldest", "relevance"]
SORT_ORDERS: tuple[SortOrder, ...] = get_args(SortOrder)
_MAX_RANKED_CANDIDATES = 10_000
_Row = TypeVar("_Row")


class SearchTimeout(TooSlow):
    """The search took longer than its time limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that matches. `at`: the publication time, or `first_seen_at` if that is not known.

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
    first_seen_at: datetime
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
    undated_last: bool = False,
    limit: int = 50,
    seconds: float = DEFAULT_TIMEOUT_SECONDS,
    sort: SortOrder = "newest",
    field: query.SearchField | None = None,
    **filters: Unpack[ArticleFilters],
) -> list[Hit]:
    """Returns the articles that match. `words`: see `storage.search.query`; "": all articles.

    `sort`: the order; hits of equal relevance come latest first. `field`: where the words must be;
    None: anywhere. `collapse`: return only the first hit of each story. `undated_last`: in an order
    of time, articles without a time of publication come after all others, and not at the time at
    which they were first seen. `limit`: at most `MAX_HITS`. `seconds`: the time limit. Raises
    BadQuery if the query cannot be parsed, InvalidRequest for an unknown order or field or for one
    that needs words, NotFound if the filter `story` names no story, and SearchTimeout after
    `seconds`.
    """
    node = parse_words(words, field)
    if sort not in SORT_ORDERS:
        raise InvalidRequest(f"no such order: {sort}; there are {', '.join(SORT_ORDERS)}")
    if node is None and sort == "relevance":
        raise InvalidRequest("an order by relevance needs words")
    request = SearchRequest(node, resolve_story(database, filters), sort == "oldest")
    max_hits = max(0, min(limit, MAX_HITS))
    find = _iter_ranked_rows if sort == "relevance" else _iter_matching_rows
    parts = request.dated_before_undated() if undated_last and sort != "relevance" else (request,)
    with searching(database, seconds) as connection:
        matching = chain.from_iterable(find(connection, part, max_hits) for part in parts)
        rows = _until_deadline(matching, seconds)
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
    request = SearchRequest(query.parse(words), resolve_story(database, filters))
    max_hits = max(0, min(limit, MAX_HITS))
    with searching(database, seconds) as connection:
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
    with searching(database, seconds) as connection:
        rows = connection.execute(
            _HITS_QUERY.where(in_bound_list(article.c.id, "ids")), {"ids": ids}
        )
        found = {row[0]: _FoundArticle._make(row) for row in rows}
    return [_make_hit(found[each], node) for each in ids if each in found]


def parse_words(words: str, field: query.SearchField | None) -> query.QueryNode | None:
    """Returns the query, for one field only if `field` names it; None if there are no words.

    Raises BadQuery, and InvalidRequest for an unknown field or one without words.
    """
    if field is not None and field not in query.SEARCH_FIELDS:
        raise InvalidRequest(f"no such field: {field}; there are {', '.join(query.SEARCH_FIELDS)}")
    if not words:
        if field is not None:
            raise InvalidRequest(f"a search in the {field} needs words")
        return None
    node = query.parse(words)
    return query.restrict(node, field) if field else node


@contextmanager
def searching(database: TransactionalEngine, seconds: float) -> Iterator[Connection]:
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
    first_seen_at: datetime
    title: str
    text: str
    lead: str

    def tokens(self) -> tuple[list[str], list[str]]:
        return fulltext.tokenise_article(self.title, self.text, self.lead)

    def matches(self, node: query.QueryNode) -> bool:
        return query.matches(node, self.tokens())


def _iter_matching_rows(
    connection: Connection, request: SearchRequest, max_hits: int
) -> Iterator[_FoundArticle]:
    """Yields the articles that match in the order of the request."""
    for ids in candidates.iter_ordered_ids(connection, request, max_hits):
        yield from _load_matching(connection, request.node, ids)


def _iter_ranked_rows(
    connection: Connection, request: SearchRequest, max_hits: int
) -> Iterator[_FoundArticle]:
    """Yields the articles that match, most relevant first. At most `MAX_HITS` are ranked."""
    if request.node is None or not max_hits:
        return
    asked = relevance.best_candidates_query(request, connection).limit(_MAX_RANKED_CANDIDATES)
    ids = [row.article_id for row in connection.execute(asked)]
    matching = (
        row
        for batch in batched(ids, ROWS_PER_BATCH)
        for row in _load_matching(connection, request.node, batch)
    )
    rows = list(islice(matching, MAX_HITS))
    weights = relevance.rarity_weights(request.node, connection)
    scores = relevance.score_all(
        request.node, [relevance.RankedText(*row.tokens()) for row in rows], weights
    )
    ranked = sorted(zip(scores, rows, strict=True), key=_ranking_key, reverse=True)
    yield from (row for _, row in ranked)


def _ranking_key(scored: tuple[float, _FoundArticle]) -> tuple[float, datetime, int]:
    score, row = scored
    return score, row.at, row.id


def _load_matching(
    connection: Connection, node: query.QueryNode | None, ids: Sequence[int]
) -> Iterator[_FoundArticle]:
    """Yields those of these candidates that match, in their order."""
    is_exact = node is None or fulltext.is_match_exact(node, connection)
    if node is not None and not is_exact and query.needs_only_title(node):
        ids, is_exact = candidates.with_matching_titles(connection, node, ids), True
    rows = connection.execute(_HITS_QUERY.where(article.c.id.in_(ids)))
    found = {row[0]: _FoundArticle._make(row) for row in rows}
    for article_id in ids:
        if is_exact or (node is not None and found[article_id].matches(node)):
            yield found[article_id]


def _iter_matches(connection: Connection, request: SearchRequest, max_hits: int) -> Iterator[Match]:
    """Yields the articles that match latest first, without their texts if the index is exact."""
    if request.node is None or not fulltext.is_match_exact(request.node, connection):
        for row in _iter_matching_rows(connection, request, max_hits):
            yield Match(
                id=row.id,
                outlet=row.outlet,
                language=row.language,
                at=row.at,
                story_id=story_or_self(row.story_id, row.id),
            )
        return
    for ids in candidates.iter_candidate_ids(connection, request, max_hits):
        for each in connection.execute(_MATCHES_QUERY, {"ids": ids}):
            yield Match(**each._mapping)


def _iter_first_of_story(rows: Iterator[_FoundArticle], collapse: bool) -> Iterator[_FoundArticle]:
    seen: set[int] = set()
    for row in rows:
        story_id = story_or_self(row.story_id, row.id)
        if not collapse or story_id not in seen:
            seen.add(story_id)
            yield row


def _make_hit(row: _FoundArticle, node: query.QueryNode | None) -> Hit:
    return Hit(
        id=row.id,
        outlet=row.outlet,
        url=row.url,
        language=row.language,
        title=row.title,
        at=row.at,
        published=make_stated_time(row.published_at, row.published_precision),
        first_seen_at=row.first_seen_at,
        story_id=story_or_self(row.story_id, row.id),
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
        func.coalesce(article.c.story_id, -article.c.id).label("story_id"),
    )
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
    article.c.first_seen_at,
    version.c.title,
    version.c.text,
    version.c.lead,
).join_from(article, version, version.c.id == article.c.version_id)
