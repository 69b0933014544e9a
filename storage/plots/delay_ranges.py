"""Draws how much later than the agency each outlet carries reports, as ranges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from storage.plots.fonts import choose_fonts
from storage.plots.picture import (
    GREY,
    INK,
    Picture,
    add_columns,
    add_heading,
    drawing,
    new_axes,
    require_matplotlib,
)
from storage.reports.delays import DelayRange
from storage.reports.latency import OutletDelays
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_OUTLETS = 60
_WIDTH, _LANE = 6.4, 0.44
_HAIRLINE, _BAR, _NEGATIVE = "#7fb8dd", "#08306b", "#f3f4f6"
_LINEAR_MINUTES = 10.0
_MINUTE, _HOUR, _DAY = 1.0, 60.0, 1440.0
_TICKS = (
    *((10 * _MINUTE, "10 min"), (_HOUR, "1 h"), (6 * _HOUR, "6 h"), (_DAY, "1 day")),
    *((3 * _DAY, "3 days"), (10 * _DAY, "10 days"), (30 * _DAY, "30 days")),
    *((100 * _DAY, "100 days"), (1000 * _DAY, "1,000 days")),
)
_LINEAR_SCALE = 0.6
_LEGEND = (
    "Thin line or dot: one report, from the least possible delay to the greatest.",
    "Bar or diamond: the median lies there, as the words say. Arrow: this end is not known.",
)
_MOST_HAIRLINES, _FEW_HAIRLINES = 200, 30
_DOT_MINUTES = 2.0


@dataclass(frozen=True, slots=True)
class DelayLanes:
    """The lanes of the picture: outlets with at least one delay of which an end is known.

    `undrawn`: how many outlets have no such delay. `left_out`: how many more lanes there are than
    are drawn. `undated`: reports that an outlet carries without a date.
    """

    lanes: tuple[OutletDelays, ...]
    undrawn: int
    left_out: int
    undated: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not drawn."""
        lines = []
        if self.undrawn:
            are = "1 outlet is" if self.undrawn == 1 else f"{self.undrawn:,} outlets are"
            lines.append(f"{are} not drawn: nothing is known of the delay")
        if self.left_out:
            lines.append(
                f"{len(self.lanes):,} of {len(self.lanes) + self.left_out:,} outlets are drawn: those"
                " with the most reports"
            )
        if self.undated:
            times = format_count(self.undated, "time")
            lines.append(f"{times} an article without a date carries a report: not drawn")
        return tuple(lines)


def make_delay_lanes(
    outlets: Sequence[OutletDelays], most_outlets: int = MOST_OUTLETS
) -> DelayLanes:
    """Chooses the outlets with the most delays, and keeps their order. No I/O."""
    known = [each for each in outlets if each.delays]
    largest = sorted(known, key=lambda each: (-len(each.delays), each.outlet))[:most_outlets]
    return DelayLanes(
        lanes=tuple(each for each in known if each in largest),
        undrawn=len(outlets) - len(known),
        left_out=len(known) - len(largest),
        undated=sum(each.undated for each in outlets),
    )


def draw_delays(
    outlets: Sequence[OutletDelays],
    most_outlets: int = MOST_OUTLETS,
    title: str = "How late after the agency",
) -> Picture:
    """Draws a lane for each outlet: a thin line for each report, a bar for the median.

    A line goes from the least possible delay to the greatest. The bar is the range in which the
    median lies. An arrow stands where an end is not known. `outlets`: as
    `storage.reports.latency.load_delays` returns them. Raises what `require_matplotlib` does.
    """
    require_matplotlib()
    made = make_delay_lanes(outlets, most_outlets)
    names = [each.outlet for each in made.lanes]
    fonts = choose_fonts([title, *names])
    drawn_names = fonts.drawable_names(names, "outlet")
    with drawing(fonts.families):
        figure, axes = new_axes(_WIDTH, _LANE * max(1, len(names)))
        low, high = _set_scale(axes, made.lanes)
        for row, each in enumerate(made.lanes):
            _draw_lane(axes, each, row, (low, high))
        add_columns(
            axes,
            [
                (drawn_names[each.outlet], _count_reports(each), each.median.as_later_words())
                for each in made.lanes
            ],
        )
        add_heading(axes, fonts.drawable(title), [*_LEGEND, *made.notes])
    return Picture(figure, fonts.families, (*made.notes, *fonts.notes(drawn_names)))


