"""A time as precisely as its outlet states it: its range, and its text. No I/O."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from storage.clean import format_utc
from storage.records import TimePrecision

ZONE_UNKNOWN = "zone unknown"
"""The end of `published_source` where a time of day is printed and no source tells its zone."""

_DAY = timedelta(days=1)
_QUARTER_HOUR = timedelta(minutes=15)
_EASTERNMOST, _WESTERNMOST = timedelta(hours=14), timedelta(hours=-12)
_MAX_WEST_OF_DAY = timedelta(hours=10)
_CLOCK_STEPS = {
    TimePrecision.SECOND: timedelta(seconds=1),
    TimePrecision.MINUTE: timedelta(minutes=1),
}


class TimeRange(NamedTuple):
    """A range of time from `start` to before `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class StatedTime:
    """A time as stated: `at` is aware, and known to `precision`.

    A day, month or year is stored as its first midnight. Unless that is midnight in UTC, the time of
    day of `at` tells the zone. `is_zone_known`: whether the zone of a time of day is known.
    """

    at: datetime
    precision: TimePrecision
    is_zone_known: bool = True

    @property
    def has_clock(self) -> bool:
        """Whether the time of day is known."""
        return self.precision in _CLOCK_STEPS

    @property
    def day(self) -> date:
        """The date that the outlet prints, which may differ from the date in UTC."""
        at = self.at.astimezone(UTC)
        offset = None if self.has_clock else offset_of_midnight(at)
        return (at + (offset or timedelta(0))).date()

    @property
    def range(self) -> TimeRange:
        """The range in which the time lies; wider by all zones of the world if none is known."""
        at = self.at.astimezone(UTC)
        if step := _CLOCK_STEPS.get(self.precision):
            start = at.replace(microsecond=0)
            if self.precision is TimePrecision.MINUTE:
                start = start.replace(second=0)
            return _widen(start, start + step, timedelta(0) if self.is_zone_known else None)
        offset = offset_of_midnight(at)
        first = self._first_day()
        start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        return _widen(start, start + self._length(first), offset)

    def __str__(self) -> str:
        """Returns ISO 8601 with the fields that are known: `2026-03-03`, `2026-03-03T09:30:00Z`."""
        if self.precision is TimePrecision.YEAR:
            return f"{self.day:%Y}"
        if self.precision is TimePrecision.MONTH:
            return f"{self.day:%Y-%m}"
        return format_utc(self.at) if self.has_clock else self.day.isoformat()

    def as_words(self) -> str:
        """Returns the time for people: in UTC to the minute, or the date alone."""
        return f"{self.at.astimezone(UTC):%Y-%m-%d %H:%M}" if self.has_clock else str(self)

    def _first_day(self) -> date:
        if self.precision is TimePrecision.YEAR:
            return self.day.replace(month=1, day=1)
        return self.day.replace(day=1) if self.precision is TimePrecision.MONTH else self.day

    def _length(self, first: date) -> timedelta:
        if self.precision is TimePrecision.YEAR:
            return date(first.year + 1, 1, 1) - first
        if self.precision is TimePrecision.MONTH:
            return (first + 31 * _DAY).replace(day=1) - first
        return _DAY


def make_stated_time(
    at: datetime | None, precision: str | None, source: str = ""
) -> StatedTime | None:
    """Returns a stored publication time, or None if there is none.

    `precision`: a `TimePrecision` value. If it is not known, midnight in UTC is a day, and any other
    time is known to the minute. `source`: the field `published_source`.
    """
    if at is None:
        return None
    if not precision:
        is_midnight = at.astimezone(UTC).time() == datetime.min.time()
        precision = TimePrecision.DAY if is_midnight else TimePrecision.MINUTE
    return StatedTime(at, TimePrecision(precision), not source.endswith(ZONE_UNKNOWN))


def offset_of_midnight(at: datetime) -> timedelta | None:
    """Returns the offset from UTC of the zone in which `at` is midnight.

    None: not known. Midnight in UTC may stand for a day of any zone. Offsets lie between -10 h and
    less than +14 h, in whole quarters of an hour.
    """
    at = at.astimezone(UTC)
    since_midnight = at - at.replace(hour=0, minute=0, second=0, microsecond=0)
    if not since_midnight or since_midnight % _QUARTER_HOUR:
        return None
    return -since_midnight if since_midnight <= _MAX_WEST_OF_DAY else _DAY - since_midnight


def _widen(start: datetime, end: datetime, offset: timedelta | None) -> TimeRange:
    """Converts a range of local time to UTC; `offset` None: the zone may be any of the world."""
    if offset is None:
        return TimeRange(start - _EASTERNMOST, end - _WESTERNMOST)
    return TimeRange(start - offset, end - offset)
