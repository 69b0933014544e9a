"""Draws how a report spread: a lane for each manner, delays as ranges on one scale. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from storage.reports.manners import CarriageManner
from web.charts.scale import Scale, round_down
from web.labels import manner_name

_LANE, _TOP, _BOTTOM = 30, 18, 26
_LABEL_WIDTH, _EDGE = 132, 16
_NARROW = 400
_MAX_SEPARATE = 80
"""Articles in a lane. If there are more, marks that would touch and ranges that overlap are one."""
_OPEN = Markup(
    '<svg class="spread {}" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">'
)
_LINE = Markup('<path class="grid{}" d="M{} {}V{}"/>')
_TICK = Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>')
_LABEL = Markup('<text x="0" y="{}">{} <tspan class="tick">{}</tspan></text>')
_RANGES = Markup('<path class="range s-{}" d="{}"/>')
_OPEN_RANGES = Markup('<path class="range open s-{}" d="{}"/>')
_MARK = Markup('<use href="#m-{}" x="{}" y="{}"{}/>')
_HOLLOW = Markup(' class="hollow"')


@dataclass(frozen=True, slots=True)
class Delay:
    """When one article appeared, in minutes after the lead document.

    `least` and `most`: the ends of the range; None: not known. `at`: where its mark stands.
    `is_stated`: whether both outlets state a time of day; otherwise the mark is hollow, and stands
    where the range ends.
    """

    manner: CarriageManner
    least: float | None
    most: float | None
    at: float
    is_stated: bool


def spread(delays: Sequence[Delay], zero: str, width: int = 1000) -> Markup:
    """Returns the drawing. `zero`: what is written at zero; the lead document comes first.

    Delays that may be below zero are drawn to the left of zero. What lies beyond the scale is drawn
    at its end with an arrow.
    """
    lanes: dict[CarriageManner, list[Delay]] = {
        manner: found
        for manner in CarriageManner
        if (found := [each for each in delays if each.manner is manner])
    }
    is_narrow = width < _NARROW
    left = _EDGE if is_narrow else _LABEL_WIDTH
    lane_height = _LANE + 14 if is_narrow else _LANE
    height = _TOP + lane_height * len(lanes) + _BOTTOM
    earliest = [each.at for each in delays]
    earliest += [each.least for each in delays if each.least is not None]
    scale = Scale(left + _EDGE, width - _EDGE, round_down(min(earliest, default=0)))
    kind = "narrow" if is_narrow else "wide"
    parts = [_OPEN.format(kind, width, height, width, height)]
    parts += _grid(scale, zero, height - _BOTTOM, is_narrow=is_narrow)
    for place, (manner, found) in enumerate(lanes.items()):
        y = _TOP + lane_height * place + lane_height / 2 + (7 if is_narrow else 0)
        label_y = y - 14 if is_narrow else y + 4
        parts.append(_LABEL.format(label_y, manner_name(manner).capitalize(), len(found)))
        parts += _lane(found, manner, scale, y)
    return Markup("").join([*parts, Markup("</svg>")])


def _grid(scale: Scale, zero: str, bottom: float, *, is_narrow: bool) -> list[Markup]:
    parts = [_LINE.format(" zero", scale.zero, _TOP - 8, bottom)]
    anchors = [(scale.zero, zero)]
    for x, words in scale.ticks:
        is_shown = not is_narrow or words.lstrip("−") in ("1 h", "1 d")
        if is_shown:
            parts.append(_LINE.format("", x, _TOP - 8, bottom))
            anchors.append((x, words))
    return [*parts, *(_TICK.format(x, bottom + 16, words) for x, words in anchors)]


def _lane(found: Sequence[Delay], manner: CarriageManner, scale: Scale, y: float) -> list[Markup]:
    known: list[tuple[float, float]] = []
    unknown: list[tuple[float, float]] = []
    heads: dict[str, None] = {}
    for each in found:
        if each.most is None and each.least is None:
            continue
        start = scale.left if each.least is None else scale.place(each.least)
        end = scale.right if each.most is None else scale.place(each.most)
        ranges = unknown if None in (each.least, each.most) else known
        if end > start:
            ranges.append((start, end))
        heads |= dict.fromkeys(_arrows(each, scale, y))
    is_dense = len(found) > _MAX_SEPARATE
    parts = []
    for shape, ranges in ((_RANGES, known), (_OPEN_RANGES, unknown)):
        drawn = _join(ranges) if is_dense else ranges
        lines = [f"M{start:g} {y:g}H{end:g}" for start, end in drawn]
        if lines:
            parts.append(shape.format(manner, "".join(lines)))
    if heads:
        parts.append(_RANGES.format(manner, "".join(heads)))
    step = 8 if is_dense else 0
    marks = {
        (round(x / step) * step if step else x, each.is_stated)
        for each in found
        for x in (scale.place(each.at),)
    }
    return [
        *parts,
        *(
            _MARK.format(manner, f"{x:g}", f"{y:g}", "" if is_stated else _HOLLOW)
            for x, is_stated in sorted(marks)
        ),
    ]


def _join(ranges: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Returns ranges that overlap as one."""
    joined: list[tuple[float, float]] = []
    for start, end in sorted(ranges):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _arrows(each: Delay, scale: Scale, y: float) -> list[str]:
    """Returns heads for ends that lie beyond the scale."""
    heads = []
    if max(each.most or 0, each.at) > 0 and scale.is_beyond(max(each.most or 0, each.at)):
        heads.append(f"M{scale.right + 7:g} {y - 5:g}l6 5l-6 5")
    if min(each.least or 0, each.at) < 0 and scale.is_beyond(min(each.least or 0, each.at)):
        heads.append(f"M{scale.left - 7:g} {y - 5:g}l-6 5l6 5")
    return heads
