"""Finds the chain of relations and decisions that joined two members of a story."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from dedup.copies.stories import relation_similarity
from dedup.records import Decision, DecisionVerb, Relation

MAX_VISITED = 500
"""Members that are looked at before the search gives up."""


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One link between two articles: a relation, or a person's decision (`kind` "must-link")."""

    a: int
    b: int
    kind: str
    reason: str
    merges: bool

    def format(self) -> str:
        """Returns the link as one line of text."""
        return f"{self.a} - {self.b}, {self.kind}: {self.reason}"


@dataclass(frozen=True, slots=True)
class StoryContext:
    """What a corpus says of two articles, beyond their two texts.

    `is_one_story`: whether they are in one story. `chain`: the links from the first to the second;
    empty if there are none. `stored`: the relation between the two, None if there is none.
    """

    is_one_story: bool
    chain: tuple[ChainLink, ...] = ()
    stored: Relation | None = None


RelationsOf = Callable[[int], Sequence[Relation]]
DecisionsOf = Callable[[int], Sequence[Decision]]


def read_story_context(
    a: int, b: int, members: Collection[int], relations_of: RelationsOf, decisions_of: DecisionsOf
) -> StoryContext:
    """Returns how two articles of a corpus hang together.

    `members`: the members of the story of `a`. `relations_of` and `decisions_of` return those of
    one article.
    """
    stored = next((each for each in relations_of(a) if b in (each.a, each.b)), None)
    if b not in members:
        return StoryContext(is_one_story=False, stored=stored)
    inside = set(members)
    # A story also keeps what its most central member resembles, so the last search takes all.
    for merging_only in (True, False):
        chain = _find_chain(a, b, inside, relations_of, decisions_of, merging_only=merging_only)
        if chain:
            return StoryContext(is_one_story=True, chain=chain, stored=stored)
    return StoryContext(is_one_story=True, stored=stored)


def _find_chain(
    a: int,
    b: int,
    members: Collection[int],
    relations_of: RelationsOf,
    decisions_of: DecisionsOf,
    *,
    merging_only: bool,
) -> tuple[ChainLink, ...]:
    """Returns the shortest chain; of several, one whose first links are the strongest."""
    link_to: dict[int, ChainLink] = {}
    frontier = [a]
    while frontier and b not in link_to and len(link_to) < MAX_VISITED:
        following: list[int] = []
        for article in frontier:
            for link in _links(article, relations_of, decisions_of):
                if merging_only and not link.merges:
                    continue
                if link.b in members and link.b != a and link.b not in link_to:
                    link_to[link.b] = link
                    following.append(link.b)
        frontier = following
    chain: list[ChainLink] = []
    end = b
    while end in link_to:
        chain.append(link_to[end])
        end = link_to[end].a
    return tuple(reversed(chain))


def _links(
    article: int, relations_of: RelationsOf, decisions_of: DecisionsOf
) -> Iterator[ChainLink]:
    """Yields the links from an article, decisions first, then the strongest relations."""
    for decision in sorted(decisions_of(article), key=lambda each: (each.a, each.b)):
        if decision.verb is DecisionVerb.MUST_LINK:
            other = decision.b if decision.a == article else decision.a
            reason = "a person decided that they belong together"
            yield ChainLink(article, other, decision.verb.value, reason, merges=True)
    for relation in sorted(
        relations_of(article), key=lambda each: (-relation_similarity(each), each.a, each.b)
    ):
        other = relation.b if relation.a == article else relation.a
        yield ChainLink(article, other, relation.kind.value, relation.reason, relation.merges)
