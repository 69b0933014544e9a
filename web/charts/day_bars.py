"""Draws the new articles of an outlet, a bar a day. Pure.

A day without an answer never looks like a day without news: it has a dot, and a day on which every
run failed a cross. Where some runs failed there is a notch below the bar, as high as their share.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from markupsafe import Markup

from storage.wording.numbers import format_count


class DayState(StrEnum):
    """What became of the runs of a day."""

    READ = "read"
    FAILED = "failed"  # every run failed
    NOT_READ = "not read"  # no run, or none that says anything


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBar:
    """The runs of a day (UTC) of one outlet: how many there were and failed, and the new articles."""

    day: date
    state: DayState
    runs: int
    failed: int
    new: int


_STEP, _WIDTH = 6, 4
_TOP, _BASE, _NOTCH = 1, 21, 4
_HEIGHT = _BASE + 1 + _NOTCH
_BAR_HEIGHT = _BASE - _TOP
_BARS = Markup('<svg class="bars {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
_PATH = Markup('<path class="{}" d="{}"/>')


def day_bars(days: Sequence[DayBar], size: str = "small") -> Markup:
    """Returns the bars as SVG, oldest first. `size`: "small" in a row of a table, or "large".

    The figures are in its label.
    """
    highest = max((each.new for each in days), default=0)
    shapes: dict[str, str] = {}
    for number, each in enumerate(days):
        for kind, shape in _iter_shapes(each, _STEP * number, highest):
            shapes[kind] = shapes.get(kind, "") + shape
    drawn = Markup("").join(_PATH.format(kind, shape) for kind, shape in shapes.items())
    width = max(1, _STEP * len(days) - (_STEP - _WIDTH))
    return _BARS.format(size, width, _HEIGHT, describe_days(days), drawn)


def describe_days(days: Sequence[DayBar]) -> str:
    """Returns the figures in words: New articles a day from 5 Feb: 3, 0, not read, 5 (1 of 4 runs failed)."""
    if not days:
        return "No day was read"
    first = days[0].day
    return f"New articles a day from {first.day} {first:%b}: {', '.join(map(_describe_day, days))}"


def _describe_day(day: DayBar) -> str:
    if day.state is not DayState.READ:
        return day.state.value
    some_failed = f" ({day.failed} of {format_count(day.runs, 'run')} failed)" if day.failed else ""
    return f"{day.new}{some_failed}"


def _iter_shapes(day: DayBar, x: int, highest: int) -> Iterator[tuple[str, str]]:
    """Yields the shapes of a day with their kinds, as parts of SVG paths."""
    if day.state is DayState.NOT_READ:
        yield "unread", f"M{x + 1} {_BASE - 2}h2v2h-2z"
    elif day.state is DayState.FAILED:
        yield "failed", f"M{x} {_BASE - 4}l4 4m0-4l-4 4"
    else:
        # A day without news has a line of its own: it was read.
        height = max(2, round(_BAR_HEIGHT * day.new / highest)) if day.new else 1
        yield "new" if day.new else "none", f"M{x} {_BASE}v-{height}h{_WIDTH}v{height}z"
        if day.failed:
            notch = max(1, round(_NOTCH * day.failed / max(1, day.runs)))
            yield "notch", f"M{x} {_BASE + 1}v{notch}h{_WIDTH}v-{notch}z"
