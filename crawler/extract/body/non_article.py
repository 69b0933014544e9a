"""Finds what a page holds besides its article: rows of teasers, comments, further articles.

A teaser is one of several elements of the same kind, each with a linked headline. A further
article has a heading like the page's own headline, inside elements of the same kind.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from crawler.extract import element_names as hints
from crawler.extract.page.outline import Block, Outline

_MIN_ROW_ELEMENTS = 3
_MIN_HEADED_SHARE = 0.8
_MAX_LEVELS = 5
_MAX_TEASER_WEIGHT = 600
_MIN_TEXT_WEIGHT = 300
_MAX_REMOVED_SHARE = 0.6
_MAX_HEADINGS = 2
_HEADINGS = frozenset({"h1", "h2", "h3"})


def is_linked_headline(block: Block) -> bool:
    """Returns whether a block has the length of a headline and is mostly a link."""
    return 20 <= block.weight <= 400 and block.link_weight >= 0.6 * block.weight


def find_non_article_elements(
    page: Outline, prose_weights: Sequence[int], confirmed: Sequence[bool], *, has_headline: bool
) -> set[int]:
    """Returns the elements with teasers, readers' comments or requests for consent.

    `prose_weights`: the prose directly in each element. `confirmed`: whether each element is known
    to belong to the article. `has_headline`: whether the page prints the headline. Returns an
    empty set if these elements hold most of the prose and little is left: then they are the
    text, as on a list of articles or in a round-up.
    """
    ends, sums, known = (
        _descendant_ends(page),
        [0, *accumulate(prose_weights)],
        [0, *accumulate(confirmed)],
    )
    found = {
        index
        for index, element in enumerate(page.elements)
        if hints.is_comments_or_consent(element.names) and known[ends[index]] == known[index]
    }
    for row in _iter_teaser_rows(page, _elements_with_linked_headline(page)):
        certain = any(known[ends[index]] - known[index] for index in row)
        if (
            not certain
            and max(sums[ends[index]] - sums[index] for index in row) <= _MAX_TEASER_WEIGHT
        ):
            found.update(row)
    held = page.inside_mask(found)
    inside = sum(prose_weights[index] for index in range(len(prose_weights)) if held[index])
    rest = sums[-1] - inside
    enough = (
        known[-1]
        or inside < _MAX_REMOVED_SHARE * sums[-1]
        or (has_headline and rest >= _MIN_TEXT_WEIGHT)
    )
    return found if enough else set()


def find_teaser_elements(page: Outline) -> set[int]:
    """Returns the elements of all rows in which nearly every element has a linked headline."""
    return {
        index
        for row in _iter_teaser_rows(page, _elements_with_linked_headline(page))
        for index in row
    }


def find_further_articles(page: Outline, own: Sequence[int]) -> set[int]:
    """Returns the elements that hold whole other articles. `own`: elements of the headline."""
    found: set[int] = set()
    headings = set(own)
    for heading in own[:_MAX_HEADINGS]:
        element = page.elements[heading]
        if element.tag not in _HEADINGS or element.parent < 0:
            continue
        kinds = [_element_kind(page, index) for index in _nearest_ancestors(page, heading)]
        path = set(page.ancestors(heading))
        for index, other in enumerate(page.elements):
            if (
                other.tag != element.tag
                or index in headings
                or other.parent in (-1, element.parent)
            ):
                continue
            if kinds == [_element_kind(page, above) for above in _nearest_ancestors(page, index)]:
                found.add(_highest_ancestor_outside(page, index, path))
    held = page.inside_mask(found)
    return set() if any(held[heading] for heading in own) else found


def _iter_teaser_rows(page: Outline, headed: set[int]) -> Iterator[list[int]]:
    """Yields rows: siblings of one kind, of which nearly all have a linked headline."""
    rows: dict[tuple[int, str, str], list[int]] = {}
    parents = {page.elements[index].parent for index in headed}
    for index, element in enumerate(page.elements):
        if element.parent in parents:
            rows.setdefault((element.parent, element.tag, element.names), []).append(index)
    for row in rows.values():
        if len(row) >= _MIN_ROW_ELEMENTS and len(
            headed.intersection(row)
        ) >= _MIN_HEADED_SHARE * len(row):
            yield row


def _elements_with_linked_headline(page: Outline) -> set[int]:
    """Returns the elements that contain a linked headline, up to `_MAX_LEVELS` levels above it."""
    found: set[int] = set()
    for block in page.blocks:
        if is_linked_headline(block):
            for level, index in enumerate(page.ancestors(block.element_index)):
                if level == _MAX_LEVELS:
                    break
                found.add(index)
    return found


def _descendant_ends(page: Outline) -> list[int]:
    """Returns for each element the index after its last descendant."""
    ends = [index + 1 for index in range(len(page.elements))]
    for index in range(len(ends) - 1, 0, -1):
        parent = page.elements[index].parent
        if parent >= 0:
            ends[parent] = max(ends[parent], ends[index])
    return ends


def _nearest_ancestors(page: Outline, index: int) -> list[int]:
    return [above for _, above in zip(range(2), page.ancestors(index), strict=False)]


def _element_kind(page: Outline, index: int) -> tuple[str, str]:
    element = page.elements[index]
    return element.tag, element.names


def _highest_ancestor_outside(page: Outline, index: int, path: set[int]) -> int:
    """Returns the highest ancestor of an element, or itself, below the first one in `path`."""
    root = index
    for above in page.ancestors(index):
        if above in path:
            break
        root = above
    return root
