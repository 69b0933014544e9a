"""Selects the text's own blocks inside the body, and finds its captions and its lead."""

from collections.abc import Iterator
from itertools import islice, takewhile

from crawler.extract import element_names
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


def select_text_blocks(outline: Outline, body: Body, title: str) -> list[Block]:
    """Returns the blocks of the text in order, without boilerplate lines, headline and captions."""
    title_letters = letters_only(title)
    blocks = [
        block for block in _iter_text_blocks(body) if not _is_title_block(block, title_letters)
    ]
    blocks = _remove_title_and_date(
        _remove_repeated_blocks(_remove_machine_summaries(outline, blocks, body)), title_letters
    )
    blocks = [cleaned for block in blocks if (cleaned := _clean_block(block))]
    return _drop_stray_lines(outline, _cut_at_rights_line(blocks), body)


def find_captions(outline: Outline, body: Body) -> tuple[str, ...]:
    """Returns the captions inside the body, each one once."""
    captions = (
        block.text.replace("\n", " ")
        for block in body.blocks
        if block.weight > 20 and _is_in_caption(outline, block, body)
    )
    return tuple(dict.fromkeys(captions))


def find_lead_block(outline: Outline, body: Body, title: str) -> Block | None:
    """Returns the lead (standfirst) above the body, if the body does not contain it; else None."""
    first_body_block = body.blocks[0] if body.blocks else None
    title_letters = letters_only(title)
    blocks_above = takewhile(lambda block: block is not first_body_block, outline.blocks)
    candidates = list(
        islice((block for block in blocks_above if _is_lead_block(outline, block)), _MAX_LEADS)
    )
    body_letters = letters_only("".join(block.text for block in body.blocks)) if candidates else ""
    for block in candidates:
        letters = letters_only(block.text)
        if letters not in (title_letters, "") and letters not in body_letters:
            return block
    return None


def _is_title_block(block: Block, title_letters: str) -> bool:
    return (
        len(block.text) <= 3 * len(title_letters) + 20 and letters_only(block.text) == title_letters
    )


def _is_lead_block(outline: Outline, block: Block) -> bool:
    if block.weight < _MIN_LEAD_WEIGHT or block.link_weight >= 0.3 * block.weight:
        return False
    ancestors = [outline.elements[index] for index in outline.ancestors(block.element_index)]
    return any(element_names.is_lead(element.names) for element in ancestors[:2]) and not any(
        element_names.is_clutter(element.tag, element.names) for element in ancestors[:6]
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


def _path_to_body(outline: Outline, block: Block, body: Body) -> list[int]:
    """Returns the elements that contain a block, from the inside, up to the body's element."""
    return list(
        takewhile(lambda index: index not in body.elements, outline.ancestors(block.element_index))
    )


def _is_in_caption(outline: Outline, block: Block, body: Body) -> bool:
    elements = (outline.elements[index] for index in _path_to_body(outline, block, body))
    return ends_with_photo_credit(block.text) or any(
        element_names.is_caption(element.tag, element.names) for element in elements
    )


def _remove_machine_summaries(outline: Outline, blocks: list[Block], body: Body) -> list[Block]:
    headings = [block for block in blocks if is_machine_summary_heading(block.text)]
    for heading in islice(headings, _MAX_LEADS):
        for element in islice(_path_to_body(outline, heading, body), _MAX_LEADS):
            inside = outline.inside_mask((element,))
            outside = [block for block in blocks if not inside[block.element_index]]
            if len(outside) < len(blocks) - 1:
                if sum(map(_block_weight, outside)) > 0.5 * sum(map(_block_weight, blocks)):
                    blocks = outside
                break
    return blocks


def _remove_repeated_blocks(blocks: list[Block]) -> list[Block]:
    """Removes repeated paragraphs, and a block that repeats the whole text without its layout."""
    seen_letters: set[str] = set()
    kept_blocks = []
    for block in blocks:
        letters = (
            letters_only(block.text[:_MAX_COMPARED_CHARS])
            if block.weight >= _MIN_COMPARED_WEIGHT
            else ""
        )
        if letters not in seen_letters:
            kept_blocks.append(block)
        if letters:
            seen_letters.add(letters)
    for long_block in sorted(kept_blocks, key=_block_weight)[: -_MAX_FLAT_COPIES - 1 : -1]:
        long_letters = letters_only(long_block.text[:_MAX_FLAT_CHARS])
        copies = [
            each
            for each in kept_blocks
            if each is not long_block
            and len(each.text) > 20
            and letters_only(each.text[:_MAX_FLAT_CHARS]) in long_letters
        ]
        if len(copies) > 1 and sum(map(_block_weight, copies)) > 0.7 * long_block.weight:
            kept_blocks.remove(long_block)
    return kept_blocks


def _remove_title_and_date(blocks: list[Block], title_letters: str) -> list[Block]:
    """Removes the headline and date lines from the first blocks of a text."""
    kept_blocks = []
    for index, block in enumerate(blocks):
        if index < _MAX_HEAD_BLOCKS:
            lines = block.text.split("\n")
            other_lines = [
                line
                for line in lines
                if letters_only(line) != title_letters and not is_date_line(line)
            ]
            if len(other_lines) < len(lines):
                text = "\n".join(other_lines)
                block = Block(
                    text, block.element_index, text_weight(text), block.link_weight, block.is_bold
                )
        if block.text:
            kept_blocks.append(block)
    return kept_blocks


def _block_weight(block: Block) -> int:
    return block.weight


def _clean_block(block: Block) -> Block | None:
    lines = block.text.split("\n")
    kept_lines = [line for line in lines if not is_boilerplate(line)]
    if len(kept_lines) == len(lines):
        return block
    text = "\n".join(kept_lines)
    return (
        Block(text, block.element_index, text_weight(text), block.link_weight, block.is_bold)
        if text
        else None
    )


def _cut_at_rights_line(blocks: list[Block]) -> list[Block]:
    """Ends the text at a copyright notice, if most of the text is above it."""
    total = sum(map(_block_weight, blocks))
    weight_above = 0
    for index, block in enumerate(blocks):
        if weight_above > 0.6 * total and any(map(is_rights_line, block.text.split("\n"))):
            return blocks[:index]
        weight_above += block.weight
    return blocks


def _drop_stray_lines(outline: Outline, blocks: list[Block], body: Body) -> list[Block]:
    """Removes short lines that are not paragraphs, and headings without text below them."""
    prose = [index for index, block in enumerate(blocks) if is_prose(block)]
    if not prose:
        return blocks
    kept_blocks: list[Block] = []
    for index, block in enumerate(blocks):
        tag = outline.elements[block.element_index].tag
        is_between = prose[0] < index < prose[-1]
        heads_text = is_between or (
            index < prose[0] and block.weight >= _MIN_LEAD_WEIGHT and tag != "h1"
        )
        if (
            is_prose(block)
            or (tag in _HEADINGS and heads_text)
            or (
                tag in _TEXT_TAGS
                and tag not in _HEADINGS
                and (is_between or _ends_like_sentence(block))
            )
            or (block.element_index in body.elements and (is_between or _ends_like_sentence(block)))
        ):
            kept_blocks.append(block)
    return kept_blocks


def _ends_like_sentence(block: Block) -> bool:
    return block.text.rstrip("\"'”’」』)）").endswith((".", "!", "?", "。", "！", "？", "…", "다"))
