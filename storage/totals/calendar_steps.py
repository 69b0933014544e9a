"""Adds up counts of days to weeks, months or years. No I/O."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum

_MOST_DAYS, _MOST_WEEKS, _MOST_MONTHS = 31, 26, 36
_MOST_EMPTY = 3


class Step(StrEnum):
    """The length of a period: a day, a week from Monday, a month or a year."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"

    def start_of(self, day: date) -> date:
        """Returns the first day of the period that a day belongs to."""
        if self is Step.YEAR:
            return day.replace(month=1, day=1)
        if self is Step.MONTH:
            return day.replace(day=1)
        return day - timedelta(days=day.weekday()) if self is Step.WEEK else day

    def next_start(self, start: date) -> date | None:
        """Returns the first day of the next period; None: the calendar ends before it."""
        days = {Step.DAY: 1, Step.WEEK: 7, Step.MONTH: 31, Step.YEAR: 366}[self]
        try:
            return self.start_of(start + timedelta(days=days))
        except OverflowError:
            return None

    def label(self, start: date) -> str:
        """Returns the name of the period that begins on this day: `2026-03`, or the day itself."""
        length = {Step.YEAR: 4, Step.MONTH: 7}.get(self, 10)
        return start.isoformat()[:length]


def fitting_step(first: date | None, last: date | None) -> Step:
    """Returns the shortest step that divides the days from first to last into few periods."""
    days = (last - first).days + 1 if first and last else 0
    if days <= _MOST_DAYS:
        return Step.DAY
    if days <= 7 * _MOST_WEEKS:
        return Step.WEEK
    return Step.MONTH if days <= 31 * _MOST_MONTHS else Step.YEAR


def sum_by_step(counts: Iterable[tuple[date, int]], step: Step) -> dict[date, int]:
    """Returns the sum of each period that has one, by its first day, in order of time."""
    sums = Counter[date]()
    for day, number in counts:
        sums[step.start_of(day)] += number
    return dict(sorted(sums.items()))


def iter_periods(sums: Mapping[date, int], step: Step) -> Iterator[tuple[date, int, int]]:
    """Yields each period: its first day, its sum, and how many empty periods were left out before.

    `sums`: what `sum_by_step` returns. A few empty periods in a row are periods with the sum 0.
    """
    expected: date | None = None
    for start, number in sums.items():
        empty = _empty_periods(expected, start, step)
        if len(empty) <= _MOST_EMPTY:
            yield from ((each, 0, 0) for each in empty)
        yield start, number, 0 if len(empty) <= _MOST_EMPTY else _periods(expected, start, step)
        expected = step.next_start(start)


def _empty_periods(expected: date | None, start: date, step: Step) -> list[date]:
    """Returns the periods before `start`, from the expected one; at most one more than are shown."""
    empty: list[date] = []
    while expected is not None and expected < start and len(empty) <= _MOST_EMPTY:
        empty.append(expected)
        expected = step.next_start(expected)
    return empty


def _periods(one: date | None, other: date, step: Step) -> int:
    assert one is not None
    if step is Step.YEAR:
        return other.year - one.year
    if step is Step.MONTH:
        return 12 * (other.year - one.year) + other.month - one.month
    return (other - one).days // (7 if step is Step.WEEK else 1)
