"""Draws how a report or a story spread: from whom each article most likely took it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.browsing.report_details import load_languages
from storage.errors import InvalidRequest
from storage.reports.carriage import CarryingArticle
from storage.reports.manners import CarriageManner
from storage.reports.provenance import (
    ProvenanceGraph,
    load_provenance,
    load_report_provenance,
)
from storage.stated_time import StatedTime
from storage.wording.numbers import format_count
from web.page import Page, Query
from web.pages import filters
from web.pages.report import follow_report
from web.parameters import parse_number

ROWS_PER_PAGE = 100
MAX_DRAWN = 60
"""Articles that are drawn, the first ones: more lines are no picture any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """An article of the graph. `id`: its number. `time`: the stated time, else that of first sight."""

    id: int
    outlet: str
    title: str
    url: str
    manner: CarriageManner
    appeared_after: datetime | None
    appeared_by: datetime
    stated_at: StatedTime | None
    time: StatedTime


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphLink:
    """A link from an earlier article to a later one, see `storage.reports.provenance`."""

    source: int
    target: int
    manner: CarriageManner
    share: float
    reason: str
    parent: bool
    order_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphRow:
    """A row of the table: an article, its most likely source, and how many others it may have."""

    node: GraphNode
    language: str
    source: GraphNode | None
    link: GraphLink | None
    other_sources: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphPage:
    """A graph as node-link data, with the keys that d3 and networkx read.

    `name`: r7 or s12, as in the address. `rows`: the articles of this `page` of the table.
    """

    name: str
    report: int | None
    story: int | None
    directed: bool
    multigraph: bool
    nodes: tuple[GraphNode, ...]
    links: tuple[GraphLink, ...]
    rows: tuple[GraphRow, ...]
    page: int
    pages: int

    @property
    def drawn(self) -> tuple[GraphNode, ...]:
        """The articles that are drawn."""
        return self.nodes[:MAX_DRAWN]


def load(query: Query) -> GraphPage:
    """Reads a graph. A former number of a report redirects."""
    graph = load_graph(query, query.ids["what"], "/graph/{}")
    nodes = tuple(_make_node(node) for node in graph.nodes)
    links = tuple(
        GraphLink(
            source=edge.source,
            target=edge.target,
            manner=edge.manner,
            share=edge.share,
            reason=edge.reason,
            parent=edge.is_parent,
            order_known=edge.is_order_known,
        )
        for edge in graph.edges
    )
    pages = max(1, -(-len(nodes) // ROWS_PER_PAGE))
    page = query["page"]
    if page > pages:
        raise InvalidRequest(f"this graph has {format_count(pages, 'page')}, not {page}")
    start = (page - 1) * ROWS_PER_PAGE
    shown = nodes[start : start + ROWS_PER_PAGE]
    languages = query.database.read(
        lambda connection: load_languages(connection, [node.id for node in shown])
    )
    return GraphPage(
        name=f"r{graph.report}" if graph.report else f"s{graph.story}",
        report=graph.report,
        story=graph.story,
        directed=True,
        multigraph=True,
        nodes=nodes,
        links=links,
        rows=tuple(_make_rows(shown, nodes, links, languages)),
        page=page,
        pages=pages,
    )


def load_graph(query: Query, what: str, address: str) -> ProvenanceGraph:
    """Reads the graph of a report (r7) or of a story (s12).

    `address`: the address of the answer with `{}` in the place of the name, to redirect to. Raises
    NotFound, Gone and InvalidRequest.
    """
    if what[:1] == "r":
        return load_report_provenance(query.database, follow_report(query, what, address, "r"))
    if what[:1] == "s":
        return load_provenance(query.database, parse_number(what, "s"))
    raise InvalidRequest(f"{what[:40]!r} is no report (r7) and no story (s12)")


def _make_node(node: CarryingArticle) -> GraphNode:
    return GraphNode(
        id=node.article_id,
        outlet=node.outlet,
        title=node.title,
        url=node.url,
        manner=node.manner,
        appeared_after=node.appeared_after,
        appeared_by=node.appeared_by,
        stated_at=node.stated,
        time=node.time,
    )


def _make_rows(
    shown: Sequence[GraphNode],
    nodes: Sequence[GraphNode],
    links: Sequence[GraphLink],
    languages: Mapping[int, str],
) -> list[GraphRow]:
    by_id = {node.id: node for node in nodes}
    parents = {each.target: each for each in links if each.parent}
    counts = Counter(each.target for each in links)
    return [
        GraphRow(
            node=node,
            language=languages.get(node.id, ""),
            source=by_id[parents[node.id].source] if node.id in parents else None,
            link=parents.get(node.id),
            other_sources=max(0, counts[node.id] - 1),
        )
        for node in shown
    ]


PAGE = Page(
    name="graph",
    path="/graph/{what}",
    summary="The graph of a report (r7) or story (s12): the likely source of each article.",
    template="graph.html",
    model=GraphPage,
    load=load,
    parameters=(filters.PAGE_NUMBER,),
    section="/reports",
)
