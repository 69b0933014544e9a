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

_MAX_RELATED = 40
"""Carriers of one report that are compared in pairs, to show how the report spread."""


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
    by_id = {document.id: document for document in documents}
    carriers = []
    for story in stories:
        carrying = [by_id[i] for i in story.members if carries_report(by_id[i])]
        if carrying:
            seniority = min(map(seniority_key, (by_id[i] for i in story.members)))
            carriers.append(
                CarrierStory(extract_cues(min(carrying, key=seniority_key)), story, seniority)
            )
    report_set = ReportSet()
    for part in iter_report_sets(
        sorted(carriers, key=lambda carrier: chronological_key(carrier.cues))
    ):
        report_set.reports.extend(part.reports)
        report_set.relations.extend(part.relations)
    return report_set


def iter_report_sets(carriers: Iterable[CarrierStory]) -> Iterator[ReportSet]:
    """Yields the reports of stories that carry one, part by part, in bounded memory.

    `carriers` must be sorted by `chronological_key` of their cues. A part is yielded as soon as no
    later story can belong to it.
    """
    window = _Window()
    for carrier in carriers:
        if carrier.cues.published_at is None:
            yield _build_report_set({0: carrier}, {0: {}})
            continue
        yield from window.expire_before(carrier.cues.published_at - WINDOW)
        window.add(carrier)
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
    extra = _EXTRA_SIMILARITY_PER_DAY * (abs(a.published_at - b.published_at) / timedelta(days=1))
    if not _is_cross_language(a, b):
        return _cosine(a, b, shared) / (_MIN_LEAD_SIMILARITY[a.script] + extra)
    shared_concepts = a.concepts & b.concepts
    if _total_weight(shared_concepts) < _MIN_SHARED_CONCEPT_WEIGHT:
        return 0.0
    return (
        _total_weight(shared_concepts)
        / _total_weight(a.concepts | b.concepts)
        / (_MIN_CONCEPT_SIMILARITY + extra)
    )


def format_shared_cues(a: Cues, b: Cues) -> str:
    """Describes in words which cues two articles share."""
    weights = concept_weights()
    names = sorted(each for each in a.concepts & b.concepts if weights[each])
    numbers = sorted(a.numbers & b.numbers)[:5]
    phrases = (
        []
        if _is_cross_language(a, b)
        else [f"{_cosine(a, b, _count_shared_terms(a, b)):.0%} of headline and lead alike"]
    )
    phrases += [f"both speak of {', '.join(names)}"] if names else []
    phrases += [f"the numbers {', '.join(numbers)} in both"] if numbers else []
    phrases += [f"{len(a.quotes & b.quotes)} quotations in both"] if a.quotes & b.quotes else []
    if a.published_at and b.published_at:
        phrases.append(f"{abs(a.published_at - b.published_at) / timedelta(days=1):.1f} days apart")
    return "; ".join(phrases)


def chronological_key(item: Cues | Document) -> tuple[bool, float, int, str]:
    """Returns the sort key for comparing stories: by publication time, undated ones last."""
    at = item.published_at
    return at is None, at.timestamp() if at else 0.0, item.rank, item.uid


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

    def add(self, carrier: CarrierStory) -> None:
        """Links a story to similar earlier ones and adds it to the window."""
        number = self._next
        self._next += 1
        self._term_norms[number] = sqrt(len(carrier.cues.terms))
        self._similarities[number] = {}
        self._components[number] = [number]
        for earlier, similarity in self._find_similar(carrier.cues):
            self._similarities[number][earlier] = self._similarities[earlier][number] = similarity
            if similarity >= 1:
                self._merge_components(earlier, number)
        self._carriers[number] = carrier
        for term in carrier.cues.terms.tolist():
            self._by_term.setdefault(term, deque()).append(number)
        for concept in carrier.cues.concepts:
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
            component = self._components[number]
            if component[-1] == number:
                yield self._close_component(component)

    def _close_component(self, component: Sequence[int]) -> ReportSet:
        carriers = {number: self._carriers.pop(number) for number in component}
        similarities = {number: self._similarities.pop(number) for number in component}
        for number in component:
            del self._components[number], self._term_norms[number]
        return _build_report_set(carriers, similarities)

    def _find_similar(self, cues: Cues) -> Iterator[tuple[int, float]]:
        """Yields the earlier stories that are similar, in order, with the similarity."""
        terms = (self._by_term[term] for term in cues.terms.tolist() if term in self._by_term)
        counts = Counter(chain.from_iterable(terms))
        min_score = (
            0.99
            * _MIN_MEDOID_SIMILARITY
            * _MIN_LEAD_SIMILARITY[cues.script]
            * sqrt(len(cues.terms))
        )
        candidates = {
            i: count for i, count in counts.items() if count > min_score * self._term_norms[i]
        }
        weights = concept_weights()
        shared_weights: dict[int, float] = {}
        for concept in cues.concepts:
            for i in self._by_concept.get(concept, ()):
                shared_weights[i] = shared_weights.get(i, 0.0) + weights[concept]
        candidates |= {
            i: counts[i]
            for i, total in shared_weights.items()
            if total > _MIN_SHARED_CONCEPT_WEIGHT - 0.01
        }
        for i in sorted(candidates):
            similarity = _scored_similarity(self._carriers[i].cues, cues, candidates[i])
            if similarity >= _MIN_MEDOID_SIMILARITY:
                yield i, similarity

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
    carriers: Mapping[int, CarrierStory], similarities: Mapping[int, Mapping[int, float]]
) -> ReportSet:
    """Returns the reports and relations of these stories, to which no other story is linked."""
    pairs = [
        (earlier, later)
        for earlier in carriers
        for later, similarity in similarities[earlier].items()
        if similarity >= 1 and earlier < later
    ]
    return ReportSet(
        [
            _build_report({i: carriers[i] for i in group}, similarities)
            for group in _split_at_medoids(list(carriers), similarities)
        ],
        [_build_relation(carriers[a].cues, carriers[b].cues) for a, b in pairs],
    )


