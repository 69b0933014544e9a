"""Finds articles that carry the same report of North Korea's media, in any words and language.

An article is compared if it cites these media early or is by them. Two articles must be published
within `WINDOW`. In one language they carry one report if their leads share enough words; across
languages, if they share enough people, places and things. A story is never split.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from math import fsum, sqrt
from typing import TypeVar

import numpy as np

from dedup.lead import Seniority, seniority_key
from dedup.records import Document, Relation, RelationKind, Story
from dedup.reports.concepts import concept_weights
from dedup.reports.cues import Cues, carries_report, extract_cues
from dedup.text.normalise import Script
from dedup.text.passages import isin_sorted

Key = TypeVar("Key")

WINDOW = timedelta(days=2.5)
"""Media pick up a report on the same or the next day; later it is background."""

_MIN_LEAD_SIMILARITY = {Script.WORDS: 0.23, Script.SYLLABLES: 0.33}
"""Least cosine similarity of the words, or pairs of syllables, of two leads. Pairs are more often
shared by chance, so their threshold is higher.
"""

_EXTRA_SIMILARITY_PER_DAY = 0.06
"""Added to the threshold for each day of distance: serial reports of consecutive days are alike."""

_MIN_CONCEPT_SIMILARITY = 0.45
_MIN_SHARED_CONCEPT_WEIGHT = 5.0
"""Across languages: least share, and least sum of weights, of the concepts in both leads."""

_MIN_MEDOID_SIMILARITY = 0.6
"""Least similarity to the medoid that keeps an article in a report; 1.0 links two articles."""


@dataclass(frozen=True, slots=True)
class Report:
    """Articles that carry one report.

    `lead`: the id of the lead document. `confidence`: half the mean similarity of its similar pairs
    of articles, at most 1; also 1 for a single story.
    """

    members: tuple[int, ...]
    lead: int
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class CarrierStory:
    """A story that carries a report.

    `cues`: those of its most senior carrier. `seniority`: the sort key of the story's lead
    document.
    """

    cues: Cues
    story: Story
    seniority: Seniority

    @property
    def id(self) -> int:
        """The id of the article whose cues represent the story."""
        return self.cues.id


@dataclass(frozen=True, slots=True)
class ReportSet:
    """Reports, and the relations between their members that cannot be seen in the texts alone."""

    reports: list[Report] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)


def find_reports(documents: Iterable[Document], stories: Iterable[Story]) -> ReportSet:
    """Returns the reports that these articles carry. The result depends on the set only.

    `stories` must contain every document once. An article that carries no report is in a report
    only through its story. A story whose most senior carrier has no date is a report of its own.
    Raises KeyError if `documents` lacks a member of a story.
    """
    held = {document.id: document for document in documents}
    heads = []
    for story in stories:
        some = [held[i] for i in story.members if carries_report(held[i])]
        if some:
            lead = min(map(seniority_key, (held[i] for i in story.members)))
            heads.append(CarrierStory(extract_cues(min(some, key=seniority_key)), story, lead))
    found = ReportSet()
    for part in iter_report_sets(sorted(heads, key=lambda head: chronological_key(head.cues))):
        found.reports.extend(part.reports)
        found.relations.extend(part.relations)
    return found


def iter_report_sets(heads: Iterable[CarrierStory]) -> Iterator[ReportSet]:
    """Yields the reports of stories that carry one, part by part, in bounded memory.

    `heads` must be sorted by `chronological_key` of their cues. A part is yielded as soon as no
    later story can belong to it.
    """
    window = _Window()
    for head in heads:
        if head.cues.published_at is None:
            yield _build_report_set({0: head}, {0: {}})
            continue
        yield from window.expire_before(head.cues.published_at - WINDOW)
        window.add(head)
    yield from window.expire_before(None)


def report_similarity(a: Cues, b: Cues) -> float:
    """Returns the similarity of two articles as carriers of one report; 1.0 is just enough."""
    return _scored_similarity(a, b, _count_shared_terms(a, b))


def _scored_similarity(a: Cues, b: Cues, shared: int) -> float:
    """Computes `report_similarity`. `shared`: the number of lead terms in both."""
    if (
        a.published_at is None
        or b.published_at is None
        or abs(a.published_at - b.published_at) > WINDOW
        or _are_same_agency(a, b)
    ):
        return 0.0
    later = _EXTRA_SIMILARITY_PER_DAY * (abs(a.published_at - b.published_at) / timedelta(days=1))
    if not _is_cross_language(a, b):
        return _cosine(a, b, shared) / (_MIN_LEAD_SIMILARITY[a.script] + later)
    common = a.concepts & b.concepts
    if _total_weight(common) < _MIN_SHARED_CONCEPT_WEIGHT:
        return 0.0
    return (
        _total_weight(common)
        / _total_weight(a.concepts | b.concepts)
        / (_MIN_CONCEPT_SIMILARITY + later)
    )


def format_shared_cues(a: Cues, b: Cues) -> str:
    """Describes in words which cues two articles share."""
    weight = concept_weights()
    names = sorted(each for each in a.concepts & b.concepts if weight[each])
    numbers = sorted(a.numbers & b.numbers)[:5]
    said = (
        []
        if _is_cross_language(a, b)
        else [f"{_cosine(a, b, _count_shared_terms(a, b)):.0%} of headline and lead alike"]
    )
    said += [f"both speak of {', '.join(names)}"] if names else []
    said += [f"the numbers {', '.join(numbers)} in both"] if numbers else []
    said += [f"{len(a.quotes & b.quotes)} quotations in both"] if a.quotes & b.quotes else []
    if a.published_at and b.published_at:
        said.append(f"{abs(a.published_at - b.published_at) / timedelta(days=1):.1f} days apart")
    return "; ".join(said)


def chronological_key(each: Cues | Document) -> tuple[bool, float, int, str]:
    """Returns the sort key for comparing stories: by publication time, undated ones last."""
    at = each.published_at
    return at is None, at.timestamp() if at else 0.0, each.rank, each.uid


class _Window:
    """The stories of the last days, with those linked to them, indexed by term and concept.

    Stories are numbered in the order of `add`.
    """

    def __init__(self) -> None:
        self._first, self._next = 0, 0
        self._carriers: dict[int, CarrierStory] = {}
        self._term_norms: dict[int, float] = {}
        self._by_term: dict[int, deque[int]] = {}
        self._by_concept: dict[str, deque[int]] = {}
        self._similarities: dict[int, dict[int, float]] = {}
        self._components: dict[int, list[int]] = {}

    def add(self, head: CarrierStory) -> None:
        """Links a story to similar earlier ones and adds it to the window."""
        number = self._next
        self._next += 1
        self._term_norms[number] = sqrt(len(head.cues.terms))
        self._similarities[number] = {}
        self._components[number] = [number]
        for early, found in self._find_similar(head.cues):
            self._similarities[number][early] = self._similarities[early][number] = found
            if found >= 1:
                self._merge_components(early, number)
        self._carriers[number] = head
        for term in head.cues.terms.tolist():
            self._by_term.setdefault(term, deque()).append(number)
        for concept in head.cues.concepts:
            self._by_concept.setdefault(concept, deque()).append(number)

    def expire_before(self, before: datetime | None) -> Iterator[ReportSet]:
        """Removes stories before this time, or all if None.

        Yields the parts to which no later story can be added.
        """
        while self._first < self._next:
            number = self._first
            cues = self._carriers[number].cues
            if before is not None and cues.published_at is not None and cues.published_at >= before:
                return
            self._first += 1
            for term in cues.terms.tolist():
                _pop(self._by_term, term)
            for concept in cues.concepts:
                _pop(self._by_concept, concept)
            part = self._components[number]
            if part[-1] == number:
                yield self._close_component(part)

    def _close_component(self, part: Sequence[int]) -> ReportSet:
        heads = {number: self._carriers.pop(number) for number in part}
        near = {number: self._similarities.pop(number) for number in part}
        for number in part:
            del self._components[number], self._term_norms[number]
        return _build_report_set(heads, near)

    def _find_similar(self, late: Cues) -> Iterator[tuple[int, float]]:
        """Yields the earlier stories that are similar, in order, with the similarity."""
        terms = (self._by_term[term] for term in late.terms.tolist() if term in self._by_term)
        shared = Counter(chain.from_iterable(terms))
        least = (
            0.99
            * _MIN_MEDOID_SIMILARITY
            * _MIN_LEAD_SIMILARITY[late.script]
            * sqrt(len(late.terms))
        )
        worthy = {i: number for i, number in shared.items() if number > least * self._term_norms[i]}
        weight = concept_weights()
        common: dict[int, float] = {}
        for concept in late.concepts:
            for i in self._by_concept.get(concept, ()):
                common[i] = common.get(i, 0.0) + weight[concept]
        worthy |= {
            i: shared[i]
            for i, sum_of in common.items()
            if sum_of > _MIN_SHARED_CONCEPT_WEIGHT - 0.01
        }
        for i in sorted(worthy):
            found = _scored_similarity(self._carriers[i].cues, late, worthy[i])
            if found >= _MIN_MEDOID_SIMILARITY:
                yield i, found

    def _merge_components(self, one: int, two: int) -> None:
        small, large = sorted((self._components[one], self._components[two]), key=len)
        if small is large:
            return
        # Sorted, because a part is closed when its last story expires.
        large[:] = sorted(large + small)
        for number in small:
            self._components[number] = large


def _pop(table: dict[Key, deque[int]], key: Key) -> None:
    table[key].popleft()
    if not table[key]:
        del table[key]


def _build_report_set(
    heads: Mapping[int, CarrierStory], near: Mapping[int, Mapping[int, float]]
) -> ReportSet:
    """Returns the reports and relations of these stories, to which no other story is linked."""
    links = [
        (early, late)
        for early in heads
        for late, found in near[early].items()
        if found >= 1 and early < late
    ]
    return ReportSet(
        [
            _build_report({i: heads[i] for i in some}, near)
            for some in _split_at_medoids(list(heads), near)
        ],
        [_build_relation(heads[a].cues, heads[b].cues) for a, b in links],
    )


def _split_at_medoids(
    ids: Sequence[int], near: Mapping[int, Mapping[int, float]]
) -> list[list[int]]:
    """Splits components of linked stories around their medoids, as stories are split."""
    groups, waiting = [], _connected_components(ids, near)
    while waiting:
        part = waiting.pop()
        middle = min(part, key=lambda i: (-fsum(near[i][o] for o in near[i] if o in part), i))
        kept = {
            i for i in part if i == middle or near[middle].get(i, 0.0) >= _MIN_MEDOID_SIMILARITY
        }
        groups.append(sorted(kept))
        waiting.extend(_connected_components(sorted(part - kept), near))
    return sorted(groups)


def _connected_components(
    ids: Iterable[int], near: Mapping[int, Mapping[int, float]]
) -> list[set[int]]:
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


def _build_report(
    heads: Mapping[int, CarrierStory], near: Mapping[int, Mapping[int, float]]
) -> Report:
    members = sorted({member for head in heads.values() for member in head.story.members})
    lead = min(heads.values(), key=lambda head: head.seniority).story.lead
    inside = {
        (a, b): found for a in heads for b, found in sorted(near[a].items()) if a < b and b in heads
    }
    if not inside:
        return Report(tuple(members), lead, 1.0, "one story")
    sure = min(1.0, fsum(inside.values()) / len(inside) / 2)
    one, two = max(inside, key=inside.__getitem__)
    return Report(
        tuple(members), lead, round(sure, 2), format_shared_cues(heads[one].cues, heads[two].cues)
    )


def _build_relation(a: Cues, b: Cues) -> Relation:
    own = a.rank == b.rank == 0 and a.language[:2] != b.language[:2]
    kind = RelationKind.TRANSLATION if own else RelationKind.DERIVED
    low, high = sorted((a.id, b.id))
    source = (a if chronological_key(a) < chronological_key(b) else b).id
    return Relation(low, high, kind, False, 0.0, 0.0, 0.0, format_shared_cues(a, b), source)


def _count_shared_terms(a: Cues, b: Cues) -> int:
    small, large = sorted((a.terms, b.terms), key=len)
    return int(np.count_nonzero(isin_sorted(small, large)))


def _cosine(a: Cues, b: Cues, shared: int) -> float:
    return shared / sqrt(len(a.terms) * len(b.terms)) if shared else 0.0


def _total_weight(concepts: Iterable[str]) -> float:
    weight = concept_weights()
    return fsum(weight[each] for each in concepts)


def _are_same_agency(a: Cues, b: Cues) -> bool:
    """Returns whether both are by one agency in one language: it prints each report once."""
    own = a.rank == b.rank == 0 and a.outlet == b.outlet
    return own and not _is_cross_language(a, b)


def _is_cross_language(a: Cues, b: Cues) -> bool:
    """Returns whether the languages differ as far as known, so that words cannot be compared."""
    known = bool(a.language and b.language)
    return a.script is not b.script or (known and a.language[:2] != b.language[:2])