def _count_reports(outlet: OutletDelays) -> str:
    return format_count(len(outlet.delays), "report")


def _minutes(delay: timedelta) -> float:
    return delay.total_seconds() / 60


def _set_scale(axes: "Axes", lanes: Sequence[OutletDelays]) -> tuple[float, float]:
    """Sets a scale that is linear near zero and logarithmic beyond. Returns its ends in minutes."""
    ends = [
        _minutes(end)
        for each in lanes
        for delay in each.delays
        for end in (delay.low, delay.high)
        if end is not None
    ]
    low, high = min([0.0, *ends]), max([_HOUR, *ends])
    low, high = low * 1.5 - 1, high * 1.5
    axes.set_xscale("symlog", linthresh=_LINEAR_MINUTES, linscale=_LINEAR_SCALE)
    axes.set_xlim(low, high)
    axes.set_ylim(max(1, len(lanes)), 0)
    ticks = [(0.0, "0"), *_TICKS, *((-at, f"−{label}") for at, label in _TICKS)]
    shown = sorted(each for each in ticks if low <= each[0] <= high)
    axes.set_xticks([at for at, _ in shown], [label for _, label in shown], rotation=0)
    axes.set_xticks([], minor=True)
    axes.set_yticks([])
    for label in axes.get_xticklabels():
        label.set(rotation=35, ha="right", rotation_mode="anchor", color=INK, fontsize=8)
    axes.grid(axis="x", color="#dfe3e8", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.axvspan(low, 0, color=_NEGATIVE, zorder=-1)
    axes.axvline(0, color=GREY, linewidth=1)
    if low < -_HOUR:
        axes.annotate(
            "earlier",
            (0, 1),
            (-4, 3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="right",
            color=GREY,
            annotation_clip=False,
        )
    axes.annotate(
        "later than the agency",
        (0, 1),
        (4, 3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="left",
        color=GREY,
        annotation_clip=False,
    )
    return low, high


def _draw_lane(axes: "Axes", outlet: OutletDelays, row: int, ends: tuple[float, float]) -> None:
    from matplotlib.collections import LineCollection

    axes.axhline(row + 1, color="#dfe3e8", linewidth=0.7)
    delays = sorted(outlet.delays, key=_by_low)[:: len(outlet.delays) // _MOST_HAIRLINES + 1]
    spots = [row + 0.1 + 0.8 * (number + 0.5) / len(delays) for number in range(len(delays))]
    drawn = [(*_ends_of(delay, ends), y) for delay, y in zip(delays, spots, strict=True)]
    lines = [((start, y), (end, y)) for start, end, y in drawn if end - start > _DOT_MINUTES]
    dots = [((start + end) / 2, y) for start, end, y in drawn if end - start <= _DOT_MINUTES]
    width = 1.2 if len(delays) < _FEW_HAIRLINES else 0.7
    axes.add_collection(LineCollection(lines, colors=_HAIRLINE, linewidths=width))
    xs, ys = [x for x, _ in dots], [y for _, y in dots]
    axes.scatter(xs, ys, s=7, color=_HAIRLINE, linewidths=0)
    _draw_median(axes, outlet.median, row + 0.5, ends)


def _draw_median(axes: "Axes", median: DelayRange, y: float, ends: tuple[float, float]) -> None:
    if median.low is None and median.high is None:
        return
    start, end = _ends_of(median, ends)
    if median.exact is not None:
        axes.plot([(start + end) / 2], [y], marker="D", markersize=6, color=_BAR, mec="white")
        return
    axes.plot([start, end], [y, y], color="white", linewidth=7, solid_capstyle="butt")
    axes.plot([start, end], [y, y], color=_BAR, linewidth=5, solid_capstyle="butt")
    for at, known, arrow in ((start, median.low, "<"), (end, median.high, ">")):
        marker = "|" if known is not None else arrow
        axes.plot([at], [y], marker=marker, markersize=9, color=_BAR, mew=1.6, clip_on=False)


def _ends_of(delay: DelayRange, ends: tuple[float, float]) -> tuple[float, float]:
    low, high = ends
    return (
        low if delay.low is None else _minutes(delay.low),
        high if delay.high is None else _minutes(delay.high),
    )


def _by_low(delay: DelayRange) -> tuple[timedelta, timedelta]:
    low = timedelta.min if delay.low is None else delay.low
    return low, timedelta.max if delay.high is None else delay.high
