"""Draws the median delay of each outlet as an SVG chart. No I/O."""

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from xml.sax.saxutils import escape

from storage.reports.latency import Latency
from storage.reports.provenance_drawing import MANNER_COLOURS

_LEFT_MARGIN, _TOP_MARGIN, _PLOT_WIDTH, _LANE_HEIGHT = 170, 50, 760, 30


def format_latency_svg(
    latencies: Sequence[Latency], title: str = "Median delay to the agency"
) -> str:
    """Returns an SVG with one bar for each outlet, from `low` to `high` of its median delay.

    An open end is drawn up to the edge, and the bar is paler. A dot marks the median of the stated
    delays. The colour shows the most frequent manner. Outlets without any of the three values are
    left out.
    """
    shown = [each for each in latencies if each.low or each.high or each.stated]
    min_delay, max_delay = _time_range(shown)
    scale = _PLOT_WIDTH / ((max_delay - min_delay).total_seconds() or 1)

    def x_position(delay: timedelta) -> float:
        return round(_LEFT_MARGIN + (delay - min_delay).total_seconds() * scale, 1)

    height = _TOP_MARGIN + _LANE_HEIGHT * len(shown) + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT_MARGIN + _PLOT_WIDTH + 40} {height}"',
        ' font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n',
        f'<text x="12" y="26" font-size="16">{escape(title)}</text>\n',
        *(_svg_tick(x_position(tick), tick, height) for tick in _tick_times(min_delay, max_delay)),
    ]
    for lane, each in enumerate(shown):
        y = _TOP_MARGIN + _LANE_HEIGHT * lane + 8
        start, end = x_position(each.low or min_delay), x_position(each.high or max_delay)
        manner = max(each.manner_counts, key=lambda kind: each.manner_counts[kind])
        opacity = 0.8 if each.low and each.high else 0.35
        parts.append(f'<text x="12" y="{y + 11}">{escape(each.outlet)} ({each.reports})</text>\n')
        parts.append(
            f'<rect x="{start}" y="{y}" width="{max(2, end - start):.1f}" height="14" rx="3"'
            f' fill="{MANNER_COLOURS[manner]}" opacity="{opacity}"/>\n'
        )
        if each.stated is not None:
            parts.append(f'<circle cx="{x_position(each.stated)}" cy="{y + 7}" r="4"/>\n')
    return "".join([*parts, "</svg>\n"])


def _time_range(latencies: Sequence[Latency]) -> tuple[timedelta, timedelta]:
    ends = [
        end for each in latencies for end in (each.low, each.high, each.stated) if end is not None
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
    return (
        f'<path d="M{x} {_TOP_MARGIN}V{height - 36}" stroke="#ddd"/>'
        f'<text x="{x}" y="{height - 18}" text-anchor="middle" fill="#666">{label}</text>\n'
    )
