"""Reads how many articles and stories of each outlet a day has, and which days were not read."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import orjson
from sqlalchemy import ColumnElement, Connection, Table, select

from dedup.statements.statement_level import StatementLevel
from storage.engine import TransactionalEngine
from storage.errors import InvalidRequest
from storage.reading.article_queries import parse_statement_levels
from storage.tables.articles import outlet
from storage.tables.columns import json_array_of
from storage.tables.health import health_day
from storage.tables.totals import day_total

MAX_DAYS = 400


class DayReading(StrEnum):
    """Whether a day without articles of an outlet means that nothing was printed."""

    READ = "read"  # at least one run of this day got an answer from the outlet
    FAILED = "failed"  # there were runs, and none got an answer
    UNREAD = "not read"  # there was no run


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletTimeline:
    """The days of one outlet. Each tuple has one item for each day of the timeline.

    `stories`: stories whose first article of this outlet is of the day.
    """

    outlet: str
    articles: tuple[int, ...]
    stories: tuple[int, ...]
    readings: tuple[DayReading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The days (UTC) of a period, oldest first, and the outlets in order of name."""

    days: tuple[date, ...]
    outlets: tuple[OutletTimeline, ...]

    def articles(self) -> tuple[int, ...]:
        """Returns the number of articles of each day."""
        return tuple(map(sum, zip(*(each.articles for each in self.outlets), strict=True)))


def load_timeline(
    database: TransactionalEngine,
    since: date,
    until: date,
    *,
    outlets: Collection[str] | None = None,
    statement_levels: Collection[str] | None = None,
) -> Timeline:
    """Returns the days from `since` to the one before `until`, both UTC.

    `outlets`: None means all that have an article or a run in the period; a name that nobody knows
    has no articles and was not read. `statement_levels`: counts only these articles, and the stories
    that an outlet begins with one of them. A day is that of the publication, else of the first
    sight. Whether a day was read is known for `health.outlet_health.KEPT_PERIOD`. Raises
    InvalidRequest for a period that is empty or longer than MAX_DAYS, and for unknown levels.
    """
    period = _Period(days_between(since, until), outlets)
    levels = None if statement_levels is None else parse_statement_levels(statement_levels)
    return database.read(lambda connection: _build(connection, period, levels))


def days_between(since: date, until: date) -> tuple[date, ...]:
    """Returns the days. Raises InvalidRequest if there are none, or more than MAX_DAYS."""
    count = (until - since).days
    if not 0 < count <= MAX_DAYS:
        raise InvalidRequest(
            f"a timeline has 1 to {MAX_DAYS} days: {since} to {until} are {max(count, 0)}"
        )
    return tuple(since + timedelta(days=number) for number in range(count))


@dataclass(frozen=True, slots=True)
class _Period:
    """The days of a timeline and the outlets that are asked for; None means all."""

    days: tuple[date, ...]
    outlets: Collection[str] | None

    def load_columns(
        self,
        connection: Connection,
        table: Table,
        names: Sequence[str],
        *where: ColumnElement[bool],
    ) -> Iterator[tuple[str, list[int], tuple[list[int], ...]]]:
        """Yields each outlet with rows of the table: its name, places of days, and these columns."""
        query = (
            select(outlet.c.name, *(json_array_of(table.c[name]) for name in ("day", *names)))
            # The outlets come first, since the key of the table begins with them.
            .join_from(outlet, table, table.c.outlet == outlet.c.name)
            .where(table.c.day >= self.days[0], table.c.day <= self.days[-1], *where)
            .group_by(outlet.c.name)
        )
        if self.outlets is not None:
            query = query.where(outlet.c.name.in_(self.outlets))
        places = {day.isoformat(): place for place, day in enumerate(self.days)}
        for name, days, *columns in connection.execute(query):
            day_places = [places[day] for day in orjson.loads(days)]
            yield name, day_places, tuple(orjson.loads(column) for column in columns)

    def sums(self, places: Iterable[int], numbers: Iterable[int]) -> tuple[int, ...]:
        """Returns the sum of the numbers of each day."""
        sums = [0] * len(self.days)
        for place, number in zip(places, numbers, strict=True):
            sums[place] += number
        return tuple(sums)

    def readings(self, places: Iterable[int], answered: Iterable[int]) -> tuple[DayReading, ...]:
        """Returns how each day was read. `answered`: the number of runs with an answer."""
        readings = [DayReading.UNREAD] * len(self.days)
        for place, number in zip(places, answered, strict=True):
            readings[place] = DayReading.READ if number else DayReading.FAILED
        return tuple(readings)


def _build(
    connection: Connection, period: _Period, levels: Sequence[StatementLevel] | None
) -> Timeline:
    is_counted = [day_total.c.articles > 0]
    if levels is not None:
        is_counted.append(day_total.c.statement_level.in_(levels))
    numbers = {
        name: tuple(period.sums(places, column) for column in columns)
        for name, places, columns in period.load_columns(
            connection, day_total, ("articles", "stories"), *is_counted
        )
    }
    # A row without good or bad runs is of runs without evidence: nobody read.
    readings = {
        name: period.readings(places, answered)
        for name, places, (answered,) in period.load_columns(
            connection, health_day, ("seen",), health_day.c.runs > 0
        )
    }
    zeros, unread = (0,) * len(period.days), (DayReading.UNREAD,) * len(period.days)
    names = numbers.keys() | readings.keys() if period.outlets is None else set(period.outlets)
    lines = []
    for name in sorted(names):
        articles, stories = numbers.get(name, (zeros, zeros))
        lines.append(
            OutletTimeline(
                outlet=name,
                articles=articles,
                stories=stories,
                readings=readings.get(name, unread),
            )
        )
    return Timeline(days=period.days, outlets=tuple(lines))
