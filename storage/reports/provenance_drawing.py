"""Formats a provenance graph as DOT, GraphML, JSON or SVG. No I/O; all text is escaped."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

import orjson

from storage.clean import format_utc, printable
from storage.reports.carriage import CarryingArticle
from storage.reports.manners import CarriageManner
from storage.reports.provenance import ProvenanceEdge, ProvenanceGraph

GraphFormat = Literal["dot", "graphml", "json", "svg"]

MANNER_COLOURS = {
    CarriageManner.ORIGINAL: "#1b4965",
    CarriageManner.FIRST_SEEN: "#5fa8d3",
    CarriageManner.UNKNOWN: "#8d99ae",
    CarriageManner.VERBATIM: "#2a9d8f",
    CarriageManner.EDITED: "#8ab17d",
    CarriageManner.EXCERPT: "#e9c46a",
    CarriageManner.TRANSLATION: "#6d597a",
    CarriageManner.DERIVED: "#e76f51",
}
_LEGEND = "Hollow mark: only the date is known. Dashed line: the order of its ends is not known."
_MAX_TITLE_CHARS = 60
_LANE_HEIGHT, _LEFT_MARGIN, _TOP_MARGIN, _PLOT_WIDTH = 44, 170, 70, 1000


def format_graph(graph: ProvenanceGraph, style: GraphFormat) -> str:
    """Returns the graph in one of the formats."""
    return {"dot": format_dot, "graphml": format_graphml, "json": format_json, "svg": format_svg}[
        style
    ](graph)


def format_json(graph: ProvenanceGraph) -> str:
    """Returns node-link JSON, for d3 and networkx (`node_link_graph` with edges="links")."""
    document = {
        "report": graph.report,
        "story": graph.story,
        "directed": True,
        "multigraph": True,
        "nodes": [{"id": node.article_id, **_node_fields(node)} for node in graph.nodes],
        "links": [
            {"source": edge.source, "target": edge.target, **_edge_fields(edge)}
            for edge in graph.edges
        ],
    }
    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(document, option=options).decode()


def format_dot(graph: ProvenanceGraph) -> str:
    """Returns the graph in the DOT language of Graphviz.

    Edges not from the parent are dashed. An edge has no arrowhead if the order is not known.
    """
    lines = [
        "digraph report {",
        "  rankdir=LR;",
        "  node [shape=box, style=filled, fontcolor=white];",
    ]
    for node in graph.nodes:
        names = [printable(node.outlet), node.time.as_words()]
        names += [node.manner.label] if node is graph.nodes[0] else []
        label = "\n".join([*names, _shorten(node.title)])
        colour = MANNER_COLOURS[node.manner]
        lines.append(
            f"  n{node.article_id} [label={_quote_dot(label)}, fillcolor={_quote_dot(colour)}];"
        )
    for edge in graph.edges:
        style = "solid" if edge.is_parent else "dashed"
        label = f"{edge.manner.value} {edge.share:.0%}" if edge.share else edge.manner.value
        arrow = "" if edge.is_order_known else ", dir=none"
        lines.append(
            f"  n{edge.source} -> n{edge.target} [label={_quote_dot(label)}, style={style}{arrow}];"
        )
    return "\n".join([*lines, "}", ""])


def format_graphml(graph: ProvenanceGraph) -> str:
    """Returns the graph in GraphML, for Gephi, yEd and networkx."""
    keys = [("node", name) for name in _node_fields(graph.nodes[0])]
    keys += [("edge", name) for name in ("manner", "share", "reason", "parent", "order_known")]
    kinds = {"share": "double", "parent": "boolean", "order_known": "boolean"}
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    parts.append('<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
    for element, name in keys:
        kind = kinds.get(name, "string")
        key = f"{element}-{name}"
        parts.append(f'<key id="{key}" for="{element}" attr.name="{name}" attr.type="{kind}"/>\n')
    parts.append('<graph edgedefault="directed">\n')
    for node in graph.nodes:
        parts += [
            f'<node id="n{node.article_id}">',
            *_graphml_data("node", _node_fields(node)),
            "</node>\n",
        ]
    for edge in graph.edges:
        ends = f'source="n{edge.source}" target="n{edge.target}"'
        parts += [f"<edge {ends}>", *_graphml_data("edge", _edge_fields(edge)), "</edge>\n"]
    return "".join([*parts, "</graph>\n</graphml>\n"])


def format_svg(graph: ProvenanceGraph) -> str:
    """Returns an SVG: one lane for each outlet, time to the right, lines from parents only.

    A line is dashed if the order of its ends is not known. A mark is hollow if only a date is known.
    """
    lanes = {name: index for index, name in enumerate(dict.fromkeys(n.outlet for n in graph.nodes))}
    height = _TOP_MARGIN + _LANE_HEIGHT * len(lanes) + 80
    positions = _node_positions(graph, lanes)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT_MARGIN + _PLOT_WIDTH + 60} {height}"'
            ' font-family="sans-serif" font-size="12">\n'
        ),
        '<rect width="100%" height="100%" fill="white"/>\n',
        f'<text x="12" y="26" font-size="16">{_escape_xml(_shorten(graph.nodes[0].title, 110))}</text>\n',
        f'<text x="12" y="46" fill="#666">{_describe(graph.nodes[0])}</text>\n',
    ]
    for name, lane in lanes.items():
        y = _TOP_MARGIN + _LANE_HEIGHT * lane + _LANE_HEIGHT // 2
        parts.append(f'<text x="12" y="{y + 4}">{_escape_xml(_shorten(name, 22))}</text>\n')
        parts.append(
            f'<path d="M{_LEFT_MARGIN - 10} {y}H{_LEFT_MARGIN + _PLOT_WIDTH + 40}" stroke="#eee"/>\n'
        )
    parts += [_svg_arrow(edge, positions) for edge in graph.edges if edge.is_parent]
    parts += [_svg_node(node, positions[node.article_id]) for node in graph.nodes]
    return "".join([*parts, *_svg_legend(height - 24), "</svg>\n"])


def _node_positions(graph: ProvenanceGraph, lanes: dict[str, int]) -> dict[int, tuple[int, int]]:
    """Returns x and y of each article; x grows by an equal step from each time to the next."""
    times = sorted({node.at for node in graph.nodes})
    step = _PLOT_WIDTH / max(1, len(times) - 1)
    x_by_time = {at: round(_LEFT_MARGIN + step * index) for index, at in enumerate(times)}
    return {
        node.article_id: (
            x_by_time[node.at],
            _TOP_MARGIN + _LANE_HEIGHT * lanes[node.outlet] + _LANE_HEIGHT // 2,
        )
        for node in graph.nodes
    }


def _svg_arrow(edge: ProvenanceEdge, positions: dict[int, tuple[int, int]]) -> str:
    (x1, y1), (x2, y2) = positions[edge.source], positions[edge.target]
    middle = (x1 + x2) // 2
    curve = f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"
    colour, width = MANNER_COLOURS[edge.manner], 1 + 3 * edge.share
    dashes = "" if edge.is_order_known else ' stroke-dasharray="5 4"'
    return (
        f'<path d="{curve}" fill="none" stroke="{colour}" stroke-width="{width:.1f}" opacity="0.6"{dashes}>'
        f"<title>{_escape_xml(f'{edge.manner.value}: {edge.reason}')}</title></path>\n"
    )


def _svg_node(node: CarryingArticle, position: tuple[int, int]) -> str:
    description = f"{node.outlet}, {_describe(node)}: {node.title}"
    x, y = position
    colour = MANNER_COLOURS[node.manner]
    fill = f'"{colour}"' if node.time.has_clock else f'"white" stroke="{colour}" stroke-width="3"'
    return (
        f'<circle cx="{x}" cy="{y}" r="8" fill={fill}>'
        f"<title>{_escape_xml(description)}</title></circle>\n"
    )


def _describe(node: CarryingArticle) -> str:
    zone = " UTC" if node.time.has_clock else ""
    return f"{node.time.as_words()}{zone}, {node.manner.label}"


def _svg_legend(y: int) -> Iterator[str]:
    yield f'<text x="12" y="{y - 20}" fill="#666">{_LEGEND}</text>\n'
    for index, (manner, colour) in enumerate(MANNER_COLOURS.items()):
        x = 20 + 130 * index
        yield f'<circle cx="{x}" cy="{y}" r="6" fill="{colour}"/>'
        yield f'<text x="{x + 12}" y="{y + 4}">{manner.label}</text>\n'


def _node_fields(node: CarryingArticle) -> dict[str, Any]:
    return {
        "outlet": node.outlet,
        "title": node.title,
        "url": node.url,
        "manner": node.manner.value,
        "appeared_after": node.appeared_after,
        "appeared_by": node.appeared_by,
        "stated_at": str(node.stated) if node.stated else None,
        "stated_precision": node.stated.precision.value if node.stated else None,
    }


def _edge_fields(edge: ProvenanceEdge) -> dict[str, Any]:
    return {
        "manner": edge.manner.value,
        "share": edge.share,
        "reason": edge.reason,
        "parent": edge.is_parent,
        "order_known": edge.is_order_known,
    }


def _graphml_data(element: str, values: dict[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if value is not None:
            yield f"<data key={quoteattr(f'{element}-{name}')}>{_escape_xml(_format_value(value))}</data>"


def _format_value(value: Any) -> str:
    if isinstance(value, datetime):
        return format_utc(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shorten(text: str, length: int = _MAX_TITLE_CHARS) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _escape_xml(text: str) -> str:
    return escape(printable(text))


def _quote_dot(text: str) -> str:
    lines = (printable(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n"))
    return '"' + "\\n".join(lines) + '"'
