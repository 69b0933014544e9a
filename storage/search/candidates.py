"""Finds the articles that may match a search, in order of time, from the index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from storage.batches import batched
from storage.reading.article_queries import ARTICLE_TIME, filter_conditions
from storage.reading.rows import ArticleFilters
from storage.search import fulltext, query
from storage.tables.articles import article, version
from storage.tables.columns import in_bound_list

ROWS_PER_BATCH = 100
_MAX_IDS_PER_QUERY = 10_000


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A parsed query, the filters of the articles, and the order.

    `node`: None finds all articles that pass the filters.
    """

    node: query.QueryNode | None
    filters: ArticleFilters
    oldest_first: bool = False

    def dated_before_undated(self) -> "tuple[SearchRequest, ...]":
        """Returns the request for articles with a time of publication, and that for the others.

        If the filters already choose one of the two, the request stays as it is.
        """
        if self.filters.get("dated") is not None:
            return (self,)
        dated = self.filters | ArticleFilters(dated=True)
        undated = self.filters | ArticleFilters(dated=False)
        return replace(self, filters=dated), replace(self, filters=undated)

    def are_few(self, connection: Connection) -> bool:
        """Returns whether few articles pass the filters, as an index tells for these two."""
        has_index = self.filters.get("outlet") or self.filters.get("language")
        return bool(has_index) and fulltext.has_few(connection, filter_conditions(self.filters))

    def place_bounds(self) -> tuple[int | None, int | None]:
        """Returns the first place and the end of the places of the days that the filters allow."""
        since, until = self.filters.get("since"), self.filters.get("until")
        first_place = fulltext.index_place(since, 0) if since else None
        return first_place, fulltext.places_of_day(
            fulltext.index_place(until, 0)
        ).stop if until else None

    def candidates(
        self,
        node: query.QueryNode,
        connection: Connection,
        bounds: tuple[int | None, int | None],
        *,
        are_few: bool,
    ) -> Select[int, int]:
        """Returns the statement for the hits of these places, from the first to before the second."""
        return fulltext.latest_query(
            node,
            connection,
            filter_conditions(self.filters),
            first_place=bounds[0],
            end_place=bounds[1],
            are_few=are_few,
            oldest_first=self.oldest_first,
        )


def iter_ordered_ids(
    connection: Connection, request: SearchRequest, max_hits: int
) -> Iterator[list[int]]:
    """Yields lists of ids of articles that may match, in order of time.

    Without words all of them match.
    """
    if request.node is None:
        yield from _iter_filtered_ids(connection, request)
        return
    order = _time_order(request.oldest_first)
    for ids in iter_candidate_ids(connection, request, max_hits):
        ordered = _IDS_QUERY.where(in_bound_list(article.c.id, "ids")).order_by(*order)
        yield from batched(connection.scalars(ordered, {"ids": ids}).all(), ROWS_PER_BATCH)


def iter_candidate_ids(
    connection: Connection, request: SearchRequest, max_hits: int
) -> Iterator[list[int]]:
    """Yields lists of ids of articles that may match. Each list has whole days, in order of days.

    The first query asks for `max_hits` ids, at most 100 unless few articles pass the filters. Each
    later one asks for four times as many, because some of the articles may not match. The request
    must have words.
    """
    assert request.node is not None
    first_place, end_place = request.place_bounds()
    are_few = request.are_few(connection)
    size = min(max(max_hits, 1), _MAX_IDS_PER_QUERY if are_few else ROWS_PER_BATCH)
    while True:
        places = (first_place, end_place)
        asked = request.candidates(request.node, connection, places, are_few=are_few)
        found = connection.execute(asked.limit(size)).all()
        ids = [row.article_id for row in found]
        if len(found) < size:
            yield ids
            return
        last = found[-1].place
        day = fulltext.places_of_day(last)
        if request.oldest_first:
            first_place, rest_places = day.stop, (last + 1, day.stop)
        else:
            end_place, rest_places = day.start, (day.start, last)
        rest = request.candidates(request.node, connection, rest_places, are_few=are_few)
        yield ids + [row.article_id for row in connection.execute(rest)]
        size = min(size * 4, _MAX_IDS_PER_QUERY)


def with_matching_titles(
    connection: Connection, node: query.QueryNode, ids: Sequence[int]
) -> list[int]:
    """Returns those of the articles whose titles match, without reading the texts."""
    rows = connection.execute(_TITLES_QUERY, {"ids": ids})
    matching = {
        row.id for row in rows if query.matches(node, fulltext.tokenise_article(row.title, "", ""))
    }
    return [each for each in ids if each in matching]


def _iter_filtered_ids(connection: Connection, request: SearchRequest) -> Iterator[list[int]]:
    statement = _IDS_QUERY.where(
        *filter_conditions(request.filters), article.c.version_id.is_not(None)
    ).order_by(*_time_order(request.oldest_first))
    streaming = connection.execution_options(yield_per=ROWS_PER_BATCH)
    with streaming.scalars(statement) as rows:
        for batch in rows.partitions():
            yield list(batch)


def _time_order(oldest_first: bool) -> tuple[ColumnElement[Any], ...]:
    columns = (ARTICLE_TIME, article.c.id)
    return tuple(each.asc() if oldest_first else each.desc() for each in columns)


_IDS_QUERY = select(article.c.id)
_TITLES_QUERY = (
    select(article.c.id, version.c.title)
    .join_from(article, version, version.c.id == article.c.version_id)
    .where(in_bound_list(article.c.id, "ids"))
)
