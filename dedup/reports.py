"""Which articles carry the same report of North Korea's media, in whatever words and language.

An article is compared if it names these media as its source early on, or is theirs. Two articles of
one language carry one report if their leads share enough words, two of different languages if they
speak of the same people, places and things; within days. Stories are never torn apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import fsum

import numpy as np

from dedup.cues import Cues, cues
from dedup.lead import lead
from dedup.names import weights
from dedup.records import Document, Member, Relation, RelationKind, Story

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


@dataclass(frozen=True, slots=True)
class Link:
    """How alike two articles are as carriers of one report: 1.0 is just enough."""

    strength: float
    across: bool
    reason: str


def reports(documents: Iterable[Document], stories: Iterable[Story]) -> Reported:
    """The reports that these articles carry, as a function of the set.

    `stories` must hold every document once. An article that carries no report is in none. One whose
    date is unknown is linked through its story only.
    """
    found = {document.id: cues(document) for document in documents}
    return group(found, stories)


def group(found: Mapping[int, Cues], stories: Iterable[Story]) -> Reported:
    """`reports` from cues that were made before."""
    carriers = {}
    for story in stories:
        carrying = sorted((found[i] for i in story.members if found[i].reports), key=_order)
        if carrying:
            carriers[carrying[0].id] = (carrying[0], story)
    heads = sorted((head for head, _ in carriers.values()), key=_order)
    links = {(a.id, b.id): link for a, b, link in _links(heads)}
    groups = _groups([head.id for head in heads], links)
    made = [_report([carriers[i] for i in ids], links, found) for ids in groups]
    edges = [
        _relation(found[a], found[b], link) for (a, b), link in links.items() if link.strength >= 1
    ]
    return Reported(made, edges)


def compare_cues(a: Cues, b: Cues) -> Link | None:
    """How alike two articles are as carriers of one report; None if hardly."""
    if a.at is None or b.at is None or abs(a.at - b.at) > WINDOW:
        return None
    days = abs(a.at - b.at) / timedelta(days=1)
    if a.script is b.script and not _languages_differ(a, b):
        alike = _cosine(a, b)
        strength = alike / (_ALIKE + _PER_DAY * days)
        reason = f"{alike:.0%} alike in headline and lead"
    else:
        common = a.concepts & b.concepts
        weight = weights()
        alike = _share(common, a.concepts | b.concepts)
        enough = fsum(weight[each] for each in common) >= _LEAST_ACROSS
        strength = (alike / (_ALIKE_ACROSS + _PER_DAY * days)) * enough
        reason = f"both speak of {', '.join(sorted(each for each in common if weight[each]))}"
    if strength < _LOW:
        return None
    return Link(
        strength, _languages_differ(a, b), f"{reason}; {_shared(a, b)}{days:.1f} days apart"
    )


def _links(heads: Sequence[Cues]) -> Iterable[tuple[Cues, Cues, Link]]:
    """Linked pairs; `heads` are in order of time."""
    for at, late in enumerate(heads):
        for early in reversed(heads[:at]):
            if early.at is None or late.at is None or late.at - early.at > WINDOW:
                break
            link = compare_cues(early, late)
            if link:
                yield early, late, link


def _groups(ids: Sequence[int], links: Mapping[tuple[int, int], Link]) -> list[list[int]]:
    """Components of links, split around their middle like stories are."""
    near: dict[int, dict[int, float]] = {i: {} for i in ids}
    for (a, b), link in links.items():
        near[a][b] = near[b][a] = link.strength
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
    links: Mapping[tuple[int, int], Link],
    found: Mapping[int, Cues],
) -> Report:
    members = sorted({i for _, story in carried for i in story.members})
    heads = {head.id for head, _ in carried}
    inside = [link for pair, link in links.items() if heads.issuperset(pair)]
    first = lead(_member(found[i]) for i in members)
    sure = (
        1.0 if len(carried) == 1 else min(1.0, fsum(x.strength for x in inside) / len(inside) / 2)
    )
    reason = max(inside, key=lambda link: link.strength).reason if inside else "one story"
    return Report(tuple(members), first.id, round(sure, 2), reason)


def _relation(a: Cues, b: Cues, link: Link) -> Relation:
    own = a.rank == b.rank == 0 and link.across
    kind = RelationKind.TRANSLATION if own else RelationKind.DERIVED
    low, high = sorted((a.id, b.id))
    source = (a if _order(a) < _order(b) else b).id
    return Relation(low, high, kind, False, 0.0, 0.0, 0.0, link.reason, source)


def _member(each: Cues) -> Member:
    return Member(each.id, each.uid, b"", each.outlet, each.rank, each.at)


def _order(each: Cues) -> tuple[bool, float, int, str]:
    at = each.at.timestamp() if each.at else 0.0
    return each.at is None, at, each.rank, each.uid


def _cosine(a: Cues, b: Cues) -> float:
    if not len(a.terms) or not len(b.terms):
        return 0.0
    common = len(np.intersect1d(a.terms, b.terms, assume_unique=True))
    return float(common / np.sqrt(len(a.terms) * len(b.terms)))


def _share(common: frozenset[str], either: frozenset[str]) -> float:
    weight = weights()
    whole = fsum(weight[each] for each in sorted(either))
    return fsum(weight[each] for each in sorted(common)) / whole if whole else 0.0


def _languages_differ(a: Cues, b: Cues) -> bool:
    return bool(a.language and b.language) and a.language[:2] != b.language[:2]


def _shared(a: Cues, b: Cues) -> str:
    numbers, quotes = a.numbers & b.numbers, a.quotes & b.quotes
    said = f"the numbers {', '.join(sorted(numbers)[:5])} in both; " if numbers else ""
    return said + (f"{len(quotes)} quotations in both; " if quotes else "")
