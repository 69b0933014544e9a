"""Finds articles that carry the same report of North Korea's media, in any words and language.

Every article that may carry a report is compared (`dedup.attribution.citation`). The articles of each
day are grouped with the reports of the days before (`dedup.reports.days`). A group is a report if
one of its articles is sure enough to carry one. A story is never split.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from dedup.lead import Seniority, seniority_key
from dedup.records import Document, Relation, RelationKind, Story
from dedup.reports.cues import Cues, carries_report, extract_cues
from dedup.reports.days import chronological_key, iter_days
from dedup.reports.learned_weights import MIN_PROBABILITY
from dedup.reports.pair_reasons import format_reasons
from dedup.reports.similarity import compare

_MAX_RELATIONS = 10
"""Relations that an article of a report gets to earlier ones: those with the most similar."""


@dataclass(frozen=True, slots=True)
class Report:
    """Articles that carry one report.

    `lead`: the id of the lead document. `confidence`: the mean probability of its pairs of
    articles, 0 to 1; 1 for a single story.
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
            carriers.append(CarrierStory(extract_cues(choose_carrier(carrying)), story, seniority))
    report_set = ReportSet()
    for part in iter_report_sets(
        sorted(carriers, key=lambda carrier: chronological_key(carrier.cues))
    ):
        report_set.reports.extend(part.reports)
        report_set.relations.extend(part.relations)
    return report_set


def choose_carrier(carrying: Iterable[Document]) -> Document:
    """Returns the article that stands for its story: the most senior of those that carry a report.

    Raises ValueError if there is none.
    """
    return min(carrying, key=seniority_key)


def iter_report_sets(carriers: Iterable[CarrierStory]) -> Iterator[ReportSet]:
    """Yields the reports of stories that may carry one, part by part, in bounded memory.

    `carriers` must be sorted by `chronological_key` of their cues. A part is yielded as soon as no
    later story can belong to it.
    """
    by_id: dict[int, CarrierStory] = {}

    def iter_cues() -> Iterator[Cues]:
        for carrier in carriers:
            by_id[carrier.cues.id] = carrier
            yield carrier.cues

    for groups in iter_days(iter_cues()):
        report_set = ReportSet()
        for group in groups:
            members = [by_id.pop(cues.id) for cues in group]
            if any(cues.carries for cues in group):
                probabilities = compare(group, group)
                report_set.reports.append(_build_report(members, probabilities))
                report_set.relations.extend(iter_relations(group, probabilities))
        yield report_set


def iter_relations(group: Sequence[Cues], probabilities: np.ndarray) -> Iterator[Relation]:
    """Yields the relations of each article of a report to the most similar earlier ones.

    `probabilities`: float[n, n], the result of `compare` for the n articles of `group`.
    """
    order = sorted(range(len(group)), key=lambda i: chronological_key(group[i]))
    for place, later in enumerate(order):
        near = [i for i in order[:place] if probabilities[i, later] >= MIN_PROBABILITY]
        near.sort(key=lambda i: (-probabilities[i, later], chronological_key(group[i])))
        for earlier in near[:_MAX_RELATIONS]:
            yield _build_relation(group[earlier], group[later])


def _build_report(members: Sequence[CarrierStory], probabilities: np.ndarray) -> Report:
    ids = sorted({member for carrier in members for member in carrier.story.members})
    lead = min(members, key=lambda carrier: carrier.seniority).story.lead
    if len(members) == 1:
        return Report(tuple(ids), lead, 1.0, "one story")
    rows, columns = np.triu_indices(len(members), 1)
    pairs = np.maximum(probabilities[rows, columns], 0)
    best = int(pairs.argmax())
    reason = format_reasons(members[rows[best]].cues, members[columns[best]].cues)
    return Report(tuple(ids), lead, round(float(pairs.mean()), 2), reason)


def _build_relation(earlier: Cues, later: Cues) -> Relation:
    is_translation = earlier.rank == later.rank == 0 and earlier.language[:2] != later.language[:2]
    kind = RelationKind.TRANSLATION if is_translation else RelationKind.DERIVED
    low_id, high_id = sorted((earlier.id, later.id))
    reason = format_reasons(earlier, later)
    source = _find_source_id(earlier, later)
    return Relation(low_id, high_id, kind, False, 0.0, 0.0, 0.0, reason, source)


def _find_source_id(earlier: Cues, later: Cues) -> int:
    """Returns the id of the first article: the agency's or a wire's, else by time; 0 if unknown."""
    if earlier.rank != later.rank and min(earlier.rank, later.rank) <= 1:
        return min(earlier, later, key=lambda each: each.rank).id
    times = (earlier.published_at, later.published_at)
    return earlier.id if None not in times and times[0] != times[1] else 0
