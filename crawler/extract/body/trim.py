"""From the place where a text is to the text: what else stands there is left out."""

from collections.abc import Iterator
from itertools import islice, takewhile

from crawler.extract import hints
from crawler.extract.body.body import Body, is_prose, letters
from crawler.extract.body.boilerplate import (
    heads_machine_summary,
    is_boilerplate,
    is_credited,
    is_rights_line,
    is_stamp,
)
from crawler.extract.page.outline import Block, Outline, weight

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TEXT_TAGS = frozenset({"p", "li", "blockquote", "td", "dd", "dt", "pre", "q"}) | _HEADINGS
_MOSTLY_LINKS = 0.6
_ALL_LINKS = 0.95
_LEAD = 40
_MOST_LEADS = 5
_MOST_COPIES = 3
_MOST_HEADS = 4
_LONG = 60
_COMPARED, _FLAT = 600, 50_000


def text_blocks(page: Outline, body: Body, title: str) -> list[Block]:
    """Give the blocks of the text itself, their lines cleaned, in order."""
    known = letters(title)
    kept = [block for block in _candidates(body) if not _is_same(block, known)]
    kept = _without_head(_without_copies(_without_summaries(page, kept, body)), known)
    kept = [cleaned for block in kept if (cleaned := _cleaned(block))]
    return _between_prose(page, _before_rights(kept), body)


def captions(page: Outline, body: Body) -> tuple[str, ...]:
    """Give the captions that stand in the text."""
    found = (
        block.text.replace("\n", " ")
        for block in body.blocks
        if block.weight > 20 and _in_caption(page, block, body)
    )
    return tuple(dict.fromkeys(found))


def lead_block(page: Outline, body: Body, title: str) -> Block | None:
    """Give the standfirst that stands between headline and text, outside the text's element."""
    first = body.blocks[0] if body.blocks else None
    known = letters(title)
    above = takewhile(lambda block: block is not first, page.blocks)
    leads = list(islice((block for block in above if _is_lead(page, block)), _MOST_LEADS))
    inside = letters("".join(block.text for block in body.blocks)) if leads else ""
    for block in leads:
        plain = letters(block.text)
        if plain not in (known, "") and plain not in inside:
            return block
    return None


def _is_same(block: Block, known: str) -> bool:
    return len(block.text) <= 3 * len(known) + 20 and letters(block.text) == known


def _is_lead(page: Outline, block: Block) -> bool:
    if block.weight < _LEAD or block.links >= 0.3 * block.weight:
        return False
    above = [page.elements[index] for index in page.ancestors(block.element)]
    return any(hints.is_lead(element.names) for element in above[:2]) and not any(
        hints.is_clutter(element.tag, element.names) for element in above[:6]
    )


def _candidates(body: Body) -> Iterator[Block]:
    for block in body.blocks:
        # A paragraph may be one long link, if it is a sentence; a menu's entry is none.
        limit = _ALL_LINKS if _is_sentence(block) and block.weight > _LEAD else _MOSTLY_LINKS
        if block.links > limit * block.weight or body.dropped[block.element]:
            continue
        if not is_credited(block.text):
            yield block


def _path(page: Outline, block: Block, body: Body) -> list[int]:
    """Give the elements that hold a block, below the one that holds the text."""
    return list(takewhile(lambda index: index not in body.elements, page.ancestors(block.element)))


def _in_caption(page: Outline, block: Block, body: Body) -> bool:
    elements = (page.elements[index] for index in _path(page, block, body))
    return is_credited(block.text) or any(
        hints.is_caption(element.tag, element.names) for element in elements
    )


def _without_summaries(page: Outline, blocks: list[Block], body: Body) -> list[Block]:
    headings = [block for block in blocks if heads_machine_summary(block.text)]
    for heading in islice(headings, _MOST_LEADS):
        for box in islice(_path(page, heading, body), _MOST_LEADS):
            held = page.inside((box,))
            outside = [block for block in blocks if not held[block.element]]
            if len(outside) < len(blocks) - 1:
                if sum(map(_weight, outside)) > 0.5 * sum(map(_weight, blocks)):
                    blocks = outside
                break
    return blocks


def _without_copies(blocks: list[Block]) -> list[Block]:
    """Leave out paragraphs that come again, and a flattened copy of the text in one block."""
    seen: set[str] = set()
    kept = []
    for block in blocks:
        plain = letters(block.text[:_COMPARED]) if block.weight >= _LONG else ""
        if plain not in seen:
            kept.append(block)
        if plain:
            seen.add(plain)
    for heavy in sorted(kept, key=_weight)[: -_MOST_COPIES - 1 : -1]:
        whole = letters(heavy.text[:_FLAT])
        within = [
            b
            for b in kept
            if b is not heavy and len(b.text) > 20 and letters(b.text[:_FLAT]) in whole
        ]
        if len(within) > 1 and sum(map(_weight, within)) > 0.7 * heavy.weight:
            kept.remove(heavy)
    return kept


def _without_head(blocks: list[Block], known: str) -> list[Block]:
    """Take headline and date out of the lines that open a text."""
    kept = []
    for index, block in enumerate(blocks):
        if index < _MOST_HEADS:
            lines = block.text.split("\n")
            rest = [line for line in lines if letters(line) != known and not is_stamp(line)]
            if len(rest) < len(lines):
                text = "\n".join(rest)
                block = Block(text, block.element, weight(text), block.links, block.bold)
        if block.text:
            kept.append(block)
    return kept


def _weight(block: Block) -> int:
    return block.weight


def _cleaned(block: Block) -> Block | None:
    lines = block.text.split("\n")
    kept = [line for line in lines if not is_boilerplate(line)]
    if len(kept) == len(lines):
        return block
    text = "\n".join(kept)
    return Block(text, block.element, weight(text), block.links, block.bold) if text else None


def _before_rights(blocks: list[Block]) -> list[Block]:
    """End at a claim of rights, if most of the text stands above it."""
    total = sum(map(_weight, blocks))
    seen = 0
    for index, block in enumerate(blocks):
        if seen > 0.6 * total and any(map(is_rights_line, block.text.split("\n"))):
            return blocks[:index]
        seen += block.weight
    return blocks


def _between_prose(page: Outline, blocks: list[Block], body: Body) -> list[Block]:
    """Leave out short lines that are no paragraphs, and headings that head nothing."""
    prose = [index for index, block in enumerate(blocks) if is_prose(block)]
    if not prose:
        return blocks
    kept: list[Block] = []
    for index, block in enumerate(blocks):
        tag = page.elements[block.element].tag
        inside = prose[0] < index < prose[-1]
        heads = inside or (index < prose[0] and block.weight >= _LEAD and tag != "h1")
        if (
            is_prose(block)
            or (tag in _HEADINGS and heads)
            or (tag in _TEXT_TAGS and tag not in _HEADINGS and (inside or _is_sentence(block)))
            or (block.element in body.elements and (inside or _is_sentence(block)))
        ):
            kept.append(block)
    return kept


def _is_sentence(block: Block) -> bool:
    return block.text.rstrip("\"'”’」』)）").endswith((".", "!", "?", "。", "！", "？", "…", "다"))
