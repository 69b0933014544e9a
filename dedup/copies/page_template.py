"""One outlet's pages that share a frame and not a report: menus that extraction left in, forms that
are filled in anew each day. Two such pages look like copies; five of them give the frame away.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dedup.copies.compare import prepare
from dedup.records import Document, Relation, RelationKind
from dedup.text import headline
from dedup.text.passages import isin_sorted
from dedup.text.shingles import MIN_SHINGLES

MIN_TEMPLATE_PAGES = 5
"""So many pages of one outlet in one component are looked at for a frame."""

_MIN_TEMPLATE_PAGE_SHARE = 0.6
"""What this share of the pages has belongs to the frame."""

_MIN_RELATED_CONTAINMENT = 0.2
_MIN_SAME_HEADLINE_SIMILARITY = 0.75


def group_pages_by_outlet(
    outlets: Mapping[int, str], component: Collection[int]
) -> list[list[int]]:
    """The documents of a component by outlet, of outlets that have many in it."""
    by_outlet: dict[str, list[int]] = {}
    for document in sorted(component):
        if outlets[document]:
            by_outlet.setdefault(outlets[document], []).append(document)
    return [pages for pages in by_outlet.values() if len(pages) >= MIN_TEMPLATE_PAGES]


def demote_template_edges(pages: Sequence[Document], edges: Iterable[Relation]) -> list[Relation]:
    """The merging edges between these pages that rest on their frame alone, as edges that do not.

    An edge falls if the headlines differ and what either page has besides the frame is long enough
    to be a report and unrelated to that of the other.
    """
    own = _remove_template_shingles(pages)
    titles = {page.id: page.title for page in pages}
    fallen = []
    for edge in edges:
        if not edge.merges or edge.kind is RelationKind.IDENTICAL:
            continue
        if not {edge.a, edge.b} <= own.keys() or not _are_unrelated(own[edge.a], own[edge.b]):
            continue
        if headline.similarity(titles[edge.a], titles[edge.b]) < _MIN_SAME_HEADLINE_SIMILARITY:
            fallen.append(_demote_edge(edge, len(pages)))
    return fallen


def _remove_template_shingles(pages: Sequence[Document]) -> dict[int, NDArray[np.uint64]]:
    shingles = {page.id: prepare(page).shingles for page in pages}
    values, counts = np.unique(np.concatenate(list(shingles.values())), return_counts=True)
    frame = values[counts >= _MIN_TEMPLATE_PAGE_SHARE * len(pages)]
    return {document: own[~isin_sorted(own, frame)] for document, own in shingles.items()}


def _are_unrelated(
    one: NDArray[np.uint64],
    two: NDArray[np.uint64],
) -> bool:
    small, large = sorted((one, two), key=len)
    if len(small) < MIN_SHINGLES:
        return False
    return int(np.count_nonzero(isin_sorted(small, large))) < _MIN_RELATED_CONTAINMENT * len(small)


def _demote_edge(edge: Relation, pages: int) -> Relation:
    reason = f"{pages} pages of this outlet share the same frame; what is in it differs"
    return replace(edge, kind=RelationKind.EXCERPT, merges=False, reason=reason)
