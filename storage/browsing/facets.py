"""Counts the articles of a range of time by outlet, language, agency and hour."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    case,
    cast,
    extract,
    func,
    or_,
    select,
)

from storage.browsing.selection import Selection, TimeOf
from storage.browsing.time_limit import MAX_SECONDS, reading_within
from storage.dialects import is_sqlite
from storage.engine import TransactionalEngine
from storage.errors import InvalidRequest
from storage.reading.rows import ArticleFilters
from storage.records import TimePrecision
from storage.tables.articles import article, attribution

MAX_DAYS = 31
"""The longest range of time whose articles are counted by facet, in days."""
MAX_COUNTED = 100_000
"""The most articles that are counted by facet, the latest ones."""
MAX_COUNT = 10_000
"""Up to this number articles are counted, unless the caller says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetCount:
    """The number of articles with a value."""

    value: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """The number of articles by facet; the highest number comes first.

    `agencies`: an article counts for each agency that it cites. `hours`: by the hour of the day in
    UTC, 0 to 23, of all days together; an article of which only the day is known is in none.
    `total`: the number of articles. `is_capped`: only the latest `MAX_COUNTED` articles are counted.
    """

    outlets: tuple[FacetCount, ...]
    languages: tuple[FacetCount, ...]
    agencies: tuple[FacetCount, ...]
    hours: tuple[int, ...]
    total: int
    is_capped: bool


def count_facets(
    database: TransactionalEngine,
    since: datetime,
    until: datetime,
    *,
    by: TimeOf = TimeOf.PUBLISHED,
    cites: str | None = None,
    seconds: float = MAX_SECONDS,
    outlet: str | None = None,
    language: str | None = None,
    story: int | None = None,
    statement_level: Collection[str] | None = None,
) -> Facets:
    """Counts the articles of `since` <= time < `until` that pass the filters.

    `by`: which time is meant. Raises InvalidRequest for more than `MAX_DAYS`, NotFound, and TooSlow
    after `seconds`.
    """
    if until - since > timedelta(days=MAX_DAYS):
        raise InvalidRequest(f"facets are counted for at most {MAX_DAYS} days")
    filters = ArticleFilters(
        since=since,
        until=until,
        outlet=outlet,
        language=language,
        story=story,
        statement_level=statement_level,
    )
    selection = Selection.make(database, filters, by, cites)
    with reading_within(database, seconds) as connection:
        return _count(connection, selection)


def _count(connection: Connection, selection: Selection) -> Facets:
    at = selection.by.column()
    hour = _hour(connection, at) if selection.by is TimeOf.SEEN else _stated_hour(connection, at)
    latest = (
        select(article.c.id, article.c.outlet, article.c.language, hour.label("hour"))
        .where(*selection.conditions())
        .order_by(at.desc(), article.c.id.desc())
        .limit(MAX_COUNTED + 1)
    )
    found = latest.subquery()
    columns = (found.c.outlet, found.c.language, found.c.hour)
    outlets, languages, hours = Counter[str](), Counter[str](), Counter[int]()
    for name, language, hour_of_day, number in connection.execute(
        select(*columns, func.count()).group_by(*columns)
    ):
        outlets[name] += number
        languages[language] += number
        if hour_of_day is not None:
            hours[int(hour_of_day)] += number
    cited = (
        select(attribution.c.agency, func.count(found.c.id.distinct()))
        .join_from(found, attribution, attribution.c.article_id == found.c.id)
        .group_by(attribution.c.agency)
    )
    agencies: dict[str, int] = dict(connection.execute(cited).all())
    total = outlets.total()
    return Facets(
        outlets=_sort(outlets),
        languages=_sort(languages),
        agencies=_sort(agencies),
        hours=tuple(hours[each] for each in range(24)),
        total=min(total, MAX_COUNTED),
        is_capped=total > MAX_COUNTED,
    )


def _stated_hour(connection: Connection, at: ColumnElement[datetime]) -> ColumnElement[Any]:
    """Returns the hour of the stated time, NULL if only the day is known, as `StatedTime` says."""
    precision = article.c.published_precision
    has_clock = or_(
        article.c.published_at.is_(None),
        precision.in_([TimePrecision.SECOND.value, TimePrecision.MINUTE.value]),
        and_(func.coalesce(precision, "") == "", ~_is_midnight(connection, at)),
    )
    return case((has_clock, _hour(connection, at)), else_=None)


def _hour(connection: Connection, at: ColumnElement[datetime]) -> ColumnElement[int]:
    if is_sqlite(connection):
        return cast(func.substr(at, 12, 2), Integer)
    return cast(extract("hour", func.timezone("UTC", at)), Integer)


def _is_midnight(connection: Connection, at: ColumnElement[datetime]) -> ColumnElement[bool]:
    if is_sqlite(connection):
        return func.substr(at, 12) == "00:00:00.000000"
    in_utc = func.timezone("UTC", at)
    return func.date_trunc("day", in_utc) == in_utc


def _sort(counts: Mapping[str, int]) -> tuple[FacetCount, ...]:
    in_order = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(FacetCount(value=value, count=count) for value, count in in_order)
