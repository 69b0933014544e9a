"""Counts articles by outlet or language and by day, and those without a date apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Select, cast, distinct, func, select
from sqlalchemy import Date as DateType

from storage.dialects import is_sqlite
from storage.engine import TransactionalEngine
from storage.reading.article_queries import ARTICLE_TIME, is_undated
from storage.tables.articles import article
from storage.tables.columns import AnyRow, AnySelect, Names, is_one_of
from storage.tables.reports import carried, report
from storage.tables.totals import day_total


class CountedBy(StrEnum):
    """What articles are counted by."""

    OUTLET = "outlet"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class DayCount:
    """The number of articles of an outlet or language on a day (UTC).

    `day`: the day of publication; None: the articles without a date.
    """

    name: str
    day: date | None
    articles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CountFilters:
    """Which articles are counted: those published at `since` <= time < `until`, both midnight UTC.

    An article without a date lies in no period: it is counted only if both ends are None.
    """

    since: datetime | None = None
    until: datetime | None = None
    outlet: Names | None = None
    language: str | None = None

    @property
    def has_period(self) -> bool:
        """Whether only articles of a period are counted."""
        return self.since is not None or self.until is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusSize:
    """How large the corpus, or the part that the filters choose, is.

    `first`, `last`: the first and the last day of publication; None: no article has a date.
    `undated`: the articles without a date. They are among `articles` unless a period is chosen.
    """

    articles: int
    undated: int
    first: date | None
    last: date | None
    outlets: int
    languages: int
    stories: int
    reports: int


def load_day_counts(
    database: TransactionalEngine, by: CountedBy, filters: CountFilters
) -> list[DayCount]:
    """Returns the counts that are not zero, by name, then by day, those without a date first.

    With a period, the articles without a date are left out. Reads the totals of the days where they
    suffice, else an index. Raises StorageError.
    """
    with database.snapshot() as connection:
        return _day_counts(connection, by, filters)


def load_name_counts(
    database: TransactionalEngine, by: CountedBy, filters: CountFilters
) -> dict[str, int]:
    """Returns the number of articles of each outlet or language, the largest first.

    Without a period, the articles without a date are among them. Raises StorageError.
    """
    name = article.c[by.value]
    query = select(name, func.count()).where(*_conditions(filters)).group_by(name)
    with database.snapshot() as connection:
        counts: dict[str, int] = dict(connection.execute(query).all())
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def load_size(
    database: TransactionalEngine, filters: CountFilters
) -> tuple[CorpusSize, list[DayCount]]:
    """Returns how large the part of the corpus is that the filters choose, and its days by outlet.

    Raises StorageError.
    """
    languages = select(func.count(distinct(article.c.language))).where(*_conditions(filters))
    with database.snapshot() as connection:
        counts = _day_counts(connection, CountedBy.OUTLET, filters)
        days = [each.day for each in counts if each.day is not None]
        size = CorpusSize(
            articles=sum(each.articles for each in counts),
            undated=_count_undated(connection, filters)
            if filters.has_period
            else sum(each.articles for each in counts if each.day is None),
            first=min(days, default=None),
            last=max(days, default=None),
            outlets=len({each.name for each in counts}),
            languages=connection.scalar(languages) or 0,
            stories=connection.scalar(_stories_query(filters)) or 0,
            reports=connection.scalar(_reports_query(filters)) or 0,
        )
    return size, counts


def _day_counts(connection: Connection, by: CountedBy, filters: CountFilters) -> list[DayCount]:
    is_in_totals = by is CountedBy.OUTLET and filters.language is None
    all_query = _totals_query(filters) if is_in_totals else _all_query(connection, by, filters)
    counts = _as_counts(connection.execute(all_query))
    for (name, day), number in _as_counts(
        connection.execute(_undated_query(connection, by, filters))
    ).items():
        # The totals and the indexes have these articles at the day of the first sight.
        counts[name, day] = counts.get((name, day), 0) - number
        if not filters.has_period:
            counts[name, None] = counts.get((name, None), 0) + number
    rows = [DayCount(name, day, number) for (name, day), number in counts.items() if number]
    return sorted(rows, key=lambda each: (each.name, each.day or date.min))


def _as_counts(rows: Iterable[AnyRow]) -> dict[tuple[str, date | None], int]:
    return {(name, date.fromisoformat(str(day))): number for name, day, number in rows}


def _totals_query(filters: CountFilters) -> AnySelect:
    """Selects outlet, day and number from the totals of the days."""
    query: AnySelect = select(
        day_total.c.outlet, day_total.c.day, func.sum(day_total.c.articles).label("articles")
    ).group_by(day_total.c.outlet, day_total.c.day)
    if filters.since is not None:
        query = query.where(day_total.c.day >= filters.since.date())
    if filters.until is not None:
        query = query.where(day_total.c.day < filters.until.date())
    return (
        query
        if filters.outlet is None
        else query.where(is_one_of(day_total.c.outlet, filters.outlet))
    )


def _all_query(connection: Connection, by: CountedBy, filters: CountFilters) -> AnySelect:
    """Selects name, day and number from the index of names and times."""
    day = _day_of(connection, ARTICLE_TIME).label("day")
    name = article.c[by.value].label("name")
    query: AnySelect = (
        select(name, day, func.count().label("articles"))
        .where(*_named(filters), *_within(filters, ARTICLE_TIME))
        .group_by(name, day)
    )
    return query


def _undated_query(connection: Connection, by: CountedBy, filters: CountFilters) -> AnySelect:
    """Selects name, day of first sight and number of the articles without a date.

    With a period, only those that were first seen in it: the totals have them there.
    """
    seen_at = article.c.first_seen_at
    day = _day_of(connection, seen_at).label("day")
    name = article.c[by.value].label("name")
    query: AnySelect = (
        select(name, day, func.count().label("articles"))
        .where(*_is_undated(filters), *_within(filters, seen_at))
        .group_by(name, day)
    )
    return query


def _count_undated(connection: Connection, filters: CountFilters) -> int:
    query = select(func.count()).select_from(article).where(*_is_undated(filters))
    return connection.scalar(query) or 0


def _is_undated(filters: CountFilters) -> list[ColumnElement[bool]]:
    return [*is_undated(), *_named(filters)]


def _stories_query(filters: CountFilters) -> Select[int]:
    return select(func.count(distinct(article.c.story_id))).where(*_conditions(filters))


def _reports_query(filters: CountFilters) -> Select[int]:
    conditions = _conditions(filters)
    if not conditions:
        return select(func.count()).select_from(report)
    return (
        select(func.count(distinct(carried.c.report_id)))
        .join_from(carried, article, article.c.id == carried.c.article_id)
        .where(*conditions)
    )


def _conditions(filters: CountFilters) -> list[ColumnElement[bool]]:
    return [*_named(filters), *_within(filters, article.c.published_at)]


def _named(filters: CountFilters) -> list[ColumnElement[bool]]:
    names = {"outlet": filters.outlet, "language": filters.language}
    return [is_one_of(article.c[name], value) for name, value in names.items() if value is not None]


def _within(
    filters: CountFilters, at: ColumnElement[datetime] | ColumnElement[datetime | None]
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.since is not None:
        conditions.append(at >= filters.since)
    if filters.until is not None:
        conditions.append(at < filters.until)
    return conditions


def _day_of(connection: Connection, at: ColumnElement[datetime]) -> ColumnElement[date]:
    """Returns the expression for the day (UTC) of a time; SQLite gives it as text."""
    if is_sqlite(connection):
        return func.substr(at, 1, 10)
    return cast(func.timezone("UTC", at), DateType)
