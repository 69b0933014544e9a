"""Ends the body above the teasers of other articles, and finds headings of links.

Teasers below a text are pairs of a linked headline and a sentence or two, in elements of another
kind than the paragraphs of the text.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from crawler.extract.body.body import Body, is_prose
from crawler.extract.body.sentences import ends_like_sentence
from crawler.extract.page.outline import Block, Outline

_MIN_TEASERS = 3
_MIN_HEADLINE_WEIGHT = 12
_MAX_HEADING_WEIGHT = 40
_MIN_LINK_SHARE = 0.6
_MIN_TEXT_WEIGHT = 300


def without_teasers(outline: Outline, body: Body) -> Body:
    """Returns the body without a run of teasers at its end."""
    start = _find_teaser_run(outline, body)
    return replace(body, blocks=body.blocks[:start]) if start < len(body.blocks) else body


def find_link_headings(blocks: Sequence[Block]) -> list[Block]:
    """Returns the short lines that a link follows at once, such as "See also"."""
    return [
        block
        for block, follower in pairwise(blocks)
        if block.weight <= _MAX_HEADING_WEIGHT
        and not ends_like_sentence(block.text)
        and _is_link(follower)
    ]


def _is_link(block: Block) -> bool:
    return (
        block.weight >= _MIN_HEADLINE_WEIGHT and block.link_weight >= _MIN_LINK_SHARE * block.weight
    )


def _find_teaser_run(outline: Outline, body: Body) -> int:
    """Returns the position of the first teaser of the run that ends the body, or the body's end."""
    blocks = body.blocks
    heads: list[int] = []
    kinds: set[tuple[str, str]] = set()
    summary: Block | None = None
    for position in range(len(blocks) - 1, -1, -1):
        block = blocks[position]
        if is_prose(block):
            if summary is not None:
                break
            summary = block
        elif summary is not None and _is_link(block):
            heads.append(position)
            kinds.add(outline.elements[summary.element_index].kind)
            summary = None
    if len(heads) < _MIN_TEASERS:
        return len(blocks)
    start = heads[-1]
    weights: Counter[tuple[str, str]] = Counter()
    for block in blocks[:start]:
        if is_prose(block):
            weights[outline.elements[block.element_index].kind] += block.weight
    if weights.total() < _MIN_TEXT_WEIGHT or weights.most_common(1)[0][0] in kinds:
        return len(blocks)
    return start
