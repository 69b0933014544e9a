"""Draws how a report spread as one line of ticks: when, and how close to the lead document. Pure."""

from collections.abc import Mapping
from datetime import timedelta

from markupsafe import Markup

from storage.browsing.report_lines import ReportLine, ReportMark
from web.charts.scale import Scale

WIDTH, HEIGHT = 160, 18
_BASE = 17
SCALE = Scale(left=2, right=WIDTH - 2)
TICKS: Mapping[str, int] = {
    "original": 16,
    "first-seen": 16,
    "unknown": 16,
    "verbatim": 14,
    "edited": 12,
    "translation": 10,
    "excerpt": 8,
    "derived": 5,
}
"""The height of a manner's tick in pixels: the closer, the higher."""

_SVG = Markup(
    '<svg class="strip" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">'
    '<path class="grid" d="M0 17.5H{}"/>{}</svg>'
)
_TICK = Markup('<path class="t t-{}" d="M{} {}V{}"/>')


def strip(report: ReportLine) -> Markup:
    """Draws the ticks of a report; the closest are drawn last, so that none hides them."""
    marks = sorted(report.spread, key=lambda each: TICKS.get(each.manner, 0))
    ticks = Markup("").join(_draw(each, report) for each in marks)
    return _SVG.format(WIDTH, HEIGHT, WIDTH, HEIGHT, WIDTH, ticks)


def tick(manner: str) -> Markup:
    """Draws the tick of one manner, for a legend."""
    return _SVG.format(12, HEIGHT, 12, HEIGHT, 12, _draw_tick(manner, 6))


def _draw(mark: ReportMark, report: ReportLine) -> Markup:
    x = SCALE.place(_delay(mark, report) / timedelta(minutes=1))
    return _draw_tick(mark.manner, x)


def _draw_tick(manner: str, x: float) -> Markup:
    known = manner if manner in TICKS else "derived"
    return _TICK.format(known, f"{x:.1f}", _BASE - TICKS[known], _BASE)


def _delay(mark: ReportMark, report: ReportLine) -> timedelta:
    """Returns the middle of the known delay, else by how much the article is dated after the lead."""
    ends = [each for each in (mark.delay_least, mark.delay_most) if each is not None]
    if ends:
        return timedelta(seconds=sum(ends) / len(ends))
    return mark.at - report.time.at
