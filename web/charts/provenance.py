"""Draws a provenance graph with the colours of the pages: a lane for each outlet. Pure."""

from collections.abc import Callable, Sequence
from typing import Protocol

from markupsafe import Markup

from storage.clean import printable
from storage.reports.manners import CarriageManner
from storage.stated_time import StatedTime
from web.options import DeclaredOutlet

_LANE, _LEFT, _TOP, _WIDTH = 34, 170, 14, 1000
_MAX_NAME_CHARS = 18
_OPEN = Markup(
    '<svg class="provenance" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">'
)
_LANE_LINE = Markup('<text x="0" y="{}">{}</text><path class="grid" d="M{} {}H{}"/>')
_CURVE = Markup('<path class="curve s-{}{}" stroke-width="{}" d="M{} {}C{} {} {} {} {} {}"/>')
_MARK = Markup('<use href="#m-{}" x="{}" y="{}"{}/>')


class Node(Protocol):
    """An article to draw."""

    @property
    def id(self) -> int: ...
    @property
    def outlet(self) -> str: ...
    @property
    def manner(self) -> CarriageManner: ...
    @property
    def time(self) -> StatedTime: ...


class Edge(Protocol):
    """A link between two articles."""

    @property
    def source(self) -> int: ...
    @property
    def target(self) -> int: ...
    @property
    def manner(self) -> CarriageManner: ...
    @property
    def share(self) -> float: ...
    @property
    def parent(self) -> bool: ...
    @property
    def order_known(self) -> bool: ...


def provenance(
    nodes: Sequence[Node], edges: Sequence[Edge], outlet: Callable[[str], DeclaredOutlet]
) -> Markup:
    """Returns the drawing: time to the right by equal steps, lines from the likely sources only.

    `outlet`: returns the declaration of an outlet. A line is dashed if the order of its ends is not known. A mark is
    hollow if only a date is known.
    """
    lanes = {name: place for place, name in enumerate(dict.fromkeys(each.outlet for each in nodes))}
    height = 2 * _TOP + _LANE * len(lanes)
    places = _place(nodes, lanes)
    parts = [_OPEN.format(_WIDTH, height, _WIDTH, height)]
    for name, lane in lanes.items():
        y = _TOP + _LANE * lane + _LANE // 2
        label = _shorten(outlet(name).title)
        parts.append(_LANE_LINE.format(y + 4, label, _LEFT - 12, y, _WIDTH))
    parts += [
        _curve(edge, places[edge.source], places[edge.target])
        for edge in edges
        if edge.parent and edge.source in places and edge.target in places
    ]
    for node in nodes:
        x, y = places[node.id]
        hollow = Markup("") if node.time.has_clock else Markup(' class="hollow"')
        parts.append(_MARK.format(node.manner, x, y, hollow))
    return Markup("").join([*parts, Markup("</svg>")])


def _place(nodes: Sequence[Node], lanes: dict[str, int]) -> dict[int, tuple[int, int]]:
    times = sorted({node.time.at for node in nodes})
    step = (_WIDTH - _LEFT - 24) / max(1, len(times) - 1)
    xs = {at: round(_LEFT + 8 + step * place) for place, at in enumerate(times)}
    return {
        node.id: (xs[node.time.at], _TOP + _LANE * lanes[node.outlet] + _LANE // 2)
        for node in nodes
    }


def _curve(edge: Edge, source: tuple[int, int], target: tuple[int, int]) -> Markup:
    (x1, y1), (x2, y2) = source, target
    middle = (x1 + x2) // 2
    dashed = "" if edge.order_known else " dashed"
    width = f"{1 + 2.5 * edge.share:.1f}"
    return _CURVE.format(edge.manner, dashed, width, x1, y1, middle, y1, middle, y2, x2, y2)


def _shorten(name: str) -> str:
    name = printable(name)
    return name if len(name) <= _MAX_NAME_CHARS else f"{name[: _MAX_NAME_CHARS - 1]}…"
