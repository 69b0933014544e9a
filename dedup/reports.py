"""Which articles carry the same report of North Korea's media, in whatever words and language.

An article is compared if it names these media as its source early on, or is theirs. Two articles of
one language carry one report if their leads share enough words, two of different languages if they
speak of the same people, places and things; within days. Stories are never torn apart.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from math import fsum

import numpy as np

from dedup.cues import Cues, carries_report, cues
from dedup.lead import seniority
from dedup.names import weights
from dedup.passages import is_in
from dedup.records import Document, Relation, RelationKind, Story

WINDOW = timedelta(days=2.5)
"""Media take up a report on the day or the next; later it is background."""

_ALIKE = 0.33
_PER_DAY = 0.06
"""Serial reports on consecutive days are alike: the later, the more alike two must be."""

_ALIKE_ACROSS = 0.45
_LEAST_ACROSS = 5.0
"""Across languages: share, and sum of weights, of the concepts that two leads have in common."""

_LOW = 0.6
"""Likeness to the middle of a report that keeps an article in it; 1.0 links two articles."""


@dataclass(frozen=True, slots=True)
class Report:
    """Articles that carry one report. `sure`: 0 to 1, how alike they are to its middle."""

    members: tuple[int, ...]
    lead: int
    sure: float
    reason: str


@dataclass(frozen=True, slots=True)
class Reported:
    """Reports, and the links between their members that the texts alone do not show."""

    reports: list[Report]
    relations: list[Relation]


def reports(documents: Iterable[Document], stories: Iterable[Story]) -> Reported:
    """The reports that these articles carry, as a function of the set.

    `stories` must hold every document once. An article that carries no report is in none. One whose
    date is unknown is linked through its story only.
    """
    held = {document.id: document for document in documents}
    carried = [
        (story, [held[i] for i in story.members if carries_report(held[i])]) for story in stories
    ]
    heads = [(cues(min(some, key=seniority)), story) for story, some in carried if some]
    return group(sorted(heads, key=lambda pair: _order(pair[0])), held)


def group(heads: Sequence[tuple[Cues, Story]], held: Mapping[int, Document]) -> Reported:
    """Stories with the cues of a member that carries a report each, brought together.

    `heads` are in order of time. `held` has the members of these stories.
    """
    by_id = {head.id: (head, story) for head, story in heads}
    links = dict(_links([head for head, _ in heads]))
    groups = _groups(list(by_id), links)
    return Reported(
        [_report([by_id[i] for i in ids], links, held) for ids in groups],
        [_relation(by_id[a][0], by_id[b][0]) for (a, b), found in links.items() if found >= 1],
    )


def likeness(a: Cues, b: Cues) -> float:
    """How alike two articles are as carriers of one report: 1.0 is just enough."""
    if a.at is None or b.at is None or abs(a.at - b.at) > WINDOW:
        return 0.0
    later = _PER_DAY * (abs(a.at - b.at) / timedelta(days=1))
    if not _is_across(a, b):
        return _cosine(a, b) / (_ALIKE + later)
    common = a.concepts & b.concepts
    if _weigh(common) < _LEAST_ACROSS:
        return 0.0
    return _weigh(common) / _weigh(a.concepts | b.concepts) / (_ALIKE_ACROSS + later)


def why(a: Cues, b: Cues) -> str:
    """In words what two articles have in common as carriers of one report."""
    weight = weights()
    names = sorted(each for each in a.concepts & b.concepts if weight[each])
    numbers = sorted(a.numbers & b.numbers)[:5]
    said = [] if _is_across(a, b) else [f"{_cosine(a, b):.0%} of headline and lead alike"]
    said += [f"both speak of {', '.join(names)}"] if names else []
    said += [f"the numbers {', '.join(numbers)} in both"] if numbers else []
    said += [f"{len(a.quotes & b.quotes)} quotations in both"] if a.quotes & b.quotes else []
    if a.at and b.at:
        said.append(f"{abs(a.at - b.at) / timedelta(days=1):.1f} days apart")
    return "; ".join(said)


def _links(heads: Sequence[Cues]) -> Iterator[tuple[tuple[int, int], float]]:
    """Pairs that are alike at all, the earlier first; `heads` are in order of time."""
    for at, late in enumerate(heads):
        for early in reversed(heads[:at]):
            if early.at is None or late.at is None or late.at - early.at > WINDOW:
                break
            found = likeness(early, late)
            if found >= _LOW:
                yield (early.id, late.id), found


def _groups(ids: Sequence[int], links: Mapping[tuple[int, int], float]) -> list[list[int]]:
    """Components of links, split around their middle like stories are."""
    near: dict[int, dict[int, float]] = {i: {} for i in ids}
    for (a, b), found in links.items():
        near[a][b] = near[b][a] = found
    order = {i: place for place, i in enumerate(ids)}
    groups, waiting = [], _components(ids, near)
    while waiting:
        part = waiting.pop()
        middle = min(
            part, key=lambda i: (-fsum(near[i][o] for o in near[i] if o in part), order[i])
        )
        kept = {i for i in part if i == middle or near[middle].get(i, 0.0) >= _LOW}
        groups.append(sorted(kept, key=order.__getitem__))
        waiting.extend(_components(sorted(part - kept), near))
    return sorted(groups, key=lambda ids: order[ids[0]])


def _components(ids: Iterable[int], near: Mapping[int, Mapping[int, float]]) -> list[set[int]]:
    rest, found = set(ids), []
    for start in ids:
        if start not in rest:
            continue
        rest.discard(start)
        component, frontier = {start}, [start]
        while frontier:
            links = near[frontier.pop()].items()
            more = {other for other, strength in links if strength >= 1} & rest
            rest -= more
            component |= more
            frontier.extend(more)
        found.append(component)
    return found


def _report(
    carried: Sequence[tuple[Cues, Story]],
    links: Mapping[tuple[int, int], float],
    held: Mapping[int, Document],
) -> Report:
    members = sorted({member for _, story in carried for member in story.members})
    lead = min((held[i] for i in members), key=seniority).id
    inside = {
        (a.id, b.id): (a, b) for (a, _), (b, _) in combinations(carried, 2) if (a.id, b.id) in links
    }
    if not inside:
        return Report(tuple(members), lead, 1.0, "one story")
    sure = min(1.0, fsum(links[pair] for pair in inside) / len(inside) / 2)
    closest = max(inside, key=links.__getitem__)
    return Report(tuple(members), lead, round(sure, 2), why(*inside[closest]))


def _relation(a: Cues, b: Cues) -> Relation:
    own = a.rank == b.rank == 0 and a.language[:2] != b.language[:2]
    kind = RelationKind.TRANSLATION if own else RelationKind.DERIVED
    low, high = sorted((a.id, b.id))
    source = (a if _order(a) < _order(b) else b).id
    return Relation(low, high, kind, False, 0.0, 0.0, 0.0, why(a, b), source)


def _order(each: Cues) -> tuple[bool, float, int, str]:
    at = each.at.timestamp() if each.at else 0.0
    return each.at is None, at, each.rank, each.uid


def _cosine(a: Cues, b: Cues) -> float:
    small, large = sorted((a.terms, b.terms), key=len)
    if not len(small):
        return 0.0
    return float(np.count_nonzero(is_in(small, large)) / np.sqrt(len(small) * len(large)))


def _weigh(concepts: Iterable[str]) -> float:
    weight = weights()
    return fsum(weight[each] for each in concepts)


def _is_across(a: Cues, b: Cues) -> bool:
    """Whether words cannot tell: the languages differ, as far as they are known."""
    known = bool(a.language and b.language)
    return a.script is not b.script or (known and a.language[:2] != b.language[:2])
