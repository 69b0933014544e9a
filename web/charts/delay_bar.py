"""Draws the delay of one article as a small bar on the scale of all delays. Pure."""

from markupsafe import Markup

from web.charts.scale import Scale
from web.charts.spread import Delay

WIDTH, HEIGHT = 150, 16
_OPEN = Markup(
    '<svg width="{}" height="{}" viewBox="0 0 {} {}" aria-hidden="true">'
    '<path class="grid" d="{}"/>{}{}</svg>'
)
_RANGE = Markup('<path class="range{} s-{}" d="M{} {}H{}"/>')
_DOT = Markup('<circle class="dot s-{}" cx="{}" cy="{}" r="{}"/>')


_AXIS = Markup('<svg width="{}" height="{}" viewBox="0 0 {} {}" aria-hidden="true">{}</svg>')
_TICK = Markup('<text class="tick" x="{}" y="12" text-anchor="middle">{}</text>')
_SHOWN = ("−1 d", "−1 h", "1 h", "1 d")


def delay_axis(least: float) -> Markup:
    """Returns the head of the column of bars: 0, 1 h, 1 d; `least` as for the bars."""
    scale = Scale(4, WIDTH - 4, least)
    ticks = [(scale.zero, "0"), *(each for each in scale.ticks if each[1] in _SHOWN)]
    words = Markup("").join(_TICK.format(f"{x:g}", words) for x, words in ticks)
    return _AXIS.format(WIDTH, HEIGHT, WIDTH, HEIGHT, words)


def delay_bar(delay: Delay, least: float) -> Markup:
    """Returns the bar; `least`: the start of the scale of all rows, in minutes, at most zero."""
    scale = Scale(4, WIDTH - 4, least)
    middle = HEIGHT / 2
    grid = "".join(
        f"M{x:g} {3 if is_zero else 5}v{10 if is_zero else 6}"
        for x, is_zero in ((scale.zero, True), *((x, False) for x, _ in scale.ticks))
    )
    line = Markup("")
    if delay.least is not None or delay.most is not None:
        start = scale.left if delay.least is None else scale.place(delay.least)
        end = scale.right if delay.most is None else scale.place(delay.most)
        kind = " open" if None in (delay.least, delay.most) else ""
        line = _RANGE.format(kind, delay.manner, f"{start:g}", f"{middle:g}", f"{end:g}")
    radius = 2.5 if delay.is_stated else 0
    dot = _DOT.format(delay.manner, f"{scale.place(delay.at):g}", f"{middle:g}", radius)
    return _OPEN.format(WIDTH, HEIGHT, WIDTH, HEIGHT, grid, line, dot if radius else "")
