"""Charts as SVG, drawn on the server from plain values. No I/O.

`CHARTS` has each drawing function by the name that templates use: `{{ charts.strip(report) }}`.
"""

from collections.abc import Callable, Mapping

from markupsafe import Markup

from web.charts.day_bars import day_bars
from web.charts.delay_bar import delay_axis, delay_bar
from web.charts.history import history
from web.charts.hours import hours
from web.charts.latency_lanes import latency_axis, latency_lane
from web.charts.provenance import provenance
from web.charts.spread import spread
from web.charts.stacked_days import stacked_days
from web.charts.strip import strip, tick

CHARTS: Mapping[str, Callable[..., Markup]] = {
    "day_bars": day_bars,
    "delay_axis": delay_axis,
    "delay_bar": delay_bar,
    "history": history,
    "hours": hours,
    "latency_axis": latency_axis,
    "latency_lane": latency_lane,
    "provenance": provenance,
    "spread": spread,
    "stacked_days": stacked_days,
    "strip": strip,
    "strip_tick": tick,
}
