"""Which story keeps which id when stories merge or split. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dedup.records import Story


@dataclass(frozen=True, slots=True)
class ExistingStory:
    """A story as it is held before it changes. `size` counts all its members."""

    id: int
    lead: int
    size: int


@dataclass(slots=True)
class StoryIdAssignment:
    """`ids`: the id of each new story, 0 where a new one is needed; `redirects`: id left over ->
    position of the new story that took it in; `left`: stories of which some members stay behind.
    """

    ids: list[int]
    redirects: dict[int, int] = field(default_factory=dict)
    with_remaining_members: list[int] = field(default_factory=list)


def assign_story_ids(
    stories: Sequence[Story], old_story_ids: Mapping[int, int], existing: Sequence[ExistingStory]
) -> StoryIdAssignment:
    """Hand down the ids of the `living` stories that members of the new ones come `before` from.

    Oldest id first: to the new story with its lead document, else to the one with most of its
    members (ties: the first). Who finds its heir taken becomes a redirect to it. An id of which
    members stay outside stays with them.
    """
    where = {member: i for i, story in enumerate(stories) for member in story.members}
    shares: dict[int, Counter[int]] = {}
    for member, old in old_story_ids.items():
        shares.setdefault(old, Counter())[where[member]] += 1
    result = StoryIdAssignment([0] * len(stories))
    for each in sorted(existing, key=lambda story: story.id):
        share = shares[each.id]
        if share.total() < each.size:
            result.with_remaining_members.append(each.id)
            continue
        heirs = sorted(share, key=lambda i: (i != where.get(each.lead), -share[i], i))
        free = next((i for i in heirs if not result.ids[i]), None)
        if free is None:
            result.redirects[each.id] = heirs[0]
        else:
            result.ids[free] = each.id
    return result
