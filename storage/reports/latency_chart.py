"""Draws the median delay of each outlet as an SVG chart. No I/O."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from math import ceil
from xml.sax.saxutils import escape

from storage.reports.delays import DelayRange
from storage.reports.latency import Latency
from storage.reports.provenance_drawing import MANNER_COLOURS
from storage.wording.numbers import format_count

_LEFT_MARGIN, _TOP_MARGIN, _PLOT_WIDTH, _LANE_HEIGHT = 170, 50, 760, 30
_LEGEND_LINES = (
    "Bar: the range of the median delay by polls. Dashes: this end of the range is not known.",
    "Dot: the median delay by stated times. Line: its range, where an outlet states only dates.",
)
_LEGEND_HEIGHT = 18
_OPEN_END_LENGTH = 24

_XPosition = Callable[[timedelta], float]


def format_latency_svg(
    latencies: Sequence[Latency], title: str = "Median delay to the agency"
) -> str:
    """Returns an SVG with one lane for each outlet of which a delay is known.

    A bar goes from the lower to the upper end of the median delay by polls. If only one end is
    known, a tick marks it, with short dashes towards the unknown end. A dot marks the median of the
    stated delays, or a line their range. The colour shows the most frequent manner. The last line
    says how many outlets are not drawn.
    """
    shown = [each for each in latencies if each.is_known]
    min_delay, max_delay = _time_range(shown)
    scale = _PLOT_WIDTH / (max_delay - min_delay).total_seconds()

    def x_position(delay: timedelta) -> float:
        return round(_LEFT_MARGIN + (delay - min_delay).total_seconds() * scale, 1)

    legend = [*_LEGEND_LINES, *_undrawn_line(len(latencies) - len(shown))]
    plot_height = _TOP_MARGIN + _LANE_HEIGHT * len(shown) + 50
    height = plot_height + _LEGEND_HEIGHT * len(legend)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT_MARGIN + _PLOT_WIDTH + 40} {height}"',
        ' font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n',
        f'<text x="12" y="26" font-size="16">{escape(title)}</text>\n',
    ]
    ticks = _tick_times(min_delay, max_delay)
    parts += [_svg_tick(x_position(tick), tick, plot_height) for tick in ticks]
    for lane, each in enumerate(shown):
        y = _TOP_MARGIN + _LANE_HEIGHT * lane + 8
        parts += _svg_lane(each, y, x_position)
    for line, text in enumerate(legend):
        y = plot_height + _LEGEND_HEIGHT * line
        parts.append(f'<text class="legend" x="12" y="{y}" fill="#666">{escape(text)}</text>\n')
    return "".join([*parts, "</svg>\n"])


def _svg_lane(latency: Latency, y: int, x_position: _XPosition) -> Iterator[str]:
    colour = MANNER_COLOURS[max(latency.manner_counts, key=latency.manner_counts.__getitem__)]
    yield f'<text x="12" y="{y + 11}">{escape(latency.outlet)} ({latency.reports})</text>\n'
    yield _svg_polled(latency.polled, y, x_position, colour)
    yield _svg_stated(latency.stated, y + 7, x_position)


def _svg_polled(delay: DelayRange, y: int, x_position: _XPosition, colour: str) -> str:
    name = f"<title>{escape(f'by polls: {delay.as_words()}')}</title>"
    if delay.low is not None and delay.high is not None:
        start, end = x_position(delay.low), x_position(delay.high)
        return (
            f'<rect class="range" x="{start}" y="{y}" width="{max(2, end - start):.1f}" height="14"'
            f' rx="3" fill="{colour}" opacity="0.8">{name}</rect>\n'
        )
    known = delay.high if delay.low is None else delay.low
    if known is None:
        return ""
    x = x_position(known)
    direction = -1 if delay.low is None else 1
    return (
        f'<path class="open" d="M{x} {y + 7}h{direction * _OPEN_END_LENGTH}" stroke="{colour}"'
        f' stroke-width="3" stroke-dasharray="4 3">{name}</path>'
        f'<path class="end" d="M{x} {y}v14" stroke="{colour}" stroke-width="3"/>\n'
    )


def _svg_stated(delay: DelayRange, y: int, x_position: _XPosition) -> str:
    name = f"<title>{escape(f'by stated times: {delay.as_rounded_words()}')}</title>"
    if delay.exact is not None:
        return f'<circle class="stated" cx="{x_position(delay.exact)}" cy="{y}" r="4">{name}</circle>\n'
    if delay.low is None or delay.high is None:
        return ""
    start, end = x_position(delay.low), x_position(delay.high)
    return f'<path class="stated" d="M{start} {y}H{end}" stroke="black">{name}</path>\n'


def _undrawn_line(count: int) -> Iterator[str]:
    if count:
        verb = "is" if count == 1 else "are"
        yield f"{format_count(count, 'outlet')} {verb} not drawn: the median delay is not known."


def _time_range(latencies: Sequence[Latency]) -> tuple[timedelta, timedelta]:
    ends = [
        end
        for each in latencies
        for delay in (each.polled, each.stated)
        for end in (delay.low, delay.high)
        if end is not None
    ]
    zero = timedelta(0)
    return min([zero, *ends]), max([timedelta(minutes=1), *ends])


def _tick_times(min_delay: timedelta, max_delay: timedelta) -> list[timedelta]:
    steps = (1, 5, 10, 30, 60, 180, 360, 720, 1440, 2880, 10080)
    minutes = (max_delay - min_delay).total_seconds() / 60
    step = next((each for each in steps if minutes / each <= 10), ceil(minutes / 10))
    first = ceil(min_delay.total_seconds() / 60 / step) * step
    last = int(max_delay.total_seconds() // 60)
    return [timedelta(minutes=minute) for minute in range(first, last + 1, step)]


def _svg_tick(x: float, delay: timedelta, height: int) -> str:
    minutes = round(delay.total_seconds() / 60)
    label = f"{minutes} min" if abs(minutes) < 120 else f"{minutes / 60:g} h"
    colour = "#ddd" if minutes else "#888"
    return (
        f'<path d="M{x} {_TOP_MARGIN}V{height - 36}" stroke="{colour}"/>'
        f'<text x="{x}" y="{height - 18}" text-anchor="middle" fill="#666">{label}</text>\n'
    )
