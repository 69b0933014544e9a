"""Builds the provenance graph of a report: the most likely source of each of its articles."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, select

from dedup.records import Relation
from dedup.reports.days import chronological_key
from dedup.reports.reports import iter_relations
from dedup.reports.similarity import compare
from storage.batches import batched
from storage.database import Database
from storage.errors import NotFound
from storage.index.sql_index import relation_from_row
from storage.reports.carriage import (
    CarryingArticle,
    MemberRow,
    load_kept_reports,
    make_carrying_articles,
    member_columns,
)
from storage.reports.day_plan import load_cues
from storage.reports.manners import MANNER_BY_RELATION, MANNER_RANK, CarriageManner
from storage.reports.origin import AppearanceRange
from storage.tables.articles import article, relation, story
from storage.tables.columns import in_bound_list
from storage.tables.reports import carried, carrier, carrying_story, report

_MAX_RELATED = 200
"""Carriers of one report that are compared in pairs, the first ones."""


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

    `report`: the number of the report. If it is None, the graph is that of a story in no report, and
    `story` is the number of that story.
    """

    report: int | None
    nodes: tuple[CarryingArticle, ...]
    edges: tuple[ProvenanceEdge, ...]
    story: int | None = None


def load_provenance(database: Database, story_id: int) -> ProvenanceGraph:
    """Returns the graph of the report that a story belongs to, or else of the story alone.

    Raises NotFound if there is no such story.
    """
    story_id = database.stories.current_id(story_id)
    with database.snapshot() as connection:
        report_id = connection.scalar(
            select(carried.c.report_id)
            .join_from(carried, article, article.c.id == carried.c.article_id)
            .where(article.c.story_id == story_id)
            .limit(1)
        )
        if report_id is not None:
            return _load_report_graph(connection, report_id)
        rows = _load_members(connection, article.c.story_id == story_id)
        if not rows:
            raise NotFound(f"no story has the id {story_id}")
        relations = _load_relations(connection, [row.id for row in rows])
        lead_id = connection.scalar(select(story.c.lead_id).where(story.c.id == story_id))
    nodes = make_carrying_articles(rows, lead_id or rows[0].id, relations)
    return ProvenanceGraph(None, nodes, tuple(build_edges(nodes, relations)), story_id)


def load_report_provenance(database: Database, report_id: int) -> ProvenanceGraph:
    """Returns the graph of a report. Raises NotFound if no report has this number now."""
    with database.snapshot() as connection:
        return _load_report_graph(connection, report_id)


def _load_report_graph(connection: Connection, report_id: int) -> ProvenanceGraph:
    found = load_kept_reports(connection, [report.c.id == report_id])
    if not found:
        raise NotFound(f"no report has the number {report_id}: see `nkwire carriage`")
    nodes = found[0].articles
    relations = _load_relations(connection, [node.article_id for node in nodes])
    query = (
        select(carrier.c.article_id, carrier.c.cues_version, carrier.c.cues)
        .join_from(carrying_story, carrier, carrier.c.article_id == carrying_story.c.article_id)
        .where(carrying_story.c.report_id == report_id)
    )
    cues = load_cues(connection, connection.execute(query).all())
    carriers = sorted(cues.values(), key=chronological_key)[:_MAX_RELATED]
    relations += iter_relations(carriers, compare(carriers, carriers)) if carriers else ()
    return ProvenanceGraph(report_id, nodes, tuple(build_edges(nodes, relations)))


def _load_members(connection: Connection, condition: ColumnElement[bool]) -> list[MemberRow]:
    query = member_columns().where(condition).order_by(article.c.id)
    return [MemberRow._make(row) for row in connection.execute(query)]


def _load_relations(connection: Connection, ids: Collection[int]) -> list[Relation]:
    """Returns the stored relations between these articles."""
    query = select(relation).where(in_bound_list(relation.c.a, "ids"))
    return [
        relation_from_row(row)
        for batch in batched(ids)
        for row in connection.execute(query, {"ids": batch})
        if row.b in ids
    ]


def build_edges(
    nodes: Sequence[CarryingArticle], relations: Iterable[Relation]
) -> list[ProvenanceEdge]:
    """Returns the relations as edges from the earlier to the later article. No I/O.

    `nodes`: the lead document first, then by time. The parent of an article is the source with the
    closest manner, then the largest share, then the earliest time. An article without an incoming
    edge gets one from the lead document, with share 0.
    """
    positions = {node.article_id: position for position, node in enumerate(nodes)}
    ranges = [node.appearance.range for node in nodes]
    edges = [
        _make_edge(each, positions, ranges)
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
            is_order_known=nodes[positions[edge.source]].manner is CarriageManner.ORIGINAL
            or ranges[positions[edge.source]].is_before(ranges[positions[edge.target]]),
        )
        for edge in edges
    ]
    return sorted(marked, key=lambda edge: (positions[edge.target], positions[edge.source]))


def _make_edge(
    relation: Relation, positions: Mapping[int, int], ranges: Sequence[AppearanceRange]
) -> ProvenanceEdge:
    source = _source_of(relation, positions, ranges)
    target = relation.b if source == relation.a else relation.a
    share = relation.containment_ba if source == relation.a else relation.containment_ab
    return ProvenanceEdge(
        source, target, MANNER_BY_RELATION[relation.kind], round(share, 4), relation.reason
    )


def _source_of(
    relation: Relation, positions: Mapping[int, int], ranges: Sequence[AppearanceRange]
) -> int:
    """Returns the lead document, else the one that the times show first, else the likelier one."""
    first, later = sorted((relation.a, relation.b), key=positions.__getitem__)
    if positions[first] == 0:
        return first
    one, other = (ranges[positions[i]] for i in (first, later))
    if one.is_before(other):
        return first
    if other.is_before(one):
        return later
    return relation.source if relation.source in (first, later) else first


def _parent_key(edge: ProvenanceEdge, positions: Mapping[int, int]) -> tuple[int, float, int]:
    return MANNER_RANK[edge.manner], -edge.share, positions[edge.source]
