"""Finds what a page holds besides its article: rows of teasers, comments, further articles.

A teaser is one of several elements of the same kind, each with a linked headline. A further
article has a heading like the page's own headline, inside elements of the same kind.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from crawler.extract import element_names
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
    outline: Outline, prose_weights: Sequence[int], confirmed: Sequence[bool], *, has_headline: bool
) -> set[int]:
    """Returns the elements with teasers, readers' comments or requests for consent.

    `prose_weights`: the prose directly in each element. `confirmed`: whether each element is known
    to belong to the article. `has_headline`: whether the page prints the headline. Returns an
    empty set if these elements hold most of the prose and little is left: then they are the
    text, as on a list of articles or in a round-up.
    """
    ends, prose_sums, confirmed_sums = (
        _descendant_ends(outline),
        [0, *accumulate(prose_weights)],
        [0, *accumulate(confirmed)],
    )
    found = {
        index
        for index, element in enumerate(outline.elements)
        if element_names.is_comments_or_consent(element.names)
        and confirmed_sums[ends[index]] == confirmed_sums[index]
    }
    for row in _iter_teaser_rows(outline, _elements_with_linked_headline(outline)):
        is_confirmed = any(confirmed_sums[ends[index]] - confirmed_sums[index] for index in row)
        if (
            not is_confirmed
            and max(prose_sums[ends[index]] - prose_sums[index] for index in row)
            <= _MAX_TEASER_WEIGHT
        ):
            found.update(row)
    in_found = outline.inside_mask(found)
    removed_weight = sum(
        prose_weights[index] for index in range(len(prose_weights)) if in_found[index]
    )
    rest_weight = prose_sums[-1] - removed_weight
    leaves_enough = (
        confirmed_sums[-1]
        or removed_weight < _MAX_REMOVED_SHARE * prose_sums[-1]
        or (has_headline and rest_weight >= _MIN_TEXT_WEIGHT)
    )
    return found if leaves_enough else set()


def find_teaser_elements(outline: Outline) -> set[int]:
    """Returns the elements of all rows in which nearly every element has a linked headline."""
    return {
        index
        for row in _iter_teaser_rows(outline, _elements_with_linked_headline(outline))
        for index in row
    }


def find_further_articles(outline: Outline, headline_elements: Sequence[int]) -> set[int]:
    """Returns the elements that hold whole other articles.

    `headline_elements`: the elements that hold the page's own headline.
    """
    found: set[int] = set()
    headings = set(headline_elements)
    for heading in headline_elements[:_MAX_HEADINGS]:
        element = outline.elements[heading]
        if element.tag not in _HEADINGS or element.parent < 0:
            continue
        kinds = [_element_kind(outline, index) for index in _nearest_ancestors(outline, heading)]
        ancestors = set(outline.ancestors(heading))
        for index, other_element in enumerate(outline.elements):
            if (
                other_element.tag != element.tag
                or index in headings
                or other_element.parent in (-1, element.parent)
            ):
                continue
            if kinds == [
                _element_kind(outline, ancestor) for ancestor in _nearest_ancestors(outline, index)
            ]:
                found.add(_highest_ancestor_outside(outline, index, ancestors))
    in_found = outline.inside_mask(found)
    return set() if any(in_found[heading] for heading in headline_elements) else found


def _iter_teaser_rows(outline: Outline, headed: set[int]) -> Iterator[list[int]]:
    """Yields rows: siblings of one kind, of which nearly all have a linked headline."""
    rows: dict[tuple[int, str, str], list[int]] = {}
    parents = {outline.elements[index].parent for index in headed}
    for index, element in enumerate(outline.elements):
        if element.parent in parents:
            rows.setdefault((element.parent, element.tag, element.names), []).append(index)
    for row in rows.values():
        if len(row) >= _MIN_ROW_ELEMENTS and len(
            headed.intersection(row)
        ) >= _MIN_HEADED_SHARE * len(row):
            yield row


def _elements_with_linked_headline(outline: Outline) -> set[int]:
    """Returns the elements that contain a linked headline, up to `_MAX_LEVELS` levels above it."""
    found: set[int] = set()
    for block in outline.blocks:
        if is_linked_headline(block):
            for level, index in enumerate(outline.ancestors(block.element_index)):
                if level == _MAX_LEVELS:
                    break
                found.add(index)
    return found


def _descendant_ends(outline: Outline) -> list[int]:
    """Returns for each element the index after its last descendant."""
    ends = [index + 1 for index in range(len(outline.elements))]
    for index in range(len(ends) - 1, 0, -1):
        parent = outline.elements[index].parent
        if parent >= 0:
            ends[parent] = max(ends[parent], ends[index])
    return ends


def _nearest_ancestors(outline: Outline, index: int) -> list[int]:
    return [ancestor for _, ancestor in zip(range(2), outline.ancestors(index), strict=False)]


def _element_kind(outline: Outline, index: int) -> tuple[str, str]:
    element = outline.elements[index]
    return element.tag, element.names


def _highest_ancestor_outside(outline: Outline, index: int, path: set[int]) -> int:
    """Returns the highest ancestor of an element, or itself, below the first one in `path`."""
    root = index
    for ancestor in outline.ancestors(index):
        if ancestor in path:
            break
        root = ancestor
    return root
