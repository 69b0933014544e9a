"""What a page holds besides its article: rows of teasers, comments, further articles below.

A teaser is one of several elements of the same kind, each with a headline that is a link; a further
article has a heading of the same kind as the page's own headline, in an element of the same kind.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate

from crawler.extract import hints
from crawler.extract.page.outline import Block, Outline

_FEWEST = 3
_MOST_HEADED = 0.8
_LEVELS = 5
_TEASER = 600
_TEXT = 300
_SHARE = 0.6
_MOST_HEADINGS = 2
_HEADINGS = frozenset({"h1", "h2", "h3"})


def is_linked_headline(block: Block) -> bool:
    return 20 <= block.weight <= 400 and block.links >= 0.6 * block.weight


def besides(page: Outline, good: Sequence[int], sure: Sequence[bool], *, titled: bool) -> set[int]:
    """Give the elements that are teasers of other articles, readers' comments or ask for consent.

    `good`: how much prose each element holds itself; `sure`: whether it is known to be the article's;
    `titled`: whether the headline is printed. Those that hold most of a page's prose are its text,
    if there is nothing else: a list of articles, a round-up.
    """
    ends, sums, known = _ends(page), [0, *accumulate(good)], [0, *accumulate(sure)]
    found = {
        index
        for index, element in enumerate(page.elements)
        if hints.is_foreign(element.names) and known[ends[index]] == known[index]
    }
    for row in _rows(page, _headed(page)):
        certain = any(known[ends[index]] - known[index] for index in row)
        if not certain and max(sums[ends[index]] - sums[index] for index in row) <= _TEASER:
            found.update(row)
    held = page.inside(found)
    inside = sum(good[index] for index in range(len(good)) if held[index])
    rest = sums[-1] - inside
    enough = known[-1] or inside < _SHARE * sums[-1] or (titled and rest >= _TEXT)
    return found if enough else set()


def teaser_rows(page: Outline) -> set[int]:
    """Give all elements of rows of which nearly each has a linked headline."""
    return {index for row in _rows(page, _headed(page)) for index in row}


def further_articles(page: Outline, own: Sequence[int]) -> set[int]:
    """Give the elements that hold other articles in full. `own`: elements that are the headline."""
    found: set[int] = set()
    headings = set(own)
    for heading in own[:_MOST_HEADINGS]:
        element = page.elements[heading]
        if element.tag not in _HEADINGS or element.parent < 0:
            continue
        kinds = [_kind(page, index) for index in _above(page, heading)]
        path = set(page.ancestors(heading))
        for index, other in enumerate(page.elements):
            if (
                other.tag != element.tag
                or index in headings
                or other.parent in (-1, element.parent)
            ):
                continue
            if kinds == [_kind(page, above) for above in _above(page, index)]:
                found.add(_root_apart(page, index, path))
    held = page.inside(found)
    return set() if any(held[heading] for heading in own) else found


def _rows(page: Outline, headed: set[int]) -> Iterator[list[int]]:
    """Elements of one kind in one element, of which nearly all have a linked headline."""
    rows: dict[tuple[int, str, str], list[int]] = {}
    parents = {page.elements[index].parent for index in headed}
    for index, element in enumerate(page.elements):
        if element.parent in parents:
            rows.setdefault((element.parent, element.tag, element.names), []).append(index)
    for row in rows.values():
        if len(row) >= _FEWEST and len(headed.intersection(row)) >= _MOST_HEADED * len(row):
            yield row


def _headed(page: Outline) -> set[int]:
    """Elements that a linked headline lies in, some levels up."""
    found: set[int] = set()
    for block in page.blocks:
        if is_linked_headline(block):
            for level, index in enumerate(page.ancestors(block.element)):
                if level == _LEVELS:
                    break
                found.add(index)
    return found


def _ends(page: Outline) -> list[int]:
    """Give for each element the index behind its last descendant."""
    ends = [index + 1 for index in range(len(page.elements))]
    for index in range(len(ends) - 1, 0, -1):
        parent = page.elements[index].parent
        if parent >= 0:
            ends[parent] = max(ends[parent], ends[index])
    return ends


def _above(page: Outline, index: int) -> list[int]:
    return [above for _, above in zip(range(2), page.ancestors(index), strict=False)]


def _kind(page: Outline, index: int) -> tuple[str, str]:
    element = page.elements[index]
    return element.tag, element.names


def _root_apart(page: Outline, index: int, path: set[int]) -> int:
    """Give the highest element that holds one element and none of a path."""
    root = index
    for above in page.ancestors(index):
        if above in path:
            break
        root = above
    return root
