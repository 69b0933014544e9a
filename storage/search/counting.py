"""Counts the articles that a search finds: for each outlet, language, month or day."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, Unpack, get_args

from sqlalchemy import ColumnElement, Connection, Subquery, case, func, select

from storage.batches import batched
from storage.engine import TransactionalEngine
from storage.errors import InvalidRequest
from storage.index.unplaced import story_or_self
from storage.reading.article_queries import filter_conditions, is_undated
from storage.reading.redirects import resolve_story
from storage.reading.rows import ArticleFilters
from storage.search import fulltext, query
from storage.search.candidates import SearchRequest, with_matching_titles
from storage.search.search import DEFAULT_TIMEOUT_SECONDS, parse_words, searching
from storage.tables.articles import article, version
from storage.tables.columns import in_bound_list

CountedBy = Literal["outlet", "language", "month", "day"]
COUNTED_BY: tuple[CountedBy, ...] = get_args(CountedBy)


@dataclass(frozen=True, slots=True, kw_only=True)
class HitCount:
    """How many articles of a value match. `value`: an outlet, a language, `2026-03`, `2026-03-01`.

    None: the articles without a date, of which no month or day is known.
    """

    value: str | None
    articles: int


def count_hits(
    database: TransactionalEngine,
    words: str,
    by: CountedBy,
    *,
    collapse: bool = False,
    seconds: float = DEFAULT_TIMEOUT_SECONDS,
    field: query.SearchField | None = None,
    **filters: Unpack[ArticleFilters],
) -> list[HitCount]:
    """Counts the articles that match: the most first, or by time. `words` "": all articles.

    Months and days are in UTC; without hits they are left out. The articles without a date come
    last. `collapse`: counts stories instead of
    articles. For the other parameters and the errors see `storage.search.search.search`.
    """
    node = parse_words(words, field)
    if by not in COUNTED_BY:
        raise InvalidRequest(f"counts by {by}: there are {', '.join(COUNTED_BY)}")
    request = SearchRequest(node, resolve_story(database, filters))
    deadline = time.monotonic() + seconds
    with searching(database, seconds) as connection:
        hits = _hits_of(request, connection).subquery()
        if collapse or not (node is None or fulltext.is_match_exact(node, connection)):
            counts = _count_in_memory(connection, node, hits, by, deadline, collapse=collapse)
        else:
            counts = _count_in_database(connection, hits, by)
    ordered = sorted(counts.items(), key=_by_time if by in _TIME_VALUES else _by_number)
    return [HitCount(value=value, articles=number) for value, number in ordered]


def iter_matching_ids(
    connection: Connection, node: query.QueryNode, ids: Sequence[int], deadline: float
) -> Iterator[int]:
    """Yields the articles whose texts match. Raises TimeoutError after the deadline.

    `deadline`: as `time.monotonic` counts.
    """
    for batch in batched(ids):
        if time.monotonic() > deadline:
            raise TimeoutError
        if query.needs_only_title(node):
            yield from with_matching_titles(connection, node, batch)
            continue
        for row in connection.execute(_TEXTS_QUERY, {"ids": batch}):
            if query.matches(node, fulltext.tokenise_article(row.title, row.text, row.lead)):
                yield row.id
            if time.monotonic() > deadline:
                raise TimeoutError


def _hits_of(request: SearchRequest, connection: Connection) -> Any:
    """Returns the statement for `article_id` and `place` of the articles that may match."""
    if request.node is not None:
        bounds, few = request.place_bounds(), request.are_few(connection)
        found = request.candidates(request.node, connection, bounds, are_few=few)
        return found.order_by(None)
    indexed = fulltext.searched.c
    statement = select(indexed.article_id, indexed.place)
    if conditions := filter_conditions(request.filters):
        statement = statement.join(article, article.c.id == indexed.article_id).where(*conditions)
    return statement


def _count_in_database(connection: Connection, hits: Subquery, by: CountedBy) -> "_Counts":
    key = _key(hits, by)
    statement = select(key, func.count()).select_from(hits).group_by(key)
    if by not in _TIME_VALUES:
        statement = statement.join(article, article.c.id == hits.c.article_id)
    counts: defaultdict[str | None, int] = defaultdict(int)
    for value, number in connection.execute(statement):
        counts[_format_key(value, by)] += number
    return counts


def _count_in_memory(
    connection: Connection,
    node: query.QueryNode | None,
    hits: Subquery,
    by: CountedBy,
    deadline: float,
    *,
    collapse: bool,
) -> "_Counts":
    statement = select(hits.c.article_id, _key(hits, by), article.c.story_id).join(
        article, article.c.id == hits.c.article_id
    )
    rows = connection.execute(statement).all()
    matching: set[int] | None = None
    if node is not None and not fulltext.is_match_exact(node, connection):
        ids = [row[0] for row in rows]
        matching = set(iter_matching_ids(connection, node, ids, deadline))
    counted: defaultdict[str | None, set[int]] = defaultdict(set)
    for article_id, value, story_id in rows:
        if matching is None or article_id in matching:
            counted[_format_key(value, by)].add(
                story_or_self(story_id, article_id) if collapse else article_id
            )
    return {value: len(ids) for value, ids in counted.items()}


def _key(hits: Subquery, by: CountedBy) -> ColumnElement[Any]:
    """Returns what is counted for: a name, or the number of a day; NULL without a date."""
    if by in _TIME_VALUES:
        # Databases divide towards zero, so no place may be negative.
        day = (hits.c.place - _FIRST_PLACE) // fulltext.PLACES_PER_DAY
        # The index has an article without a date at the day on which it was first seen. These few
        # are looked up once: the database does not read the article of each hit.
        return case(
            (hits.c.article_id.in_(select(article.c.id).where(*is_undated())), None), else_=day
        )
    return article.c[by]


def _format_key(value: Any, by: CountedBy) -> str | None:
    if by in _TIME_VALUES:
        return None if value is None else _TIME_VALUES[by](value)
    return str(value)


def _by_time(counted: tuple[str | None, int]) -> tuple[bool, str]:
    value, _ = counted
    return value is None, value or ""


def _by_number(counted: tuple[str | None, int]) -> tuple[int, str]:
    value, number = counted
    return -number, value or ""


def _day_of(number: int) -> str:
    return (date.min + timedelta(days=number)).isoformat()


_Counts = dict[str | None, int]
_FIRST_PLACE = fulltext.index_place(datetime.min.replace(tzinfo=UTC), 0)
_TIME_VALUES: dict[str, Callable[[int], str]] = {
    "month": lambda number: _day_of(number)[:7],
    "day": _day_of,
}
_TEXTS_QUERY = (
    select(article.c.id, version.c.title, version.c.text, version.c.lead)
    .join_from(article, version, version.c.id == article.c.version_id)
    .where(in_bound_list(article.c.id, "ids"))
)
