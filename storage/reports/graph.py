"""Where the words of a report went: its articles, and for each the one it most likely comes from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection, select

from dedup.records import Relation
from storage.database import Database
from storage.errors import NotFound
from storage.reading.selects import TIME
from storage.reports.carriage import (
    CLOSENESS,
    MANNERS,
    Carried,
    Manner,
    carried,
    in_order,
    load_members,
    manners,
    relations_among,
)
from storage.reports.reports import Reports, load_reports
from storage.tables.articles import article, story

_AROUND = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Edge:
    """Words went from one article to another. `parent`: of all that may have given the article its
    words, this one is the most likely. `share`: of the later one's shingles, those the earlier has.
    """

    source: int
    target: int
    manner: Manner
    share: float
    reason: str
    parent: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """The articles of a report or story, the original first, and what connects them."""

    id: int
    nodes: tuple[Carried, ...]
    edges: tuple[Edge, ...]


def provenance(database: Database, story_id: int) -> Graph:
    """The graph of the report that a story belongs to, else of the story alone. Raises NotFound."""
    story_id = database.stories.current_id(story_id)
    with database.snapshot() as connection:
        found = _around(connection, story_id)
        relations = relations_among(connection, found)
        (report, members), *_ = found.members.items()
        rows = {row.id: row for row in load_members(connection, members)}
    lead = found.leads[report]
    stories = {i: row.story_id for i, row in rows.items()}
    how = manners(lead, members, stories, relations.get(report, ()))
    nodes = in_order((carried(rows[i], how[i]) for i in members), lead)
    return Graph(report, nodes, tuple(edges(nodes, relations.get(report, ()))))


def edges(nodes: Sequence[Carried], relations: Iterable[Relation]) -> list[Edge]:
    """The relations as edges from the earlier article to the later one, parents marked. Pure.

    `nodes`: the original first, then in order of time. What nothing connects to an earlier article
    hangs on the original.
    """
    order = {node.article: place for place, node in enumerate(nodes)}
    made = [_edge(each, order) for each in relations if each.a in order and each.b in order]
    best: dict[int, Edge] = {}
    for edge in made:
        held = best.get(edge.target)
        if held is None or _likeness(edge, order) < _likeness(held, order):
            best[edge.target] = edge
    for node in nodes[1:]:
        if node.article not in best:
            lonely = Edge(nodes[0].article, node.article, node.manner, 0.0, "by what both tell")
            best[node.article] = lonely
            made.append(lonely)
    marked = [replace(edge, parent=best[edge.target] == edge) for edge in made]
    return sorted(marked, key=lambda edge: (order[edge.target], order[edge.source]))


def _edge(each: Relation, order: Mapping[int, int]) -> Edge:
    source = each.source if each.source in (each.a, each.b) else 0
    if not source or 0 in (order[each.a], order[each.b]):
        source = min(each.a, each.b, key=order.__getitem__)
    target = each.b if source == each.a else each.a
    share = each.containment_ba if source == each.a else each.containment_ab
    return Edge(source, target, MANNERS[each.kind], round(share, 4), each.reason)


def _likeness(edge: Edge, order: Mapping[int, int]) -> tuple[int, float, int]:
    return CLOSENESS[edge.manner], -edge.share, order[edge.source]


def _around(connection: Connection, story_id: int) -> Reports:
    """The report of a story, as the only one; made of its story alone if it is in none."""
    asked = select(TIME.label("at"), article.c.id).where(article.c.story_id == story_id)
    rows = connection.execute(asked.order_by(article.c.id)).all()
    if not rows:
        raise NotFound(f"no story has the id {story_id}")
    times = [row.at for row in rows]
    found = load_reports(connection, min(times) - _AROUND, max(times) + _AROUND, links=True)
    report = next((found.of_article[row.id] for row in rows if row.id in found.of_article), None)
    if report is not None:
        members = found.members[report]
        of = dict.fromkeys(members, report)
        return Reports(of, {report: members}, {report: found.leads[report]}, found.links)
    lead = connection.scalar(select(story.c.lead_id).where(story.c.id == story_id)) or rows[0].id
    members = tuple(row.id for row in rows)
    return Reports(dict.fromkeys(members, story_id), {story_id: members}, {story_id: lead})
