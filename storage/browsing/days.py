"""Finds the days that have articles. Days are those of UTC."""

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, select

from storage.browsing.selection import TimeOf
from storage.browsing.time_limit import reading_within
from storage.engine import TransactionalEngine
from storage.tables.articles import article


def latest_day(database: TransactionalEngine, by: TimeOf = TimeOf.PUBLISHED) -> date | None:
    """Returns the day of the latest article; None if there is none."""
    return _nearest_day(database, by, None, latest=True)


def neighbour_days(
    database: TransactionalEngine, day: date, by: TimeOf = TimeOf.PUBLISHED
) -> tuple[date | None, date | None]:
    """Returns the nearest days with articles before and after a day; None: there is none."""
    at = by.column()
    start = datetime.combine(day, time.min, UTC)
    return (
        _nearest_day(database, by, at < start, latest=True),
        _nearest_day(database, by, at >= start + timedelta(days=1), latest=False),
    )


def _nearest_day(
    database: TransactionalEngine,
    by: TimeOf,
    condition: ColumnElement[bool] | None,
    *,
    latest: bool,
) -> date | None:
    at = by.column()
    query = select(at).order_by(at.desc() if latest else at.asc()).limit(1).select_from(article)
    if condition is not None:
        query = query.where(condition)
    with reading_within(database) as connection:
        found = connection.scalar(query)
    return found.date() if found else None
