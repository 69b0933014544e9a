"""Draws a provenance graph: a row for each article, with its likely source and its time. No I/O."""

from collections.abc import Iterator, Mapping

from storage.clean import printable
from storage.reports.carriage import CarryingArticle
from storage.reports.drawing.scene import (
    COLUMN_WIDTH,
    Arrowhead,
    Box,
    Dot,
    Line,
    Scene,
    Shape,
    Words,
)
from storage.reports.drawing.spread_layout import (
    MOST_ROWS,
    Branch,
    SpreadLayout,
    SpreadRow,
    make_spread_layout,
)
from storage.reports.drawing.text_width import count_columns, shorten
from storage.reports.manners import CarriageManner
from storage.reports.provenance import ProvenanceEdge, ProvenanceGraph
from storage.wording.numbers import format_count

_MARGIN, _TOP, _ROW, _LANE, _GAP = 14.0, 96.0, 24.0, 14.0, 18.0
_AXIS_WIDTH, _STUB = 520.0, 22.0
_TITLE_COLUMNS = 100
_LEAVING, _ENTERING = 5.0, 3.0
_GREY, _FAINT, _TRUNK = "#5f6670", "#e3e6ea", "#9aa3ae"
_LEGEND = (
    (
        "Lines on the left lead from the article that each one most likely took the report from."
        " Dashed: the order of the two is not known."
    ),
    (
        "Colour of a line: how an article carries its source. Colour of a dot or bar: how it carries"
        " the first article."
    ),
    (
        "Dot: the time is known. Bar: only the date is known, it may be any time in the bar."
        " Dashed bar: no time is stated, it appeared between two polls."
    ),
)
UNDATED = "no date"


def draw_spread(graph: ProvenanceGraph, colours: Mapping[CarriageManner, str]) -> Scene:
    """Returns the drawing of a graph. `colours`: one for each manner."""
    layout = make_spread_layout(graph)
    columns = [_labels(row) for row in layout.rows]
    widths = [
        COLUMN_WIDTH * max(count_columns(printable(each[place])) for each in columns)
        for place in range(4)
    ]
    rows_x = _MARGIN + _LANE * layout.lanes + (_STUB if layout.lanes else 0)
    manners_x = rows_x + widths[0] + _GAP
    times_x = manners_x + widths[1] + _GAP
    axis_x = times_x + widths[2] + _GAP
    title_x = axis_x + _AXIS_WIDTH + _GAP
    bottom = _TOP + _ROW * len(layout.rows)
    shapes = [
        *_heading(graph),
        *_axis(layout, axis_x, bottom),
        *(shape for each in layout.branches for shape in _branch(each, layout, rows_x, colours)),
        *(
            shape
            for number, row in enumerate(layout.rows)
            for shape in _row(
                row, number, (rows_x, manners_x, times_x, title_x), columns[number], axis_x, colours
            )
        ),
        *_legend(layout, colours, bottom),
    ]
    legend_width = COLUMN_WIDTH * max(map(count_columns, _LEGEND))
    width = max(title_x + widths[3], _MARGIN + legend_width) + _MARGIN
    return Scene(width, bottom + 66 + 18 * len(_LEGEND), tuple(shapes))


def left_out_words(graph: ProvenanceGraph) -> str:
    """Returns a note that some articles are not drawn, or "" if all are."""
    if len(graph.nodes) <= MOST_ROWS:
        return ""
    return f"the first {MOST_ROWS:,} of {len(graph.nodes):,} articles are drawn"


def describe(node: CarryingArticle) -> str:
    """Returns the time and the manner of an article in words."""
    if node.stated is None:
        return f"{UNDATED}, first seen {node.time.as_words()} UTC, {node.manner.label}"
    zone = " UTC" if node.time.has_clock else ""
    return f"{node.time.as_words()}{zone}, {node.manner.label}"


def _labels(row: SpreadRow) -> tuple[str, str, str, str]:
    node = row.node
    when = UNDATED if node.stated is None else node.stated.as_words()
    return node.outlet, node.manner.label, when, shorten(printable(node.title), _TITLE_COLUMNS)


def _middle(row: int) -> float:
    return _TOP + _ROW * row + _ROW / 2