def _split_at_medoids(
    ids: Sequence[int], similarities: Mapping[int, Mapping[int, float]]
) -> list[list[int]]:
    """Splits components of linked stories around their medoids, as stories are split."""
    groups, waiting = [], _connected_components(ids, similarities)
    while waiting:
        component = waiting.pop()
        medoid = min(
            component,
            key=lambda i: (
                -fsum(similarities[i][other] for other in similarities[i] if other in component),
                i,
            ),
        )
        group = {
            i
            for i in component
            if i == medoid or similarities[medoid].get(i, 0.0) >= _MIN_MEDOID_SIMILARITY
        }
        groups.append(sorted(group))
        waiting.extend(_connected_components(sorted(component - group), similarities))
    return sorted(groups)


def _connected_components(
    ids: Iterable[int], similarities: Mapping[int, Mapping[int, float]]
) -> list[set[int]]:
    unvisited, components = set(ids), []
    for start in ids:
        if start not in unvisited:
            continue
        unvisited.discard(start)
        component, frontier = {start}, [start]
        while frontier:
            neighbours = similarities[frontier.pop()].items()
            linked = {other for other, similarity in neighbours if similarity >= 1} & unvisited
            unvisited -= linked
            component |= linked
            frontier.extend(linked)
        components.append(component)
    return components


def _build_report(
    carriers: Mapping[int, CarrierStory], similarities: Mapping[int, Mapping[int, float]]
) -> Report:
    members = sorted({member for carrier in carriers.values() for member in carrier.story.members})
    lead = min(carriers.values(), key=lambda carrier: carrier.seniority).story.lead
    pairs = {
        (a, b): similarity
        for a in carriers
        for b, similarity in sorted(similarities[a].items())
        if a < b and b in carriers
    }
    if not pairs:
        return Report(tuple(members), lead, 1.0, "one story")
    confidence = min(1.0, fsum(pairs.values()) / len(pairs) / 2)
    first, second = max(pairs, key=pairs.__getitem__)
    return Report(
        tuple(members),
        lead,
        round(confidence, 2),
        format_shared_cues(carriers[first].cues, carriers[second].cues),
    )


def relate_carriers(carriers: Iterable[Cues]) -> list[Relation]:
    """Returns the relations between the first carriers of one report, at most `_MAX_RELATED`.

    Two carriers are related if they alone would make a report. Copies and excerpts are not found
    here, but in the texts.
    """
    ordered = sorted(carriers, key=chronological_key)[:_MAX_RELATED]
    return [
        _build_relation(a, b)
        for position, b in enumerate(ordered)
        for a in ordered[:position]
        if report_similarity(a, b) >= 1
    ]


def _build_relation(a: Cues, b: Cues) -> Relation:
    is_translation = a.rank == b.rank == 0 and a.language[:2] != b.language[:2]
    kind = RelationKind.TRANSLATION if is_translation else RelationKind.DERIVED
    low_id, high_id = sorted((a.id, b.id))
    source = (a if chronological_key(a) < chronological_key(b) else b).id
    return Relation(low_id, high_id, kind, False, 0.0, 0.0, 0.0, format_shared_cues(a, b), source)


def _count_shared_terms(a: Cues, b: Cues) -> int:
    small, large = sorted((a.terms, b.terms), key=len)
    return int(np.count_nonzero(isin_sorted(small, large)))


def _cosine(a: Cues, b: Cues, shared: int) -> float:
    return shared / sqrt(len(a.terms) * len(b.terms)) if shared else 0.0


def _total_weight(concepts: Iterable[str]) -> float:
    weights = concept_weights()
    return fsum(weights[each] for each in concepts)


def _are_same_agency(a: Cues, b: Cues) -> bool:
    """Returns whether both are by one agency in one language: it prints each report once."""
    is_one_agency = a.rank == b.rank == 0 and a.outlet == b.outlet
    return is_one_agency and not _is_cross_language(a, b)


def _is_cross_language(a: Cues, b: Cues) -> bool:
    """Returns whether the languages differ as far as known, so that words cannot be compared."""
    languages_known = bool(a.language and b.language)
    return a.script is not b.script or (languages_known and a.language[:2] != b.language[:2])
