"""Decides which story keeps which id when stories merge or split. Pure functions."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from dedup.records import Story


@dataclass(frozen=True, slots=True)
class ExistingStory:
    """A story before the change. `lead`: id of its lead document; `size`: number of members."""

    id: int
    lead: int
    size: int


@dataclass(slots=True)
class StoryIdAssignment:
    """The ids of the new stories.

    `ids`: the id of each new story, 0 if it needs a new id. `redirects`: an id left over ->
    position of the new story to redirect to. `with_remaining_members`: ids of stories with members
    that are in none of the new stories.
    """

    ids: list[int]
    redirects: dict[int, int] = field(default_factory=dict)
    with_remaining_members: list[int] = field(default_factory=list)


def assign_story_ids(
    stories: Sequence[Story],
    old_story_ids: Mapping[int, int],
    existing: Sequence[ExistingStory],
    leaving: Collection[int] = (),
) -> StoryIdAssignment:
    """Assigns the ids of the existing stories to the new ones.

    `old_story_ids`: article id -> id of its existing story. The oldest id comes first. It goes to
    the new story with its lead document, else to the one with most of its members (ties: the first
    one). A new story that has an id already is passed over. If none is free, the id becomes a
    redirect to the first choice. A story with members outside the new stories keeps its id for
    them.

    `leaving`: articles that a person splits off. Then the id goes to the new story with most of the
    members (ties: one without these articles), wherever the lead document is.
    """
    new_positions = {
        member: position for position, story in enumerate(stories) for member in story.members
    }
    leaving_positions = {new_positions[article] for article in leaving if article in new_positions}
    member_counts: dict[int, Counter[int]] = {}
    for member, old_id in old_story_ids.items():
        member_counts.setdefault(old_id, Counter())[new_positions[member]] += 1
    result = StoryIdAssignment([0] * len(stories))
    for old_story in sorted(existing, key=lambda story: story.id):
        counts = member_counts[old_story.id]
        if counts.total() < old_story.size:
            result.with_remaining_members.append(old_story.id)
            continue
        candidates = sorted(
            counts,
            key=lambda position: (
                *((-counts[position], position in leaving_positions) if leaving else ()),
                position != new_positions.get(old_story.lead),
                -counts[position],
                position,
            ),
        )
        free_position = next(
            (position for position in candidates if not result.ids[position]), None
        )
        if free_position is None:
            result.redirects[old_story.id] = candidates[0]
        else:
            result.ids[free_position] = old_story.id
    return result
