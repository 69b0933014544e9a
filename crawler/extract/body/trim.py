"""Selects the text's own blocks inside the body, and finds its captions and its lead."""

from collections.abc import Iterator
from itertools import islice, takewhile

from crawler.extract import element_names as hints
from crawler.extract.body.body import Body, is_prose, letters_only
from crawler.extract.body.boilerplate import (
    ends_with_photo_credit,
    is_boilerplate,
    is_date_line,
    is_machine_summary_heading,
    is_rights_line,
)
from crawler.extract.page.outline import Block, Outline, text_weight

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TEXT_TAGS = frozenset({"p", "li", "blockquote", "td", "dd", "dt", "pre", "q"}) | _HEADINGS
_MAX_LINK_SHARE = 0.6
_MAX_SENTENCE_LINK_SHARE = 0.95
_MIN_LEAD_WEIGHT = 40
_MAX_LEADS = 5
_MAX_FLAT_COPIES = 3
_MAX_HEAD_BLOCKS = 4
_MIN_COMPARED_WEIGHT = 60
_MAX_COMPARED_CHARS, _MAX_FLAT_CHARS = 600, 50_000


def select_text_blocks(page: Outline, body: Body, title: str) -> list[Block]:
    """Returns the blocks of the text in order, without boilerplate lines, headline and captions."""
    known = letters_only(title)
    kept = [block for block in _iter_text_blocks(body) if not _is_title_block(block, known)]
    kept = _remove_title_and_date(
        _remove_repeated_blocks(_remove_machine_summaries(page, kept, body)), known
    )
    kept = [cleaned for block in kept if (cleaned := _clean_block(block))]
    return _drop_stray_lines(page, _cut_at_rights_line(kept), body)


def find_captions(page: Outline, body: Body) -> tuple[str, ...]:
    """Returns the captions inside the body, each one once."""
    found = (
        block.text.replace("\n", " ")
        for block in body.blocks
        if block.weight > 20 and _is_in_caption(page, block, body)
    )
    return tuple(dict.fromkeys(found))


def find_lead_block(page: Outline, body: Body, title: str) -> Block | None:
    """Returns the lead (standfirst) above the body, if the body does not contain it; else None."""
    first = body.blocks[0] if body.blocks else None
    known = letters_only(title)
    above = takewhile(lambda block: block is not first, page.blocks)
    leads = list(islice((block for block in above if _is_lead_block(page, block)), _MAX_LEADS))
    inside = letters_only("".join(block.text for block in body.blocks)) if leads else ""
    for block in leads:
        plain = letters_only(block.text)
        if plain not in (known, "") and plain not in inside:
            return block
    return None


def _is_title_block(block: Block, known: str) -> bool:
    return len(block.text) <= 3 * len(known) + 20 and letters_only(block.text) == known


def _is_lead_block(page: Outline, block: Block) -> bool:
    if block.weight < _MIN_LEAD_WEIGHT or block.link_weight >= 0.3 * block.weight:
        return False
    above = [page.elements[index] for index in page.ancestors(block.element_index)]
    return any(hints.is_lead(element.names) for element in above[:2]) and not any(
        hints.is_clutter(element.tag, element.names) for element in above[:6]
    )


def _iter_text_blocks(body: Body) -> Iterator[Block]:
    for block in body.blocks:
        # A paragraph may be one long link if it is a sentence, unlike an entry of a menu.
        limit = (
            _MAX_SENTENCE_LINK_SHARE
            if _ends_like_sentence(block) and block.weight > _MIN_LEAD_WEIGHT
            else _MAX_LINK_SHARE
        )
        if block.link_weight > limit * block.weight or body.clutter_mask[block.element_index]:
            continue
        if not ends_with_photo_credit(block.text):
            yield block


def _path_to_body(page: Outline, block: Block, body: Body) -> list[int]:
    """Returns the elements that contain a block, from the inside, up to the body's element."""
    return list(
        takewhile(lambda index: index not in body.elements, page.ancestors(block.element_index))
    )


def _is_in_caption(page: Outline, block: Block, body: Body) -> bool:
    elements = (page.elements[index] for index in _path_to_body(page, block, body))
    return ends_with_photo_credit(block.text) or any(
        hints.is_caption(element.tag, element.names) for element in elements
    )


