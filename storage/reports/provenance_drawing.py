"""Formats a provenance graph as DOT, GraphML, JSON or SVG. No I/O; all text is escaped."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

import orjson

from storage.clean import format_utc, printable
from storage.reports.carriage import CarryingArticle
from storage.reports.drawing.scene import format_scene
from storage.reports.drawing.spread import UNDATED, draw_spread
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
_MAX_TITLE_CHARS = 60


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
        when = node.time.as_words() if node.stated else f"{UNDATED}, seen {node.time.as_words()}"
        names = [printable(node.outlet), when]
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
    """Returns an SVG: a row for each article, the likely source at its left, the time at its right.

    Articles after the first `spread_layout.MOST_ROWS` are not drawn; the picture says so.
    """
    return format_scene(draw_spread(graph, MANNER_COLOURS))


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
