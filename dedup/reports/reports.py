"""Which articles carry the same report of North Korea's media, in whatever words and language.

An article is compared if it names these media as its source early on, or is theirs. Two articles of
one language carry one report if their leads share enough words, two of different languages if they
speak of the same people, places and things; within days. Stories are never torn apart.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from math import fsum, sqrt
from typing import TypeVar

import numpy as np

from dedup.lead import Seniority, seniority
from dedup.records import Document, Relation, RelationKind, Story
from dedup.reports.cues import Cues, carries_report, cues
from dedup.reports.names import weights
from dedup.text.normalise import Script
from dedup.text.passages import is_in

Key = TypeVar("Key")

WINDOW = timedelta(days=2.5)
"""Media take up a report on the day or the next; later it is background."""

_ALIKE = {Script.WORDS: 0.23, Script.SYLLABLES: 0.33}
"""Share of the words, or of the pairs of syllables, of two leads that are in both: pairs repeat more."""

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
class Head:
    """A story that carries a report: what is compared of it, and how senior its lead document is."""

    cues: Cues
    story: Story
    seniority: Seniority

    @property
    def id(self) -> int:
        return self.cues.id


@dataclass(frozen=True, slots=True)
class Reported:
    """Reports, and the links between their members that the texts alone do not show."""

    reports: list[Report] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)


def reports(documents: Iterable[Document], stories: Iterable[Story]) -> Reported:
    """The reports that these articles carry, as a function of the set.

    `stories` must hold every document once. An article that carries no report is in none. One whose
    date is unknown is linked through its story only.
    """
    held = {document.id: document for document in documents}
    heads = []
    for story in stories:
        some = [held[i] for i in story.members if carries_report(held[i])]
        if some:
            lead = min(map(seniority, (held[i] for i in story.members)))
            heads.append(Head(cues(min(some, key=seniority)), story, lead))
    found = Reported()
    for part in group(sorted(heads, key=lambda head: order(head.cues))):
        found.reports.extend(part.reports)
        found.relations.extend(part.relations)
    return found


def group(heads: Iterable[Head]) -> Iterator[Reported]:
    """Stories that carry a report each, brought together; part by part, in bounded memory.

    `heads` are in `order`. A part is told as soon as nothing that follows can belong to it.
    """
    window = _Window()
    for head in heads:
        if head.cues.at is None:
            yield _told({0: head}, {0: {}})
            continue
        yield from window.close(head.cues.at - WINDOW)
        window.add(head)
    yield from window.close(None)


def likeness(a: Cues, b: Cues) -> float:
    """How alike two articles are as carriers of one report: 1.0 is just enough."""
    return _likeness(a, b, _shared(a, b))


def _likeness(a: Cues, b: Cues, shared: int) -> float:
    """The same. `shared`: how many terms of the lead are in both."""
    if a.at is None or b.at is None or abs(a.at - b.at) > WINDOW or _are_agency_s(a, b):
        return 0.0
    later = _PER_DAY * (abs(a.at - b.at) / timedelta(days=1))
    if not _is_across(a, b):
        return _cosine(a, b, shared) / (_ALIKE[a.script] + later)
    common = a.concepts & b.concepts
    if _weigh(common) < _LEAST_ACROSS:
        return 0.0
    return _weigh(common) / _weigh(a.concepts | b.concepts) / (_ALIKE_ACROSS + later)


def why(a: Cues, b: Cues) -> str:
    """In words what two articles have in common as carriers of one report."""
    weight = weights()
    names = sorted(each for each in a.concepts & b.concepts if weight[each])
    numbers = sorted(a.numbers & b.numbers)[:5]
    said = (
        []
        if _is_across(a, b)
        else [f"{_cosine(a, b, _shared(a, b)):.0%} of headline and lead alike"]
    )
    said += [f"both speak of {', '.join(names)}"] if names else []
    said += [f"the numbers {', '.join(numbers)} in both"] if numbers else []
    said += [f"{len(a.quotes & b.quotes)} quotations in both"] if a.quotes & b.quotes else []
    if a.at and b.at:
        said.append(f"{abs(a.at - b.at) / timedelta(days=1):.1f} days apart")
    return "; ".join(said)


def order(each: Cues | Document) -> tuple[bool, float, int, str]:
    """By this the heads of stories are compared in turn: the dated ones by time, then the rest."""
    at = each.at if isinstance(each, Cues) else each.published_at
    return at is None, at.timestamp() if at else 0.0, each.rank, each.uid


class _Window:
    """The heads of the last days, found by the words and concepts that they share, and whatever is
    linked to them. They are numbered in order.
    """

    def __init__(self) -> None:
        self._first, self._next = 0, 0
        self._heads: dict[int, Head] = {}
        self._root: dict[int, float] = {}
        self._by_term: dict[int, deque[int]] = {}
        self._by_concept: dict[str, deque[int]] = {}
        self._near: dict[int, dict[int, float]] = {}
        self._parts: dict[int, list[int]] = {}

    def add(self, head: Head) -> None:
        """Link a head to the earlier ones, and take it in."""
        number = self._next
        self._next += 1
        self._root[number] = sqrt(len(head.cues.terms))
        self._near[number] = {}
        self._parts[number] = [number]
        for early, found in self._alike(head.cues):
            self._near[number][early] = self._near[early][number] = found
            if found >= 1:
                self._join(early, number)
        self._heads[number] = head
        for term in head.cues.terms.tolist():
            self._by_term.setdefault(term, deque()).append(number)
        for concept in head.cues.concepts:
            self._by_concept.setdefault(concept, deque()).append(number)

    def close(self, before: datetime | None) -> Iterator[Reported]:
        """Forget the heads before this time, or all, and tell the parts to which no more can come."""
        while self._first < self._next:
            number = self._first
            cues = self._heads[number].cues
            if before is not None and cues.at is not None and cues.at >= before:
                return
            self._first += 1
            for term in cues.terms.tolist():
                _pop(self._by_term, term)
            for concept in cues.concepts:
                _pop(self._by_concept, concept)
            part = self._parts[number]
            if part[-1] == number:
                yield self._close_part(part)

    def _close_part(self, part: Sequence[int]) -> Reported:
        heads = {number: self._heads.pop(number) for number in part}
        near = {number: self._near.pop(number) for number in part}
        for number in part:
            del self._parts[number], self._root[number]
        return _told(heads, near)

    def _alike(self, late: Cues) -> Iterator[tuple[int, float]]:
        """The earlier heads that are alike at all, in order, and how much."""
        terms = (self._by_term[term] for term in late.terms.tolist() if term in self._by_term)
        shared = Counter(chain.from_iterable(terms))
        least = 0.99 * _LOW * _ALIKE[late.script] * sqrt(len(late.terms))
        worthy = {i: number for i, number in shared.items() if number > least * self._root[i]}
        weight = weights()
        common: dict[int, float] = {}
        for concept in late.concepts:
            for i in self._by_concept.get(concept, ()):
                common[i] = common.get(i, 0.0) + weight[concept]
        worthy |= {i: shared[i] for i, sum_of in common.items() if sum_of > _LEAST_ACROSS - 0.01}
        for i in sorted(worthy):
            found = _likeness(self._heads[i].cues, late, worthy[i])
            if found >= _LOW:
                yield i, found

    def _join(self, one: int, two: int) -> None:
        small, large = sorted((self._parts[one], self._parts[two]), key=len)
        if small is large:
            return
        # In order, for a part is closed with its last head.
        large[:] = sorted(large + small)
        for number in small:
            self._parts[number] = large


def _pop(table: dict[Key, deque[int]], key: Key) -> None:
    table[key].popleft()
    if not table[key]:
        del table[key]


def _told(heads: Mapping[int, Head], near: Mapping[int, Mapping[int, float]]) -> Reported:
    """The reports of some heads, by their numbers, that others are not linked to."""
    links = [
        (early, late)
        for early in heads
        for late, found in near[early].items()
        if found >= 1 and early < late
    ]
    return Reported(
        [_report({i: heads[i] for i in some}, near) for some in _groups(list(heads), near)],
        [_relation(heads[a].cues, heads[b].cues) for a, b in links],
    )


def _groups(ids: Sequence[int], near: Mapping[int, Mapping[int, float]]) -> list[list[int]]:
    """Components of links, split around their middle like stories are."""
    groups, waiting = [], _components(ids, near)
    while waiting:
        part = waiting.pop()
        middle = min(part, key=lambda i: (-fsum(near[i][o] for o in near[i] if o in part), i))
        kept = {i for i in part if i == middle or near[middle].get(i, 0.0) >= _LOW}
        groups.append(sorted(kept))
        waiting.extend(_components(sorted(part - kept), near))
    return sorted(groups)


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


def _report(heads: Mapping[int, Head], near: Mapping[int, Mapping[int, float]]) -> Report:
    members = sorted({member for head in heads.values() for member in head.story.members})
    lead = min(heads.values(), key=lambda head: head.seniority).story.lead
    inside = {
        (a, b): found for a in heads for b, found in sorted(near[a].items()) if a < b and b in heads
    }
    if not inside:
        return Report(tuple(members), lead, 1.0, "one story")
    sure = min(1.0, fsum(inside.values()) / len(inside) / 2)
    one, two = max(inside, key=inside.__getitem__)
    return Report(tuple(members), lead, round(sure, 2), why(heads[one].cues, heads[two].cues))


def _relation(a: Cues, b: Cues) -> Relation:
    own = a.rank == b.rank == 0 and a.language[:2] != b.language[:2]
    kind = RelationKind.TRANSLATION if own else RelationKind.DERIVED
    low, high = sorted((a.id, b.id))
    source = (a if order(a) < order(b) else b).id
    return Relation(low, high, kind, False, 0.0, 0.0, 0.0, why(a, b), source)


def _shared(a: Cues, b: Cues) -> int:
    small, large = sorted((a.terms, b.terms), key=len)
    return int(np.count_nonzero(is_in(small, large)))


def _cosine(a: Cues, b: Cues, shared: int) -> float:
    return shared / sqrt(len(a.terms) * len(b.terms)) if shared else 0.0


def _weigh(concepts: Iterable[str]) -> float:
    weight = weights()
    return fsum(weight[each] for each in concepts)


def _are_agency_s(a: Cues, b: Cues) -> bool:
    """Whether both are the agency's own in one language: it prints each of its reports once."""
    own = a.rank == b.rank == 0 and a.outlet == b.outlet
    return own and not _is_across(a, b)


def _is_across(a: Cues, b: Cues) -> bool:
    """Whether words cannot tell: the languages differ, as far as they are known."""
    known = bool(a.language and b.language)
    return a.script is not b.script or (known and a.language[:2] != b.language[:2])
