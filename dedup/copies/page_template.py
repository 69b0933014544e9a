"""Detects pages that share a page template (a frame) but not a report, in one outlet or several.

Examples are menus that extraction left in the text and forms that are filled in anew each day. Two
such pages look like copies. A frame is told from a report that many printed by the number of
otherwise different articles that carry it: an outlet prints a report once or twice, under like
headlines and within days, and it fills a frame again and again, each time with something else.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from dedup.copies.compare import days_apart, prepare
from dedup.copies.pair_classifier import MAX_NEAR_DAYS
from dedup.records import Document, Relation, RelationKind
from dedup.text import headline
from dedup.text.passages import isin_sorted
from dedup.text.shingles import MIN_DISTINCTIVE_SHINGLES, MIN_SHINGLES

MIN_TEMPLATE_PAGES = 5
"""So many pages reveal a template."""

_MIN_TEMPLATE_PAGE_SHARE = 0.6
"""Shingles that at least this share of the pages has belong to the template."""

_MIN_RELATED_CONTAINMENT = 0.2
_MIN_RELATED_HEADLINE_SIMILARITY = 0.6
"""An outlet that prints one report twice changes its headline less than this."""

_MAX_REPRINTS = 2
"""An outlet prints a report at most so often with additions that have nothing in common."""

_MIN_OWN_SHINGLES = 20
"""A page with less of its own reveals nothing: an edition with a few other words has that too."""

_MAX_COMPARED_PAGES = 8
"""Each page is compared with at most so many pages of its outlet, which bounds the cost."""

_MAX_WITNESSES = 72
_MAX_READ_WITNESSES = _MAX_KEPT = 24
"""So many pages outside a component are looked at and read to tell its template, and so many
relations of one page are kept for it.
"""

_MIN_WITNESS_CONTAINMENT = 0.5
"""They share at least this much of their text with a member."""

_MIN_REVEALING_OUTLET_SHARE = 0.5
_ENOUGH_REVEALING_OUTLETS = 5
"""If at least this share of the outlets, or so many, reveal a template, it is the others' too."""

Shingles = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Template:
    """What pages of these outlets share. `shingles`: sorted. `outlets`: those that reveal it."""

    shingles: Shingles
    outlets: frozenset[str]

    @property
    def cause(self) -> str:
        """Why pages that share it are not one story."""
        if len(self.outlets) > 1:
            return "these outlets share a frame"
        return f"{MIN_TEMPLATE_PAGES} or more pages of this outlet share the same frame"


def find_witnesses(component: Collection[int], edges: Iterable[Relation]) -> set[int]:
    """Returns documents outside a component that are like its members and yet no copies of them.

    They are most often pages of the same template that were told apart earlier, and reveal it again.
    """
    likely = {
        end
        for edge in edges
        if is_like_without_merging(edge)
        for end in (edge.a, edge.b)
        if end not in component
    }
    return set(sorted(likely)[:_MAX_WITNESSES])


def is_like_without_merging(edge: Relation) -> bool:
    """Returns whether two documents share much and yet are no copies: both may have a template."""
    containment = max(edge.containment_ab, edge.containment_ba)
    return not edge.merges and containment >= _MIN_WITNESS_CONTAINMENT


def repeated_pages(outlets: Mapping[int, str], component: Collection[int]) -> list[int]:
    """Returns the documents whose outlet has another among these; empty if they are too few.

    They are too few if they cannot reveal a template. `outlets`: of the component and its
    witnesses, by document id. Of the witnesses, those whose outlets have the most are returned.
    """
    counts = Counter(outlet for outlet in outlets.values() if outlet)
    repeated = sorted(
        (page for page in outlets if counts[outlets[page]] >= 2),
        key=lambda page: (page not in component, -counts[outlets[page]], outlets[page], page),
    )
    pages = repeated[: sum(page in component for page in repeated) + _MAX_READ_WITNESSES]
    return pages if len(pages) >= MIN_TEMPLATE_PAGES else []


def find_templates(pages: Iterable[Document]) -> list[Template]:
    """Returns the templates of each outlet and of all outlets together, as `pages` reveal them.

    `pages`: those of `repeated_pages`.
    """
    by_outlet: dict[str, list[Document]] = {}
    for page in sorted(pages, key=lambda each: each.uid):
        by_outlet.setdefault(page.outlet, []).append(page)
    groups = [{outlet: own} for outlet, own in by_outlet.items() if len(by_outlet) > 1]
    return [template for group in (*groups, by_outlet) if (template := _find_template(group))]


