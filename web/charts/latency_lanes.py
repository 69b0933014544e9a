"""Draws the median delays of outlets as ranges, one lane each, on the scale of all delays. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from web.charts.scale import Scale

WIDTH, HEIGHT = 460, 20
_INSET = 10
_LANE = Markup(
    '<svg class="lane" viewBox="0 0 {} {}" aria-hidden="true"><path class="grid" d="{}"/>'
    '<path class="zero" d="{}"/>{}</svg>'
)
_RANGE = Markup('<path class="range s-{}" d="M{} {}H{}"/>')
_OPEN = Markup('<path class="range open s-{}" d="M{} {}H{}"/>')
_END = Markup('<path class="end s-{}" d="M{} {}v8"/>')
_STATED = Markup('<path class="stated" d="M{} {}H{}"/>')
_DOT = Markup('<circle class="stated" cx="{}" cy="{}" r="3.5"/>')
_TICK = Markup('<text class="tick" x="{}" y="14" text-anchor="{}">{}</text>')


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Median delays in minutes: ranges by polls and by stated times; None: an end is not known.

    `manner`: the colour. `stated`: the median where it is known to the minute.
    """

    manner: str
    low: float | None
    high: float | None
    stated_low: float | None
    stated_high: float | None
    stated: float | None


def least_of(lanes: Iterable[Lane]) -> float:
    """Returns where the scale of all lanes begins, in minutes, at most zero."""
    ends = (each for lane in lanes for each in (lane.low, lane.high, lane.stated_low, lane.stated))
    return min((each for each in ends if each is not None and each < 0), default=0)


def latency_axis(least: float) -> Markup:
    """Returns the words of the scale, for the head of the column."""
    scale = _scale(least)
    ticks = [(scale.zero, "0"), *scale.ticks]
    last = max(x for x, _ in ticks)
    words = Markup("").join(
        _TICK.format(f"{x:g}", "end" if x == last else "middle", text) for x, text in ticks
    )
    return Markup('<svg class="lane" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>').format(
        WIDTH, HEIGHT, words
    )


def latency_lane(lane: Lane, least: float) -> Markup:
    """Returns the lane. `least`: where the scale of all lanes begins.

    Bar: the range by polls; dashes lead to an end that is not known. Dot or line: by stated times.
    """
    scale, middle = _scale(least), HEIGHT / 2
    drawn = _draw_polled(lane, scale, f"{middle:g}")
    if lane.stated is not None:
        drawn += _DOT.format(f"{scale.place(lane.stated):g}", f"{middle:g}")
    elif lane.stated_low is not None and lane.stated_high is not None:
        low, high = scale.place(lane.stated_low), scale.place(lane.stated_high)
        drawn += _STATED.format(f"{low:g}", f"{middle:g}", f"{high:g}")
    grid = "".join(f"M{x:g} 0v{HEIGHT}" for x, _ in scale.ticks)
    return _LANE.format(WIDTH, HEIGHT, grid, f"M{scale.zero:g} 0v{HEIGHT}", drawn)


def _draw_polled(lane: Lane, scale: Scale, y: str) -> Markup:
    if lane.low is None and lane.high is None:
        return Markup("")
    if lane.low is not None and lane.high is not None:
        start, end = scale.place(lane.low), scale.place(lane.high)
        # A range that is narrower than the pen is still seen.
        return _RANGE.format(lane.manner, f"{start:g}", y, f"{max(end, start + 2):g}")
    known = scale.place(next(each for each in (lane.low, lane.high) if each is not None))
    other = scale.left if lane.low is None else scale.right
    tick = _END.format(lane.manner, f"{known:g}", f"{float(y) - 4:g}")
    return _OPEN.format(lane.manner, f"{known:g}", y, f"{other:g}") + tick


def _scale(least: float) -> Scale:
    return Scale(_INSET, WIDTH - _INSET, least)
