"""Draws the articles of a day by the hour. Pure."""

from collections.abc import Sequence

from markupsafe import Markup

_WIDTH, _HEIGHT, _GAP = 720, 64, 6
_SVG = Markup(
    '<svg class="hours" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
    '{}<path class="grid" d="M0 {}H{}"/></svg>'
)
_BAR = Markup('<rect class="bar" x="{}" y="{}" width="{}" height="{}"/>')
_MIN_BAR = 2


def hours(counts: Sequence[int]) -> Markup:
    """Draws a bar for each hour; the highest fills the height. The page has the table."""
    most = max(counts, default=0) or 1
    step = _WIDTH / max(len(counts), 1)
    bars = Markup("").join(
        _bar(place * step + _GAP / 2, step - _GAP, count / most)
        for place, count in enumerate(counts)
        if count
    )
    return _SVG.format(_WIDTH, _HEIGHT + 1, bars, _HEIGHT + 0.5, _WIDTH)


def _bar(x: float, width: float, share: float) -> Markup:
    height = max(round(share * _HEIGHT), _MIN_BAR)
    return _BAR.format(f"{x:g}", _HEIGHT - height, f"{width:g}", height)
