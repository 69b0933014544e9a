"""Draws articles a day, stacked by outlet. Pure.

The drawing is stretched to the width of the page, so it has no words: the page writes them around
it. Days on which nobody looked are hatched, which no number of articles looks like.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from markupsafe import Markup

from web.page import link

STEP, BAR = 10, 9
"""The width of a day and of its bar, in units of the drawing."""
HEIGHT = 600
MAX_LINKED_DAYS = 100
"""Up to so many days each day is a link to its page."""
_MAX_TICKS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The numbers of one colour, one for each day."""

    name: str
    numbers: tuple[int, ...]


def nice_top(highest: int) -> int:
    """Returns the number at the top of the scale: 1, 2, 3, 4, 5, 6, 8 or 10 times a power of ten."""
    if highest <= 1:
        return 1
    unit = int("1".ljust(len(str(highest)), "0"))
    return next(step * unit for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * unit >= highest)


def tick_numbers(top: int) -> tuple[int, ...]:
    """Returns the numbers beside the lines of the scale, the highest first, with zero."""
    step = max(1, ceil(top / _MAX_TICKS))
    while top % step:
        step += 1
    return tuple(range(top, -1, -step))


def stacked_days(
    days: Sequence[date],
    series: Sequence[Series],
    unread: Sequence[bool],
    line: Sequence[int] | None = None,
) -> Markup:
    """Returns the drawing as SVG. It is hidden from those who do not see it: the page has a table.

    `series`: from the lowest layer to the highest. `unread`: whether nobody looked on a day. `line`:
    numbers drawn as a line, on the same scale.
    """
    numbers = [(0,) * len(days), *(each.numbers for each in series)]
    sums = [sum(day) for day in zip(*numbers, strict=True)]
    top = nice_top(max([0, *sums, *(line or ())]))
    width = STEP * len(days)
    body = Markup("").join(
        [
            _draw_unread(unread),
            _draw_grid(days, tick_numbers(top), top, width),
            *_draw_series(series, top, len(days)),
            _draw_line(line, top) if line else Markup(""),
            _draw_links(days, sums) if len(days) <= MAX_LINKED_DAYS else Markup(""),
        ]
    )
    return Markup(
        '<svg class="stack" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        '<defs><pattern id="nobody" width="8" height="24" patternUnits="userSpaceOnUse">'
        '<path class="hatch" d="M0 24L8 0"/></pattern></defs>{}</svg>'
    ).format(width, HEIGHT, body)


def _draw_unread(unread: Sequence[bool]) -> Markup:
    parts, start = [], None
    for place, is_unread in enumerate([*unread, False]):
        if is_unread and start is None:
            start = place
        elif not is_unread and start is not None:
            parts.append(f"M{STEP * start} 0v{HEIGHT}h{STEP * (place - start)}v-{HEIGHT}z")
            start = None
    path = Markup('<path class="unread" fill="url(#nobody)" d="{}"/>')
    return path.format("".join(parts)) if parts else Markup("")


def _draw_grid(days: Sequence[date], ticks: Sequence[int], top: int, width: int) -> Markup:
    levels = "".join(f"M0 {_y(number, top)}h{width}" for number in ticks)
    months = "".join(
        f"M{STEP * place} 0v{HEIGHT}" for place, day in enumerate(days) if day.day == 1
    )
    grid = '<path class="grid" vector-effect="non-scaling-stroke" d="{}"/>'
    return Markup(grid).format(levels + (months if len(days) > 14 else ""))


def _draw_series(series: Sequence[Series], top: int, count: int) -> list[Markup]:
    below = [0] * count
    drawn = []
    for number, each in enumerate(series, 1):
        parts = []
        for place, articles in enumerate(each.numbers):
            if articles:
                low, high = _y(below[place], top), _y(below[place] + articles, top)
                parts.append(f"M{STEP * place} {low}V{high}h{BAR}V{low}z")
                below[place] += articles
        path = Markup('<path class="s{}" d="{}"/>').format(number, "".join(parts))
        drawn.append(path if parts else Markup(""))
    return drawn


def _draw_line(numbers: Sequence[int], top: int) -> Markup:
    steps = "".join(
        f"{'L' if place else 'M'}{STEP * place} {_y(number, top)}h{BAR}"
        for place, number in enumerate(numbers)
    )
    line = '<path class="line" vector-effect="non-scaling-stroke" d="{}"/>'
    return Markup(line).format(steps)


def _draw_links(days: Sequence[date], sums: Sequence[int]) -> Markup:
    area = (
        '<a href="{}" tabindex="-1" aria-hidden="true"><rect class="day" x="{}" y="0" width="{}"'
        ' height="{}"><title>{}: {}</title></rect></a>'
    )
    return Markup("").join(
        Markup(area).format(
            link(f"/days/{day}"),
            STEP * place,
            STEP,
            HEIGHT,
            f"{day.day} {day:%b %Y}",
            f"{number:,}",
        )
        for place, (day, number) in enumerate(zip(days, sums, strict=True))
    )


def _y(number: int, top: int) -> int:
    return round(HEIGHT * (1 - number / top))
