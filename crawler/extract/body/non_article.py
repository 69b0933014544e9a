"""Finds what a page holds besides its article: rows of teasers, comments, further articles.

A teaser is one of several elements of the same kind, each with a linked headline. A further
article has a heading like the page's own headline, inside elements of the same kind.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice

from crawler.extract import element_names
from crawler.extract.page.outline import Block, Outline

_MIN_ROW_ELEMENTS = 3
_MIN_HEADED_SHARE = 0.8
_MAX_LEVELS = 5
_MAX_TEASER_WEIGHT = 600
_MIN_TEXT_WEIGHT = 300
_MAX_REMOVED_SHARE = 0.6
_MAX_HEADINGS = 2
_MIN_HEADLINE_WEIGHT, _MIN_OPENING_LINK_WEIGHT = 10, 20
_MIN_PARAGRAPH_WEIGHT = 60
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
        outline.descendant_ends(),
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
    found.update(
        index
        for index in _lists_of_headed_paragraphs(outline, ends)
        if confirmed_sums[ends[index]] == confirmed_sums[index]
    )
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


def _lists_of_headed_paragraphs(outline: Outline, ends: Sequence[int]) -> Iterator[int]:
    """Yields elements in which each paragraph has a linked headline, above it or at its start."""
    headed, unheaded = [0] * len(ends), [0] * len(ends)
    is_headed = False
    for block in outline.blocks:
        if block.weight >= _MIN_HEADLINE_WEIGHT and block.link_weight >= 0.7 * block.weight:
            is_headed = True
        elif block.weight >= _MIN_PARAGRAPH_WEIGHT:
            has_headline = is_headed or block.opening_link_weight >= _MIN_OPENING_LINK_WEIGHT
            is_teaser = has_headline and block.weight <= _MAX_TEASER_WEIGHT
            (headed if is_teaser else unheaded)[block.element_index] += 1
            is_headed = False
    headed_sums, unheaded_sums = [0, *accumulate(headed)], [0, *accumulate(unheaded)]
    for index, end in enumerate(ends):
        if (
            headed_sums[end] - headed_sums[index] >= _MIN_ROW_ELEMENTS
            and unheaded_sums[end] == unheaded_sums[index]
        ):
            yield index


def find_teaser_elements(outline: Outline) -> set[int]:
    """Returns the elements of all rows in which nearly every element has a linked headline.

    An element with much more text of its own than a teaser is none; smaller rows may be in it.
    """
    prose = [0] * len(outline.elements)
    for block in outline.blocks:
        if block.weight >= _MIN_PARAGRAPH_WEIGHT and 2 * block.link_weight < block.weight:
            prose[block.element_index] += block.weight
    sums, ends = [0, *accumulate(prose)], outline.descendant_ends()
    return {
        index
        for row in _iter_teaser_rows(outline, _elements_with_linked_headline(outline))
        for index in row
        if sums[ends[index]] - sums[index] <= _MAX_TEASER_WEIGHT
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
        kinds = _kinds_above(outline, heading)
        ancestors = set(outline.ancestors(heading))
        for index, other_element in enumerate(outline.elements):
            if (
                other_element.tag != element.tag
                or index in headings
                or other_element.parent in (-1, element.parent)
            ):
                continue
            if kinds == _kinds_above(outline, index):
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
            found.update(islice(outline.ancestors(block.element_index), _MAX_LEVELS))
    return found


def _kinds_above(outline: Outline, index: int) -> list[tuple[str, str]]:
    """Returns the kinds of the nearest two of `ancestors`, the element itself first."""
    return [outline.elements[ancestor].kind for ancestor in islice(outline.ancestors(index), 2)]


def _highest_ancestor_outside(outline: Outline, index: int, path: set[int]) -> int:
    """Returns the highest ancestor of an element, or itself, below the first one in `path`."""
    root = index
    for ancestor in outline.ancestors(index):
        if ancestor in path:
            break
        root = ancestor
    return root
