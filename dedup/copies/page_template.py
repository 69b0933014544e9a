"""Detects pages that share a page template but not a report, within one outlet or several.

Examples are menus that extraction left in the text and forms that are filled in anew each day. Two
such pages look like copies; five of them reveal the template. Outlets of one publisher may share a
template. It is told from a report that many printed by this: an outlet prints a report under one
headline, and it fills a template again and again, each time with something else.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

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
_MIN_RELATED_HEADLINE_SIMILARITY = 0.6
"""An outlet that prints one report twice changes its headline less than this."""


def group_pages_by_outlet(
    outlets: Mapping[int, str], component: Collection[int]
) -> list[list[int]]:
    """Groups the documents of a component by outlet; small groups are left out."""
    by_outlet: dict[str, list[int]] = {}
    for document in sorted(component):
        if outlets[document]:
            by_outlet.setdefault(outlets[document], []).append(document)
    return [pages for pages in by_outlet.values() if len(pages) >= MIN_TEMPLATE_PAGES]


def repeated_pages(outlets: Mapping[int, str], component: Collection[int]) -> list[int]:
    """Returns the documents whose outlet has another in the component; empty if they are too few.

    They are too few if they cannot reveal a template that outlets share.
    """
    counts = Counter(outlets[document] for document in component if outlets[document])
    pages = [document for document in sorted(component) if counts[outlets[document]] >= 2]
    return pages if len(pages) >= MIN_TEMPLATE_PAGES else []


def find_shared_template(pages: Sequence[Document]) -> NDArray[np.uint64] | None:
    """Returns the sorted shingles of the template that these pages of several outlets share.

    Returns None unless `MIN_TEMPLATE_PAGES` pages are unrelated, once the template is left out, to
    another page of their own outlet with another headline.
    """
    template = _find_template(pages)
    own_shingles = _remove_template(pages, template)
    revealing: set[int] = set()
    ordered = sorted(pages, key=lambda page: (page.outlet, page.uid))
    for a, b in pairwise(ordered):
        if a.outlet == b.outlet and _differ_outside_template(
            a, b, own_shingles, _MIN_RELATED_HEADLINE_SIMILARITY
        ):
            revealing |= {a.id, b.id}
    return template if len(revealing) >= MIN_TEMPLATE_PAGES else None


def demote_shared_template_edges(
    documents: Sequence[Document], template: NDArray[np.uint64], edges: Iterable[Relation]
) -> list[Relation]:
    """Returns the merging relations that rest only on a template of several outlets, demoted."""
    own_shingles = _remove_template(documents, template)
    return _demote(documents, own_shingles, edges, "these outlets share a frame")


def demote_template_edges(pages: Sequence[Document], edges: Iterable[Relation]) -> list[Relation]:
    """Returns the merging relations that rest only on the page template, made non-merging.

    A relation is demoted if the headlines differ, and if both texts without the template are long
    enough to be a report and unrelated to each other.
    """
    own_shingles = _remove_template(pages, _find_template(pages))
    cause = f"{len(pages)} pages of this outlet share the same frame"
    return _demote(pages, own_shingles, edges, cause)


def _demote(
    documents: Sequence[Document],
    own_shingles: Mapping[int, NDArray[np.uint64]],
    edges: Iterable[Relation],
    cause: str,
) -> list[Relation]:
    by_id = {document.id: document for document in documents}
    return [
        replace(
            edge,
            kind=RelationKind.EXCERPT,
            merges=False,
            reason=f"{cause}; what is in it differs",
        )
        for edge in edges
        if edge.merges
        and edge.kind is not RelationKind.IDENTICAL
        and {edge.a, edge.b} <= by_id.keys()
        and _differ_outside_template(
            by_id[edge.a], by_id[edge.b], own_shingles, _MIN_SAME_HEADLINE_SIMILARITY
        )
    ]


def _find_template(pages: Sequence[Document]) -> NDArray[np.uint64]:
    """Returns the sorted shingles that most pages have."""
    shingles = np.concatenate([prepare(page).shingles for page in pages])
    values, counts = np.unique(shingles, return_counts=True)
    return values[counts >= _MIN_TEMPLATE_PAGE_SHARE * len(pages)]


def _remove_template(
    pages: Sequence[Document], template: NDArray[np.uint64]
) -> dict[int, NDArray[np.uint64]]:
    """Returns the shingles of each page that are not in the template."""
    own_shingles = {}
    for page in pages:
        shingles = prepare(page).shingles
        own_shingles[page.id] = shingles[~isin_sorted(shingles, template)]
    return own_shingles


def _differ_outside_template(
    a: Document,
    b: Document,
    own_shingles: Mapping[int, NDArray[np.uint64]],
    min_headline_similarity: float,
) -> bool:
    """Returns whether two pages differ in headline and in what is not of the template."""
    if not _are_unrelated(own_shingles[a.id], own_shingles[b.id]):
        return False
    return headline.similarity(a.title, b.title) < min_headline_similarity


def _are_unrelated(
    a: NDArray[np.uint64],
    b: NDArray[np.uint64],
) -> bool:
    small, large = sorted((a, b), key=len)
    if len(small) < MIN_DISTINCTIVE_SHINGLES:
        return False
    return int(np.count_nonzero(isin_sorted(small, large))) < _MIN_RELATED_CONTAINMENT * len(small)