def _heading(graph: ProvenanceGraph) -> Iterator[Shape]:
    lead = graph.nodes[0]
    title = shorten(printable(lead.title), _TITLE_COLUMNS)
    yield Words(_MARGIN, 28, title, size=17, is_bold=True)
    name = f"report r{graph.report}" if graph.report is not None else f"story s{graph.story}"
    number = format_count(len(graph.nodes), "article")
    left_out = left_out_words(graph)
    note = f"; {left_out}" if left_out else ""
    yield Words(_MARGIN, 48, f"{name}, {number}; {lead.outlet}, {describe(lead)}{note}", _GREY)


def _axis(layout: SpreadLayout, axis_x: float, bottom: float) -> Iterator[Shape]:
    for row in range(len(layout.rows) + 1):
        y = _TOP + _ROW * row
        yield Line(((_MARGIN, y), (axis_x + _AXIS_WIDTH, y)), _FAINT, 0.5)
    for place, label in layout.ticks:
        x = axis_x + _AXIS_WIDTH * place
        yield Line(((x, _TOP - 6), (x, bottom)), "#c9ced6")
        yield Words(x + 3, _TOP - 8, label, _GREY, size=11)
    if layout.ticks:
        words = "time (UTC)" if layout.has_clock else "date as printed"
        yield Words(axis_x, _TOP - 24, words, _GREY, size=11)


def _branch(
    branch: Branch, layout: SpreadLayout, rows_x: float, colours: Mapping[CarriageManner, str]
) -> Iterator[Shape]:
    x = rows_x - _STUB - _LANE * branch.lane
    # A source leaves its row lower than a target enters it, so that a row can be both.
    source_y = _middle(branch.source) + _LEAVING
    ends = [source_y, *(_middle(row) - _ENTERING for row, _ in branch.targets)]
    yield Line(((x, min(ends)), (x, max(ends))), _TRUNK, 1.5)
    yield Line(((x, source_y), (rows_x - 6, source_y)), _TRUNK, 1.5)
    yield Dot(rows_x - 7, source_y, 3, _GREY)
    for row, edge in branch.targets:
        y = _middle(row) - _ENTERING
        colour = colours[edge.manner]
        end = rows_x - 5
        source = layout.rows[branch.source].node
        yield Line(
            ((x, y), (end - 4, y)),
            colour,
            1 + 2 * edge.share,
            is_dashed=not edge.is_order_known,
            title=_describe_edge(edge, source),
        )
        if edge.is_order_known:
            yield Arrowhead(end, y, colour)


def _describe_edge(edge: ProvenanceEdge, source: CarryingArticle) -> str:
    return f"{edge.manner.value}, from {source.outlet}: {edge.reason}"


def _row(
    row: SpreadRow,
    number: int,
    places: tuple[float, float, float, float],
    labels: tuple[str, str, str, str],
    axis_x: float,
    colours: Mapping[CarriageManner, str],
) -> Iterator[Shape]:
    y = _middle(number)
    for place, x, label in zip(range(4), places, labels, strict=True):
        yield Words(x, y + 4, label, _GREY if place in (1, 2) else "#1a1a1a")
    if row.mark is None:
        return
    node = row.node
    title = f"{node.outlet}, {describe(node)}: {node.title}"
    colour = colours[node.manner]
    start, end = (axis_x + _AXIS_WIDTH * each for each in (row.mark.start, row.mark.end))
    if row.mark.start == row.mark.end:
        yield Dot(start, y, 6, colour, title)
    elif row.mark.is_stated:
        yield Box(start, y - 5, max(3, end - start), 10, colour, title=title)
    else:
        yield Box(start, y - 5, max(3, end - start), 10, "", colour, is_dashed=True, title=title)


def _legend(
    layout: SpreadLayout, colours: Mapping[CarriageManner, str], bottom: float
) -> Iterator[Shape]:
    used = {row.node.manner for row in layout.rows}
    used |= {edge.manner for branch in layout.branches for _, edge in branch.targets}
    x = _MARGIN
    for manner in (each for each in colours if each in used):
        yield Box(x, bottom + 17, 12, 12, colours[manner])
        yield Words(x + 18, bottom + 27, manner.label)
        x += 18 + COLUMN_WIDTH * len(manner.label) + _GAP
    for number, line in enumerate(_LEGEND):
        yield Words(_MARGIN, bottom + 52 + 18 * number, line, _GREY)
