"""Builds the provenance graph of a report: the most likely source of each of its articles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection, select

from dedup.records import Relation
from storage.database import Database
from storage.errors import NotFound
from storage.reading.article_queries import ARTICLE_TIME
from storage.reports.carriage import (
    CarryingArticle,
    iter_member_rows,
    load_report_relations,
    make_carrying_articles,
)
from storage.reports.manners import MANNER_BY_RELATION, MANNER_RANK, CarriageManner
from storage.reports.origin import is_surely_before
from storage.reports.reports import ReportMembership, load_reports
from storage.tables.articles import article, story

_REPORT_WINDOW = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ProvenanceEdge:
    """An edge from an earlier article to a later one that has text or content in common with it.

    `source`, `target`: article ids. `share`: the share of the target's shingles that the source
    contains, 0 to 1. `is_parent`: whether this source is the most likely one of the target.
    `is_order_known`: whether the source is the original, or is earlier beyond the precision of the
    times. Otherwise the edge may go the other way.
    """

    source: int
    target: int
    manner: CarriageManner
    share: float
    reason: str
    is_parent: bool = False
    is_order_known: bool = False


@dataclass(frozen=True, slots=True)
class ProvenanceGraph:
    """The articles of a report or story, the lead document first, and the edges between them.

    `id`: the id of the report, or of the story if it belongs to no report.
    """

    id: int
    nodes: tuple[CarryingArticle, ...]
    edges: tuple[ProvenanceEdge, ...]


def load_provenance(database: Database, story_id: int) -> ProvenanceGraph:
    """Returns the graph of the report that a story belongs to, or else of the story alone.

    Raises NotFound if there is no such story, and OSError if the temporary folder is full.
    """
    story_id = database.stories.current_id(story_id)
    with database.snapshot() as connection:
        membership = _load_report_of_story(connection, story_id)
        relations = load_report_relations(connection, membership)
        (report, members), *_ = membership.members_by_report.items()
        rows = list(iter_member_rows(connection, members))
    lead = membership.lead_by_report[report]
    nodes = make_carrying_articles(rows, lead, relations.get(report, ()))
    return ProvenanceGraph(report, nodes, tuple(build_edges(nodes, relations.get(report, ()))))


def build_edges(
    nodes: Sequence[CarryingArticle], relations: Iterable[Relation]
) -> list[ProvenanceEdge]:
    """Returns the relations as edges from the earlier to the later article. No I/O.

    `nodes`: the lead document first, then by time. The parent of an article is the source with the
    closest manner, then the largest share, then the earliest time. An article without an incoming
    edge gets one from the lead document, with share 0.
    """
    positions = {node.article_id: position for position, node in enumerate(nodes)}
    edges = [
        _make_edge(each, positions, nodes)
        for each in relations
        if each.a in positions and each.b in positions
    ]
    parent_by_target: dict[int, ProvenanceEdge] = {}
    for edge in edges:
        current = parent_by_target.get(edge.target)
        if current is None or _parent_key(edge, positions) < _parent_key(current, positions):
            parent_by_target[edge.target] = edge
    for node in nodes[1:]:
        if node.article_id not in parent_by_target:
            fallback = ProvenanceEdge(
                nodes[0].article_id, node.article_id, node.manner, 0.0, "by what both tell"
            )
            parent_by_target[node.article_id] = fallback
            edges.append(fallback)
    marked = [
        replace(
            edge,
            is_parent=parent_by_target[edge.target] == edge,
            is_order_known=_is_order_known(
                nodes[positions[edge.source]], nodes[positions[edge.target]]
            ),
        )
        for edge in edges
    ]
    return sorted(marked, key=lambda edge: (positions[edge.target], positions[edge.source]))


def _make_edge(
    relation: Relation, positions: Mapping[int, int], nodes: Sequence[CarryingArticle]
) -> ProvenanceEdge:
    source = _source_of(relation, positions, nodes)
    target = relation.b if source == relation.a else relation.a
    share = relation.containment_ba if source == relation.a else relation.containment_ab
    return ProvenanceEdge(
        source, target, MANNER_BY_RELATION[relation.kind], round(share, 4), relation.reason
    )


def _source_of(
    relation: Relation, positions: Mapping[int, int], nodes: Sequence[CarryingArticle]
) -> int:
    """Returns the lead document, else the one that the times show first, else the likelier one."""
    first, later = sorted((relation.a, relation.b), key=positions.__getitem__)
    if positions[first] == 0:
        return first
    one, other = (nodes[positions[i]].appearance for i in (first, later))
    if is_surely_before(one, other):
        return first
    if is_surely_before(other, one):
        return later
    return relation.source if relation.source in (first, later) else first


def _is_order_known(source: CarryingArticle, target: CarryingArticle) -> bool:
    return source.manner is CarriageManner.ORIGINAL or is_surely_before(
        source.appearance, target.appearance
    )


def _parent_key(edge: ProvenanceEdge, positions: Mapping[int, int]) -> tuple[int, float, int]:
    return MANNER_RANK[edge.manner], -edge.share, positions[edge.source]


def _load_report_of_story(connection: Connection, story_id: int) -> ReportMembership:
    """Returns the report of a story as the only report; the story alone if it is in none."""
    query = select(ARTICLE_TIME.label("at"), article.c.id).where(article.c.story_id == story_id)
    rows = connection.execute(query.order_by(article.c.id)).all()
    if not rows:
        raise NotFound(f"no story has the id {story_id}")
    times = [row.at for row in rows]
    membership = load_reports(
        connection, min(times) - _REPORT_WINDOW, max(times) + _REPORT_WINDOW, with_relations=True
    )
    report = next(
        (
            membership.report_by_article[row.id]
            for row in rows
            if row.id in membership.report_by_article
        ),
        None,
    )
    if report is not None:
        members = membership.members_by_report[report]
        report_by_article = dict.fromkeys(members, report)
        return ReportMembership(
            report_by_article,
            {report: members},
            {report: membership.lead_by_report[report]},
            membership.relations,
        )
    lead = connection.scalar(select(story.c.lead_id).where(story.c.id == story_id)) or rows[0].id
    members = tuple(row.id for row in rows)
    return ReportMembership(dict.fromkeys(members, story_id), {story_id: members}, {story_id: lead})