def _remove_machine_summaries(page: Outline, blocks: list[Block], body: Body) -> list[Block]:
    headings = [block for block in blocks if is_machine_summary_heading(block.text)]
    for heading in islice(headings, _MAX_LEADS):
        for box in islice(_path_to_body(page, heading, body), _MAX_LEADS):
            held = page.inside_mask((box,))
            outside = [block for block in blocks if not held[block.element_index]]
            if len(outside) < len(blocks) - 1:
                if sum(map(_block_weight, outside)) > 0.5 * sum(map(_block_weight, blocks)):
                    blocks = outside
                break
    return blocks


def _remove_repeated_blocks(blocks: list[Block]) -> list[Block]:
    """Removes repeated paragraphs, and a block that repeats the whole text without its layout."""
    seen: set[str] = set()
    kept = []
    for block in blocks:
        plain = (
            letters_only(block.text[:_MAX_COMPARED_CHARS])
            if block.weight >= _MIN_COMPARED_WEIGHT
            else ""
        )
        if plain not in seen:
            kept.append(block)
        if plain:
            seen.add(plain)
    for heavy in sorted(kept, key=_block_weight)[: -_MAX_FLAT_COPIES - 1 : -1]:
        whole = letters_only(heavy.text[:_MAX_FLAT_CHARS])
        within = [
            b
            for b in kept
            if b is not heavy
            and len(b.text) > 20
            and letters_only(b.text[:_MAX_FLAT_CHARS]) in whole
        ]
        if len(within) > 1 and sum(map(_block_weight, within)) > 0.7 * heavy.weight:
            kept.remove(heavy)
    return kept


def _remove_title_and_date(blocks: list[Block], known: str) -> list[Block]:
    """Removes the headline and date lines from the first blocks of a text."""
    kept = []
    for index, block in enumerate(blocks):
        if index < _MAX_HEAD_BLOCKS:
            lines = block.text.split("\n")
            rest = [
                line for line in lines if letters_only(line) != known and not is_date_line(line)
            ]
            if len(rest) < len(lines):
                text = "\n".join(rest)
                block = Block(
                    text, block.element_index, text_weight(text), block.link_weight, block.is_bold
                )
        if block.text:
            kept.append(block)
    return kept


def _block_weight(block: Block) -> int:
    return block.weight


def _clean_block(block: Block) -> Block | None:
    lines = block.text.split("\n")
    kept = [line for line in lines if not is_boilerplate(line)]
    if len(kept) == len(lines):
        return block
    text = "\n".join(kept)
    return (
        Block(text, block.element_index, text_weight(text), block.link_weight, block.is_bold)
        if text
        else None
    )


def _cut_at_rights_line(blocks: list[Block]) -> list[Block]:
    """Ends the text at a copyright notice, if most of the text is above it."""
    total = sum(map(_block_weight, blocks))
    seen = 0
    for index, block in enumerate(blocks):
        if seen > 0.6 * total and any(map(is_rights_line, block.text.split("\n"))):
            return blocks[:index]
        seen += block.weight
    return blocks


def _drop_stray_lines(page: Outline, blocks: list[Block], body: Body) -> list[Block]:
    """Removes short lines that are not paragraphs, and headings without text below them."""
    prose = [index for index, block in enumerate(blocks) if is_prose(block)]
    if not prose:
        return blocks
    kept: list[Block] = []
    for index, block in enumerate(blocks):
        tag = page.elements[block.element_index].tag
        inside = prose[0] < index < prose[-1]
        heads = inside or (index < prose[0] and block.weight >= _MIN_LEAD_WEIGHT and tag != "h1")
        if (
            is_prose(block)
            or (tag in _HEADINGS and heads)
            or (
                tag in _TEXT_TAGS
                and tag not in _HEADINGS
                and (inside or _ends_like_sentence(block))
            )
            or (block.element_index in body.elements and (inside or _ends_like_sentence(block)))
        ):
            kept.append(block)
    return kept


def _ends_like_sentence(block: Block) -> bool:
    return block.text.rstrip("\"'”’」』)）").endswith((".", "!", "?", "。", "！", "？", "…", "다"))
