"""Tells in which manner each article carries its report, by its relations. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from dedup.records import Relation, RelationKind
from storage.reports.origin import Origin


class CarriageManner(StrEnum):
    """How an article carries a report, closest to the lead document first.

    The first three are the manners of the lead document itself; see `storage.reports.origin`.
    """

    ORIGINAL = "original"  # the agency's own text, or surely earlier than all others
    FIRST_SEEN = "first-seen"  # known earlier than all others; another may have appeared before
    UNKNOWN = "unknown"  # the times do not tell which article was first
    VERBATIM = "verbatim"  # the same text
    EDITED = "edited"  # its text, changed, shortened or extended
    EXCERPT = "excerpt"  # a part of its text
    TRANSLATION = "translation"  # the agency's own text in another language
    DERIVED = "derived"  # an article in other words about the report

    @property
    def label(self) -> str:
        """The manner in words."""
        return LEAD_LABELS.get(self, self.value)


LEAD_LABELS: Mapping[CarriageManner, str] = {
    CarriageManner.FIRST_SEEN: "first seen",
    CarriageManner.UNKNOWN: "origin unknown",
}

MANNER_BY_RELATION: Mapping[str, CarriageManner] = {
    RelationKind.IDENTICAL: CarriageManner.VERBATIM,
    RelationKind.COPY: CarriageManner.VERBATIM,
    RelationKind.EDITED: CarriageManner.EDITED,
    RelationKind.EXCERPT: CarriageManner.EXCERPT,
    RelationKind.TRANSLATION: CarriageManner.TRANSLATION,
    RelationKind.DERIVED: CarriageManner.DERIVED,
}
MANNER_RANK = {manner: place for place, manner in enumerate(CarriageManner)}


def classify_manners(
    lead: int,
    members: Sequence[int],
    stories: Mapping[int, int],
    relations: Iterable[Relation],
    origin: Origin,
) -> dict[int, CarriageManner]:
    """Returns the manner in which each member of a report carries it. No I/O.

    `stories`: the story id of each member. `origin`: what is known of the lead document, which is
    its manner. For the others, the closest relation to the lead document decides. For
    members of other stories, a relation to any member of the lead's story counts too. A member
    without such a relation is EDITED in the lead's story. In another story it takes the closest
    manner found in that story, or DERIVED if there is none.
    """
    manners: dict[int, CarriageManner] = {lead: CarriageManner(origin.value)}
    lead_story_members = {i for i in members if stories[i] == stories[lead]}
    for each in relations:
        for one, other in ((each.a, each.b), (each.b, each.a)):
            is_relevant = other == lead or (
                other in lead_story_members and one not in lead_story_members
            )
            if one != lead and is_relevant:
                _keep_closest(manners, one, MANNER_BY_RELATION[each.kind])
    closest_by_story: dict[int, CarriageManner] = {}
    for i in members:
        if i in manners and i != lead:
            _keep_closest(closest_by_story, stories[i], manners[i])
    return {
        i: manners.get(i)
        or (
            CarriageManner.EDITED
            if i in lead_story_members
            else closest_by_story.get(stories[i], CarriageManner.DERIVED)
        )
        for i in members
    }


def _keep_closest(manners: dict[int, CarriageManner], key: int, manner: CarriageManner) -> None:
    if key not in manners or MANNER_RANK[manner] < MANNER_RANK[manners[key]]:
        manners[key] = manner
