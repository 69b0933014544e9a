"""Draws the fetches of one page on a line of time. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from markupsafe import Markup

_WIDTH, _HEIGHT, _EDGE, _Y = 640, 28, 8, 14
_OPEN = Markup(
    f'<svg class="history" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    ' aria-hidden="true">'
)
_LINE = Markup('<path class="grid" d="M{} {}H{}"/>')
_MARKS = {
    "new": Markup('<circle class="new" cx="{x:g}" cy="{y}" r="5"/>'),
    "edited": Markup('<path class="edited" d="M{x:g} {top}l6 10h-12z"/>'),
    "gone": Markup('<path class="gone" d="M{left:g} {up}l8 8m0 -8l-8 8"/>'),
    "same": Markup('<path class="same" d="M{x:g} {up}v8"/>'),
    "unclear": Markup('<circle class="unclear" cx="{x:g}" cy="{y}" r="4"/>'),
}
_SAME = frozenset({"same", "not-modified", "moved", "stub"})
_ORDER = ("same", "unclear", "gone", "new", "edited")


def history(captures: Sequence[tuple[datetime, str]]) -> Markup:
    """Returns the drawing of fetches: when, and with which outcome of `CaptureOutcome`.

    A first fetch is a disc, an edit a triangle, the same text a tick, a page that was not found a
    cross, and any other answer a ring. "" for fewer than two fetches at different times.
    """
    times = [at for at, _ in captures]
    if not times or max(times) == min(times):
        return Markup("")
    first, length = min(times), (max(times) - min(times)).total_seconds()
    points = {
        (
            _mark(outcome),
            round(_EDGE + (_WIDTH - 2 * _EDGE) * (at - first).total_seconds() / length, 1),
        )
        for at, outcome in captures
    }
    line = _LINE.format(_EDGE, _Y, _WIDTH - _EDGE)
    return Markup("").join([_OPEN, line, *_draw(points), Markup("</svg>")])


def _mark(outcome: str) -> str:
    if outcome in _MARKS:
        return outcome
    return "same" if outcome in _SAME else "unclear"


def _draw(points: Iterable[tuple[str, float]]) -> Iterable[Markup]:
    """Draws the rarer marks last, so that none lies under ticks."""
    for mark, x in sorted(points, key=lambda each: (_ORDER.index(each[0]), each[1])):
        yield _MARKS[mark].format(x=x, y=_Y, left=x - 4, up=_Y - 4, top=_Y - 6)
