"""Finds boxes of text that are named like clutter.

Names such as `card-body`, `series-part` or `widget` say little where what stands in the boxes is
plain: several boxes of one kind that hold much of a page's prose and few links are the text, and so
is a paragraph that other paragraphs follow.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from crawler.extract import element_names
from crawler.extract.body.sentences import ends_like_sentence
from crawler.extract.page.outline import Outline

_PICTURES = "img, picture, video, figure"
_MIN_PARAGRAPHS = 2
_MIN_SHARE_OF_PROSE, _MAIN_SHARE_OF_PROSE = 0.3, 0.5
_MAX_LINK_SHARE = 0.2
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_LINE_TAGS = _HEADINGS | {"p"}


def find_text_boxes(
    outline: Outline, prose_weights: Sequence[int], excluded: Sequence[bool]
) -> set[int]:
    """Returns the elements that hold text although they are named like clutter.

    `prose_weights`: the prose directly in each element. `excluded`: whether each element is known
    to be no part of the article.
    """
    sums = _Sums(outline, prose_weights)
    named = [
        index
        for index, element in enumerate(outline.elements)
        if element.names
        and (sums.prose[sums.ends[index]] > sums.prose[index] or element.tag in _LINE_TAGS)
        and not excluded[index]
        and not element_names.is_aside_tag(element.tag)
        and (
            element_names.is_clutter(element.tag, element.names)
            or element_names.is_caption(element.tag, element.names)
        )
    ]
    total = sum(
        weight for weight, skipped in zip(prose_weights, excluded, strict=True) if not skipped
    )
    return _boxes_of_one_kind(outline, sums, named, total) | _lines_of_text(
        outline, prose_weights, named
    )


class _Sums:
    """Running sums over all elements, to weigh what stands in one element without walking it."""

    def __init__(self, outline: Outline, prose_weights: Sequence[int]) -> None:
        links, weights = [0] * len(prose_weights), [0] * len(prose_weights)
        for block in outline.blocks:
            links[block.element_index] += block.link_weight
            weights[block.element_index] += block.weight
        self.ends = outline.descendant_ends()
        self.prose, self.links, self.weights, self.paragraphs = (
            [0, *accumulate(own)]
            for own in (prose_weights, links, weights, map(bool, prose_weights))
        )

    def of(self, sums: Sequence[int], *elements: int) -> int:
        """Returns how much of one of the sums stands in some elements, which do not overlap."""
        return sum(sums[self.ends[index]] - sums[index] for index in elements)

    def outermost(self, elements: Sequence[int]) -> Iterator[int]:
        """Yields those of some elements, in the order of the page, that stand in no other."""
        end = 0
        for index in elements:
            if index >= end:
                end = self.ends[index]
                yield index


def _boxes_of_one_kind(outline: Outline, sums: _Sums, named: Sequence[int], total: int) -> set[int]:
    """Returns boxes with one word of clutter that together hold much prose and few links.

    A single box must hold several paragraphs and no link, and stand beside other prose. A box
    of the kind of one with most of the prose, and beside it, needs few links only. Boxes with
    pictures hold captions.
    """
    kinds: dict[frozenset[str], list[int]] = {}
    main_places = set()
    for index in named:
        element, prose = outline.elements[index], sums.of(sums.prose, index)
        if prose >= _MAIN_SHARE_OF_PROSE * total:
            main_places.add(_place(outline, index))
        elif prose and element.tag not in _HEADINGS:
            kinds.setdefault(element_names.aside_words(element.names), []).append(index)
    found: set[int] = set()
    for boxes in kinds.values():
        if not _are_text(outline, sums, boxes, total):
            boxes = [each for each in boxes if _place(outline, each) in main_places]
            if not _have_few_links(sums, boxes):
                continue
        found.update(index for index in boxes if not _is_picture(outline, index))
    return found


def _place(outline: Outline, index: int) -> tuple[str, int, str]:
    """Returns what boxes that belong together share, with a box around each or without."""
    element = outline.elements[index]
    parent = outline.elements[max(element.parent, 0)]
    return element_names.kind_of(element.names), parent.parent, parent.names


def _are_text(outline: Outline, sums: _Sums, boxes: Sequence[int], total: int) -> bool:
    outer = list(sums.outermost(boxes))
    prose = sums.of(sums.prose, *outer)
    if prose < _MIN_SHARE_OF_PROSE * total:
        return False
    if len(outer) > 1:
        return _have_few_links(sums, outer)
    parent = outline.elements[outer[0]].parent
    return (
        not sums.of(sums.links, *outer)
        and sums.of(sums.paragraphs, *outer) >= _MIN_PARAGRAPHS
        and sums.of(sums.prose, max(parent, 0)) > prose
    )


def _have_few_links(sums: _Sums, boxes: Sequence[int]) -> bool:
    return sums.of(sums.links, *boxes) <= _MAX_LINK_SHARE * sums.of(sums.weights, *boxes)


def _is_picture(outline: Outline, index: int) -> bool:
    element = outline.elements[index]
    return (
        element_names.is_caption(element.tag, element.names)
        and element.node.css_first(_PICTURES) is not None
    )


def _lines_of_text(
    outline: Outline, prose_weights: Sequence[int], named: Sequence[int]
) -> set[int]:
    """Returns paragraphs and headings that stand above a paragraph of prose, as its siblings.

    A paragraph must end like a sentence; a heading must stand right above the prose.
    """
    lines = {index for index in named if outline.elements[index].tag in _LINE_TAGS}
    if not lines:
        return lines
    last_of_parent = {
        element.parent: index
        for index, element in enumerate(outline.elements)
        if element.tag == "p" and prose_weights[index] and index not in lines
    }
    found = set()
    for block, following in pairwise(outline.blocks):
        index = block.element_index
        if index not in lines or block.link_weight > _MAX_LINK_SHARE * block.weight:
            continue
        element, below = outline.elements[index], outline.elements[following.element_index]
        if element.tag == "p":
            is_text = (
                prose_weights[index] > 0
                and not element_names.is_caption("p", element.names)
                and ends_like_sentence(block.text)
                and last_of_parent.get(element.parent, -1) > index
            )
        else:
            is_text = (
                below.tag == "p"
                and below.parent == element.parent
                and prose_weights[following.element_index] > 0
            )
        if is_text:
            found.add(index)
    return found