def demote_template_edges(
    documents: Collection[Document],
    template: Template,
    outlets: Collection[str],
    edges: Iterable[Relation],
) -> list[Relation]:
    """Returns the merging relations that rest only on a template, made non-merging.

    `documents`: the whole component. `outlets`: those of the component and its witnesses. If few of
    them reveal the template, the others may have printed it as a report. Then only relations with a page of a revealing outlet are demoted, and
    only if both pages have a text of their own: an outlet cannot part others by what it prints.
    """
    by_id = {document.id: document for document in documents}
    enough = min(_MIN_REVEALING_OUTLET_SHARE * len(outlets), _ENOUGH_REVEALING_OUTLETS)
    is_common = len(template.outlets) >= max(2, enough)
    own = _remove_template(documents, template.shingles)
    demoted = []
    for edge in edges:
        if not edge.merges or edge.kind is RelationKind.IDENTICAL:
            continue
        if not {edge.a, edge.b} <= own.keys():
            continue
        revealing = sum(by_id[end].outlet in template.outlets for end in (edge.a, edge.b))
        is_certain = is_common or revealing == 2
        if (revealing or is_common) and _are_unrelated(own[edge.a], own[edge.b], is_certain):
            reason = f"{template.cause}; what is in it differs"
            demoted.append(replace(edge, kind=RelationKind.EXCERPT, merges=False, reason=reason))
    return demoted


def choose_kept(edges: Iterable[Relation], demoted: Iterable[Relation]) -> list[Relation]:
    """Returns those of the demoted relations that are stored: a few of each document.

    They are witnesses for the pages that come. Without a bound, reading those of the first pages of
    a template would cost more with each page of it.
    """
    counts = Counter(
        end for edge in edges if is_like_without_merging(edge) for end in (edge.a, edge.b)
    )
    kept = []
    for edge in sorted(demoted, key=lambda each: (each.a, each.b)):
        if max(counts[edge.a], counts[edge.b]) < _MAX_KEPT:
            counts.update((edge.a, edge.b))
            kept.append(edge)
    return kept


def _find_template(by_outlet: Mapping[str, Sequence[Document]]) -> Template | None:
    """Returns what most of these pages share, if enough pages reveal that it is a template."""
    pages = [page for own in by_outlet.values() for page in own]
    if len(pages) < MIN_TEMPLATE_PAGES:
        return None
    shingles = np.concatenate([prepare(page).shingles for page in pages])
    shared = _held_by_most(shingles, _MIN_TEMPLATE_PAGE_SHARE * len(pages))
    own = _remove_template(pages, shared)
    revealing = {
        outlet: count
        for outlet, own_pages in by_outlet.items()
        if (count := _count_revealing(own_pages, own))
    }
    if sum(revealing.values()) < MIN_TEMPLATE_PAGES:
        return None
    return Template(shared, frozenset(revealing))


def _held_by_most(shingles: Shingles, pages: float) -> Shingles:
    """Returns, sorted, the values that at least so many pages have. `shingles`: those of each page."""
    ordered, further = np.sort(shingles), ceil(pages) - 1
    firsts = ordered[: max(0, len(ordered) - further)]
    held: Shingles = firsts[firsts == ordered[further : further + len(firsts)]]
    return held[np.flatnonzero(np.diff(held, prepend=~held[:1]))]


def _count_revealing(pages: Iterable[Document], own: Mapping[int, Shingles]) -> int:
    """Counts the pages of an outlet that one report with additions does not explain, up to enough.

    They have nothing in common with another page outside the template, and another headline or day;
    or they have nothing in common with any, and are more than an outlet prints of one report.
    """
    different: list[Document] = []
    revealing: set[int] = set()
    for page in pages:
        if len(revealing) >= MIN_TEMPLATE_PAGES:
            break
        if len(own[page.id]) < _MIN_OWN_SHINGLES:
            continue
        unrelated = [each for each in different if _are_unrelated(own[each.id], own[page.id], True)]
        for other in unrelated:
            if _is_other_report(page, other):
                revealing |= {page.id, other.id}
        if len(unrelated) == len(different):
            is_distinctive = len(own[page.id]) >= MIN_DISTINCTIVE_SHINGLES
            if is_distinctive and len(different) >= _MAX_REPRINTS:
                revealing.add(page.id)
            if len(different) < _MAX_COMPARED_PAGES:
                different.append(page)
    return len(revealing)


def _is_other_report(a: Document, b: Document) -> bool:
    if headline.similarity(a.title, b.title) < _MIN_RELATED_HEADLINE_SIMILARITY:
        return True
    return (days_apart(a, b) or 0) > MAX_NEAR_DAYS


def _remove_template(pages: Iterable[Document], template: Shingles) -> dict[int, Shingles]:
    """Returns the shingles of each page that are not in the template."""
    all_shingles = {page.id: prepare(page).shingles for page in pages}
    if not all_shingles:
        return {}
    is_own = ~isin_sorted(np.concatenate(list(all_shingles.values())), template)
    ends = np.cumsum([len(each) for each in all_shingles.values()])
    kept = np.split(is_own, ends[:-1])
    return {
        page: shingles[keep]
        for (page, shingles), keep in zip(all_shingles.items(), kept, strict=True)
    }


def _are_unrelated(a: Shingles, b: Shingles, is_certain: bool = False) -> bool:
    """Returns whether what two pages have of their own has nothing in common.

    If the template is not certain, both must have a distinctive text of their own.
    """
    small, large = sorted((a, b), key=len)
    if len(small) < MIN_SHINGLES:
        return is_certain and len(large) >= MIN_DISTINCTIVE_SHINGLES
    if len(small) < MIN_DISTINCTIVE_SHINGLES and not is_certain:
        return False
    return int(np.count_nonzero(isin_sorted(small, large))) < _MIN_RELATED_CONTAINMENT * len(small)
