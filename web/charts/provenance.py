"""Draws a provenance graph with the colours of the pages: a row for each article. Pure."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from markupsafe import Markup

from storage.clean import printable
from storage.reports.carriage import CarryingArticle
from storage.reports.drawing.spread_layout import (
    Branch,
    SpreadLayout,
    SpreadRow,
    make_spread_layout,
)
from storage.reports.drawing.text_width import shorten
from storage.reports.manners import CarriageManner
from storage.reports.provenance import ProvenanceEdge, ProvenanceGraph
from storage.stated_time import StatedTime
from web.options import DeclaredOutlet

_ROW, _TOP, _LANE, _WIDTH = 26, 40, 13, 1000
_STUB, _NAME_WIDTH, _TITLE_WIDTH = 22, 140, 330
_NAME_COLUMNS, _TITLE_COLUMNS = 18, 48
_OPEN = Markup(
    '<svg class="provenance" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">'
)
_TEXT = Markup('<text x="{}" y="{}">{}</text>')
_TICK = Markup('<text class="tick" x="{}" y="{}">{}</text>')
_GRID = Markup('<path class="grid" d="{}"/>')
_TRUNK = Markup('<path class="grid zero" d="M{} {}V{}M{} {}H{}"/>')
_CURVE = Markup('<path class="curve s-{}{}" stroke-width="{}" d="M{} {}H{}"/>')
_ARROW = Markup('<path class="s-{}" d="M{} {}l-6 -3.5v7z"/>')
_RANGE = Markup('<path class="range{} s-{}" d="M{} {}H{}"/>')
_MARK = Markup('<use href="#m-{}" x="{}" y="{}"/>')


class Node(Protocol):
    """An article to draw."""

    @property
    def id(self) -> int: ...
    @property
    def outlet(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def manner(self) -> CarriageManner: ...
    @property
    def appeared_after(self) -> datetime | None: ...
    @property
    def appeared_by(self) -> datetime: ...
    @property
    def stated_at(self) -> StatedTime | None: ...


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
    def reason(self) -> str: ...
    @property
    def parent(self) -> bool: ...
    @property
    def order_known(self) -> bool: ...


def provenance(
    nodes: Sequence[Node], edges: Sequence[Edge], outlet: Callable[[str], DeclaredOutlet]
) -> Markup:
    """Returns the drawing: a row for each article, its likely source at the left, its time beside.

    `outlet`: returns the declaration of an outlet. A line is dashed if the order of its ends is not
    known. A mark is a known time. A bar is a date, and an open one lies between two polls.
    """
    layout = make_spread_layout(_make_graph(nodes, edges), len(nodes))
    names_x = _LANE * layout.lanes + (_STUB if layout.lanes else 0)
    left, right = names_x + _NAME_WIDTH, _WIDTH - _TITLE_WIDTH
    height = _TOP + _ROW * len(layout.rows) + 8
    parts = [_OPEN.format(_WIDTH, height, _WIDTH, height), *_axis(layout, left, right, height - 8)]
    for each in layout.branches:
        parts += _branch(each, names_x)
    for number, row in enumerate(layout.rows):
        y = _middle(number)
        name = shorten(printable(outlet(row.node.outlet).title), _NAME_COLUMNS)
        parts.append(_TEXT.format(names_x, y + 4, name))
        parts += _mark(row, y, left, right)
        title = shorten(printable(row.node.title), _TITLE_COLUMNS)
        parts.append(_TEXT.format(right + 16, y + 4, title))
    return Markup("").join([*parts, Markup("</svg>")])


def _make_graph(nodes: Sequence[Node], edges: Sequence[Edge]) -> ProvenanceGraph:
    articles = (
        CarryingArticle(
            article_id=each.id,
            outlet=each.outlet,
            url=each.url,
            title=each.title,
            manner=each.manner,
            appeared_after=each.appeared_after,
            appeared_by=each.appeared_by,
            stated=each.stated_at,
        )
        for each in nodes
    )
    links = (
        ProvenanceEdge(
            each.source,
            each.target,
            each.manner,
            each.share,
            each.reason,
            each.parent,
            each.order_known,
        )
        for each in edges
    )
    return ProvenanceGraph(None, tuple(articles), tuple(links))


def _middle(row: int) -> int:
    return _TOP + _ROW * row + _ROW // 2


def _axis(layout: SpreadLayout, left: float, right: float, bottom: float) -> Iterator[Markup]:
    lines = [f"M0 {_TOP + _ROW * row}H{right}" for row in range(len(layout.rows) + 1)]
    for place, label in layout.ticks:
        x = f"{left + (right - left) * place:.1f}"
        lines.append(f"M{x} {_TOP - 6}V{bottom}")
        yield _TICK.format(x, _TOP - 10, label)
    yield _GRID.format("".join(lines))


def _branch(branch: Branch, names_x: float) -> Iterator[Markup]:
    x, end = names_x - _STUB - _LANE * branch.lane, names_x - 5
    # A source leaves its row lower than a target enters it, so that a row can be both.
    source_y = _middle(branch.source) + 5
    ys = [source_y, *(_middle(row) - 3 for row, _ in branch.targets)]
    yield _TRUNK.format(x, min(ys), max(ys), x, source_y, end)
    for row, edge in branch.targets:
        y = _middle(row) - 3
        dashed = "" if edge.is_order_known else " dashed"
        width = f"{1 + 2 * edge.share:.1f}"
        yield _CURVE.format(edge.manner, dashed, width, x, y, end - 4)
        if edge.is_order_known:
            yield _ARROW.format(edge.manner, end, y)


def _mark(row: SpreadRow, y: int, left: float, right: float) -> Iterator[Markup]:
    if row.mark is None:
        return
    start, end = (left + (right - left) * each for each in (row.mark.start, row.mark.end))
    manner = row.node.manner
    if row.mark.start == row.mark.end:
        yield _MARK.format(manner, f"{start:.1f}", y)
    else:
        kind = "" if row.mark.is_stated else " open"
        yield _RANGE.format(kind, manner, f"{start:.1f}", y, f"{max(end, start + 3):.1f}")
