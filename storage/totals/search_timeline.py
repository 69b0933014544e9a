"""Counts the hits of a search for each day, newest days first, until its time is up."""

import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select

from storage.dialects import statement_timeout
from storage.engine import TransactionalEngine
from storage.reading.article_queries import filter_conditions
from storage.search import fulltext, query
from storage.search.counting import iter_matching_ids
from storage.totals.timeline import days_between

DEFAULT_SECONDS = 2.0
_FIRST_WINDOW_DAYS = 8  # doubled for each earlier window


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTimeline:
    """The number of hits of each day (UTC), oldest first.

    `counted_since`: the first day that was counted; hits of earlier days are 0 because the time was
    up. It is the day after the last one if no day was counted.
    """

    days: tuple[date, ...]
    hits: tuple[int, ...]
    counted_since: date

    @property
    def is_complete(self) -> bool:
        """Whether all days were counted."""
        return self.counted_since <= self.days[0]


def load_search_timeline(
    database: TransactionalEngine,
    words: str,
    since: date,
    until: date,
    *,
    outlet: str | None = None,
    language: str | None = None,
    statement_levels: Collection[str] | None = None,
    seconds: float = DEFAULT_SECONDS,
) -> SearchTimeline:
    """Counts the articles that match, for each day from `since` to the one before `until`.

    `words`: see `storage.search.query`. `seconds`: the time limit; see
    `SearchTimeline.counted_since`. Raises BadQuery, and InvalidRequest as `load_timeline` does.
    """
    days = days_between(since, until)
    node = query.parse(words)
    where = filter_conditions(
        {"outlet": outlet, "language": language, "statement_level": statement_levels}
    )
    deadline = time.monotonic() + seconds
    hits = Counter[date]()
    counted_since, window = until, _FIRST_WINDOW_DAYS
    with database.reading() as connection:
        while counted_since > since:
            start = max(since, counted_since - timedelta(days=window))
            try:
                with statement_timeout(connection, max(0.001, deadline - time.monotonic())):
                    hits += _count_hits(connection, node, where, (start, counted_since), deadline)
            except TimeoutError:
                break
            counted_since, window = start, 2 * window
    return SearchTimeline(
        days=days, hits=tuple(hits[day] for day in days), counted_since=counted_since
    )


def _count_hits(
    connection: Connection,
    node: query.QueryNode,
    where: Sequence[ColumnElement[bool]],
    window: tuple[date, date],
    deadline: float,
) -> Counter[date]:
    """Counts the hits of the days from the first to the one before the second."""
    first, end = (_first_place(day) for day in window)
    candidates = fulltext.latest_query(node, connection, where, first_place=first, end_place=end)
    found = candidates.order_by(None).subquery().c
    number = (found.place - first) // fulltext.PLACES_PER_DAY
    if fulltext.is_match_exact(node, connection):
        rows = connection.execute(select(number, func.count()).group_by(number))
        return Counter({window[0] + timedelta(days=days): hits for days, hits in rows})
    days_by_id = dict(connection.execute(select(found.article_id, number)).all())
    matching = iter_matching_ids(connection, node, list(days_by_id), deadline)
    return Counter(window[0] + timedelta(days=days_by_id[each]) for each in matching)


def _first_place(day: date) -> int:
    return fulltext.index_place(datetime.combine(day, datetime.min.time(), UTC), 0)
