"""A provenance graph as DOT, GraphML, JSON or a picture (SVG). Pure; all words are escaped."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Literal
from xml.sax.saxutils import escape, quoteattr

import orjson

from storage.reports.carriage import Carried, Manner
from storage.reports.graph import Edge, Graph

Style = Literal["dot", "graphml", "json", "svg"]

COLOURS = {
    Manner.ORIGINAL: "#1b4965",
    Manner.VERBATIM: "#2a9d8f",
    Manner.EDITED: "#8ab17d",
    Manner.EXCERPT: "#e9c46a",
    Manner.TRANSLATION: "#6d597a",
    Manner.DERIVED: "#e76f51",
}
_TITLE = 60
_LANE, _LEFT, _TOP, _WIDTH = 44, 170, 70, 1000
# Controls, bidirectional marks, and what XML cannot hold.
_STEERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)


def draw(graph: Graph, style: Style) -> str:
    """The graph in one of the styles."""
    return {"dot": dot, "graphml": graphml, "json": as_json, "svg": svg}[style](graph)


def as_json(graph: Graph) -> str:
    """Nodes and links as d3 and networkx (`node_link_graph`, edges="links") read them."""
    whole = {
        "report": graph.id,
        "directed": True,
        "multigraph": True,
        "nodes": [{"id": node.article, **_node(node)} for node in graph.nodes],
        "links": [
            {"source": edge.source, "target": edge.target, **_edge(edge)} for edge in graph.edges
        ],
    }
    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(whole, option=options).decode()


def dot(graph: Graph) -> str:
    """Graphviz; what is less likely than the parent is dashed."""
    lines = [
        "digraph report {",
        "  rankdir=LR;",
        "  node [shape=box, style=filled, fontcolor=white];",
    ]
    for node in graph.nodes:
        label = f"{_clean(node.outlet)}\n{node.at:%Y-%m-%d %H:%M}\n{_short(node.title)}"
        colour = COLOURS[node.manner]
        lines.append(f"  n{node.article} [label={_dot(label)}, fillcolor={_dot(colour)}];")
    for edge in graph.edges:
        style = "solid" if edge.parent else "dashed"
        label = f"{edge.manner.value} {edge.share:.0%}" if edge.share else edge.manner.value
        lines.append(f"  n{edge.source} -> n{edge.target} [label={_dot(label)}, style={style}];")
    return "\n".join([*lines, "}", ""])


def graphml(graph: Graph) -> str:
    """GraphML, as Gephi, yEd and networkx read it."""
    keys = [("node", name) for name in _node(graph.nodes[0])]
    keys += [("edge", name) for name in ("manner", "share", "reason", "parent")]
    kinds = {"share": "double", "parent": "boolean"}
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n']
    parts.append('<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
    for where, name in keys:
        kind = kinds.get(name, "string")
        key = f"{where}-{name}"
        parts.append(f'<key id="{key}" for="{where}" attr.name="{name}" attr.type="{kind}"/>\n')
    parts.append('<graph edgedefault="directed">\n')
    for node in graph.nodes:
        parts += [f'<node id="n{node.article}">', *_data("node", _node(node)), "</node>\n"]
    for edge in graph.edges:
        ends = f'source="n{edge.source}" target="n{edge.target}"'
        parts += [f"<edge {ends}>", *_data("edge", _edge(edge)), "</edge>\n"]
    return "".join([*parts, "</graph>\n</graphml>\n"])


def svg(graph: Graph) -> str:
    """A picture: an outlet a lane, time to the right, each article under its parent's arrow."""
    lanes = {name: place for place, name in enumerate(dict.fromkeys(n.outlet for n in graph.nodes))}
    height = _TOP + _LANE * len(lanes) + 60
    where = _places(graph, lanes)
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDTH + 60} {height}"'
            ' font-family="sans-serif" font-size="12">\n'
        ),
        '<rect width="100%" height="100%" fill="white"/>\n',
        f'<text x="12" y="26" font-size="16">{_text(_short(graph.nodes[0].title, 110))}</text>\n',
        f'<text x="12" y="46" fill="#666">{graph.nodes[0].at:%Y-%m-%d %H:%M} UTC</text>\n',
    ]
    for name, lane in lanes.items():
        y = _TOP + _LANE * lane + _LANE // 2
        parts.append(f'<text x="12" y="{y + 4}">{_text(_short(name, 22))}</text>\n')
        parts.append(f'<path d="M{_LEFT - 10} {y}H{_LEFT + _WIDTH + 40}" stroke="#eee"/>\n')
    parts += [_arrow(edge, where) for edge in graph.edges if edge.parent]
    parts += [_mark(node, where[node.article]) for node in graph.nodes]
    return "".join([*parts, *_legend(height - 24), "</svg>\n"])


def _places(graph: Graph, lanes: dict[str, int]) -> dict[int, tuple[int, int]]:
    """Where each article stands: time in order, the distances evened out so that none overlap."""
    moments = sorted({node.at for node in graph.nodes})
    step = _WIDTH / max(1, len(moments) - 1)
    across = {at: round(_LEFT + step * place) for place, at in enumerate(moments)}
    return {
        node.article: (across[node.at], _TOP + _LANE * lanes[node.outlet] + _LANE // 2)
        for node in graph.nodes
    }


def _arrow(edge: Edge, where: dict[int, tuple[int, int]]) -> str:
    (x1, y1), (x2, y2) = where[edge.source], where[edge.target]
    middle = (x1 + x2) // 2
    curve = f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}"
    colour, width = COLOURS[edge.manner], 1 + 3 * edge.share
    return (
        f'<path d="{curve}" fill="none" stroke="{colour}" stroke-width="{width:.1f}" opacity="0.6">'
        f"<title>{_text(f'{edge.manner.value}: {edge.reason}')}</title></path>\n"
    )


def _mark(node: Carried, place: tuple[int, int]) -> str:
    told = f"{node.outlet}, {node.at:%Y-%m-%d %H:%M} UTC, {node.manner.value}: {node.title}"
    x, y = place
    return (
        f'<circle cx="{x}" cy="{y}" r="8" fill="{COLOURS[node.manner]}">'
        f"<title>{_text(told)}</title></circle>\n"
    )


def _legend(y: int) -> Iterator[str]:
    for place, (manner, colour) in enumerate(COLOURS.items()):
        x = 20 + 130 * place
        yield f'<circle cx="{x}" cy="{y}" r="6" fill="{colour}"/>'
        yield f'<text x="{x + 12}" y="{y + 4}">{manner.value}</text>\n'


def _node(node: Carried) -> dict[str, Any]:
    return {
        "outlet": node.outlet,
        "title": node.title,
        "url": node.url,
        "manner": node.manner.value,
        "appeared_after": node.after,
        "appeared_by": node.seen,
        "stated_at": node.stated,
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "manner": edge.manner.value,
        "share": edge.share,
        "reason": edge.reason,
        "parent": edge.parent,
    }


def _data(where: str, values: dict[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if value is not None:
            yield f"<data key={quoteattr(f'{where}-{name}')}>{_text(_plain(value))}</data>"


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _short(text: str, length: int = _TITLE) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _clean(text: str) -> str:
    return _STEERS.sub("\ufffd", text)


def _text(text: str) -> str:
    return escape(_clean(text))


def _dot(text: str) -> str:
    lines = (_clean(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n"))
    return '"' + "\\n".join(lines) + '"'
