"""Detects pages of one outlet that share a page template but not a report.

Examples are menus that extraction left in the text and forms that are filled in anew each day. Two
such pages look like copies; five of them reveal the template.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dedup.copies.compare import prepare
from dedup.records import Document, Relation, RelationKind
from dedup.text import headline
from dedup.text.passages import isin_sorted
from dedup.text.shingles import MIN_DISTINCTIVE_SHINGLES

MIN_TEMPLATE_PAGES = 5
"""A template is looked for if an outlet has at least this many pages in a component."""

_MIN_TEMPLATE_PAGE_SHARE = 0.6
"""Shingles that at least this share of the pages has belong to the template."""

_MIN_RELATED_CONTAINMENT = 0.2
_MIN_SAME_HEADLINE_SIMILARITY = 0.75


def group_pages_by_outlet(
    outlets: Mapping[int, str], component: Collection[int]
) -> list[list[int]]:
    """Groups the documents of a component by outlet; small groups are left out."""
    by_outlet: dict[str, list[int]] = {}
    for document in sorted(component):
        if outlets[document]:
            by_outlet.setdefault(outlets[document], []).append(document)
    return [pages for pages in by_outlet.values() if len(pages) >= MIN_TEMPLATE_PAGES]


def demote_template_edges(pages: Sequence[Document], edges: Iterable[Relation]) -> list[Relation]:
    """Returns the merging relations that rest only on the page template, made non-merging.

    A relation is demoted if the headlines differ, and if both texts without the template are long
    enough to be a report and unrelated to each other.
    """
    own_shingles = _remove_template_shingles(pages)
    titles = {page.id: page.title for page in pages}
    demoted = []
    for edge in edges:
        if not edge.merges or edge.kind is RelationKind.IDENTICAL:
            continue
        if not {edge.a, edge.b} <= own_shingles.keys() or not _are_unrelated(
            own_shingles[edge.a], own_shingles[edge.b]
        ):
            continue
        if headline.similarity(titles[edge.a], titles[edge.b]) < _MIN_SAME_HEADLINE_SIMILARITY:
            demoted.append(_demote_edge(edge, len(pages)))
    return demoted


def _remove_template_shingles(pages: Sequence[Document]) -> dict[int, NDArray[np.uint64]]:
    shingles = {page.id: prepare(page).shingles for page in pages}
    values, counts = np.unique(np.concatenate(list(shingles.values())), return_counts=True)
    template = values[counts >= _MIN_TEMPLATE_PAGE_SHARE * len(pages)]
    return {
        document: page_shingles[~isin_sorted(page_shingles, template)]
        for document, page_shingles in shingles.items()
    }


def _are_unrelated(
    a: NDArray[np.uint64],
    b: NDArray[np.uint64],
) -> bool:
    small, large = sorted((a, b), key=len)
    if len(small) < MIN_DISTINCTIVE_SHINGLES:
        return False
    return int(np.count_nonzero(isin_sorted(small, large))) < _MIN_RELATED_CONTAINMENT * len(small)


def _demote_edge(edge: Relation, page_count: int) -> Relation:
    reason = f"{page_count} pages of this outlet share the same frame; what is in it differs"
    return replace(edge, kind=RelationKind.EXCERPT, merges=False, reason=reason)
