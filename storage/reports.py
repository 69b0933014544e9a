"""Which articles carry which report of the agency: its own, copies, excerpts, articles that report it.

The agency's own stories (lead document of rank 0) are the reports; its translations of one report are
one. An article outside belongs to the report it is most closely related to, and takes the other
members of its story along. One step only: what reports a report of a report is not counted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from dedup.records import RelationKind
from storage.models import article, outlet, relation, story

_CLOSEST = (
    RelationKind.TRANSLATION,
    RelationKind.EXCERPT,
    RelationKind.DERIVED,
)


@dataclass(frozen=True, slots=True)
class Link:
    """A relation between two articles that does not make them one story."""

    a: int
    b: int
    kind: str
    containment: float


@dataclass(frozen=True, slots=True)
class Reports:
    """`of_story`: story -> report. `of_article`: article -> its report and relation to it, where
    that is not its story's.
    """

    of_story: Mapping[int, int] = field(default_factory=dict)
    of_article: Mapping[int, tuple[int, str]] = field(default_factory=dict)

    def of(self, article_id: int, story_id: int) -> int | None:
        """The report that an article of a story carries."""
        own = self.of_article.get(article_id)
        return own[0] if own else self.of_story.get(story_id)

    def articles(self, report: int) -> list[int]:
        """The articles that carry a report though their story does not."""
        return sorted(i for i, (found, _) in self.of_article.items() if found == report)

    def stories(self, report: int) -> list[int]:
        """The stories that carry a report."""
        return sorted(i for i, found in self.of_story.items() if found == report)


def find_reports(
    stories: Mapping[int, int], links: Iterable[Link], origins: Iterable[int]
) -> Reports:
    """The reports, from the story of each linked article and the stories of the agency. Pure."""
    parent = {origin: origin for origin in sorted(origins)}
    best: dict[int, tuple[int, float, int]] = {}
    kinds: dict[int, str] = {}
    for link in sorted(links, key=lambda each: (each.a, each.b)):
        if link.kind not in _CLOSEST:
            continue
        one, other = stories.get(link.a, 0), stories.get(link.b, 0)
        if one in parent and other in parent:
            if link.kind == RelationKind.TRANSLATION:
                _join(parent, one, other)
            continue
        for outside, inside in ((link.a, other), (link.b, one)):
            if inside not in parent or stories.get(outside, 0) in parent:
                continue
            place = (_CLOSEST.index(RelationKind(link.kind)), -link.containment, inside)
            if outside not in best or place < best[outside]:
                best[outside] = place
                kinds[outside] = link.kind
    of_story = {origin: _root(parent, origin) for origin in parent}
    nearest: dict[int, tuple[int, float, int]] = {}
    for outside, place in best.items():
        whose = stories[outside]
        nearest[whose] = min(place, nearest.get(whose, place))
    of_story |= {whose: _root(parent, place[2]) for whose, place in nearest.items()}
    of_article = {i: (_root(parent, place[2]), kinds[i]) for i, place in best.items()}
    return Reports(of_story, of_article)


def load_reports(connection: Connection) -> Reports:
    """The reports of a database as it is now."""
    origins = connection.scalars(_ORIGINS).all()
    if not origins:
        return Reports()
    stories: dict[int, int] = {}
    links: list[Link] = []
    for row in connection.execute(_LINKS):
        links.append(Link(row.a, row.b, row.kind, max(row.containment_ab, row.containment_ba)))
        stories |= {row.a: row.story_a, row.b: row.story_b}
    return find_reports(stories, links, origins)


def _root(parent: dict[int, int], node: int) -> int:
    while parent[node] != node:
        node = parent[node]
    return node


def _join(parent: dict[int, int], one: int, other: int) -> None:
    one, other = sorted((_root(parent, one), _root(parent, other)))
    parent[other] = one


_ORIGINS = (
    select(story.c.id)
    .join_from(story, article, article.c.id == story.c.lead_id)
    .join(outlet, outlet.c.name == article.c.outlet)
    .where(outlet.c.rank == 0)
    .order_by(story.c.id)
)
_A, _B = article.alias("one"), article.alias("other")
_LINKS = (
    select(
        relation.c.a,
        relation.c.b,
        relation.c.kind,
        relation.c.containment_ab,
        relation.c.containment_ba,
        _A.c.story_id.label("story_a"),
        _B.c.story_id.label("story_b"),
    )
    .join_from(relation, _A, _A.c.id == relation.c.a)
    .join(_B, _B.c.id == relation.c.b)
    .where(~relation.c.merges)
)
