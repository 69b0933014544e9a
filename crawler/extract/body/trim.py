"""Selects the text's own blocks inside the body, and finds its captions and its lead."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, takewhile

from crawler.extract import element_names
from crawler.extract.body.body import Body, is_prose, letters_only
from crawler.extract.body.boilerplate import (
    ends_with_photo_credit,
    is_boilerplate,
    is_credit_line,
    is_date_line,
    is_machine_summary_heading,
)
from crawler.extract.body.closing import find_closing_blocks
from crawler.extract.body.house_lines import is_house_line
from crawler.extract.body.sentences import ends_like_sentence
from crawler.extract.body.tables import is_in_clutter
from crawler.extract.body.teasers import find_link_headings, without_teasers
from crawler.extract.page.outline import Block, Outline, text_weight

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TEXT_TAGS = frozenset({"p", "li", "blockquote", "td", "dd", "dt", "pre", "q"}) | _HEADINGS
_MAX_LINK_SHARE = 0.6
_MAX_SENTENCE_LINK_SHARE = 0.95
_MIN_LEAD_WEIGHT, _MIN_LINE_WEIGHT = 40, 20
_MAX_LEADS = 5
_MAX_FLAT_COPIES = 3
_MAX_HEAD_BLOCKS = 4
_CAPTION_AND_CREDIT = 2
_OPENING_WEIGHT, _DATELINE_LETTERS = 60, 40
_MIN_COMPARED_WEIGHT = 60
_MAX_COMPARED_CHARS, _MAX_FLAT_CHARS = 600, 50_000


def select_text_blocks(outline: Outline, body: Body, title: str) -> list[Block]:
    """Returns the blocks of the text in order, without boilerplate lines, headline and captions."""
    title_letters = letters_only(title)
    body = without_teasers(outline, body)
    blocks = [
        block
        for block in _iter_text_blocks(outline, body)
        if not _is_title_block(block, title_letters)
    ]
    blocks = _remove_credited_captions(outline, blocks, body)
    blocks = _remove_title_and_date(
        _remove_repeated_blocks(_remove_machine_summaries(outline, blocks, body)), title_letters
    )
    blocks = [cleaned for block in blocks if (cleaned := _clean_block(block))]
    return _drop_stray_lines(outline, _drop_house_lines(outline, blocks), body)


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
    if ends_with_photo_credit(block.text):
        return False
    ancestors = [outline.elements[index] for index in outline.ancestors(block.element_index)]
    return any(element_names.is_lead(element.names) for element in ancestors[:2]) and not any(
        element_names.is_clutter(element.tag, element.names) for element in ancestors[:6]
    )


def _iter_text_blocks(outline: Outline, body: Body) -> Iterator[Block]:
    tags = [outline.elements[block.element_index].tag for block in body.blocks]
    headings = Counter(
        block.text for block, tag in zip(body.blocks, tags, strict=True) if tag in _HEADINGS
    )
    for block, tag in zip(body.blocks, tags, strict=True):
        # A paragraph may be one long link if it is a sentence, unlike an entry of a menu.
        limit = (
            _MAX_SENTENCE_LINK_SHARE
            if ends_like_sentence(block.text) and block.weight > _MIN_LEAD_WEIGHT
            else _MAX_LINK_SHARE
        )
        index = block.element_index
        if tag in _HEADINGS and index not in body.elements:
            # The names of a heading itself make it clutter only if it is repeated.
            if headings[block.text] > 1 and element_names.is_clutter(
                tag, outline.elements[index].names
            ):
                continue
            index = outline.elements[index].parent
        if block.link_weight > limit * block.weight or is_in_clutter(outline, body, index):
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
    return ends_with_photo_credit(block.text) or (
        body.clutter_mask[block.element_index]
        and any(element_names.is_caption(element.tag, element.names) for element in elements)
    )


def _remove_credited_captions(outline: Outline, blocks: list[Block], body: Body) -> list[Block]:
    """Removes what stands alone with the credit of a picture in a box."""
    parents = [outline.elements[block.element_index].parent for block in body.blocks]
    credit_parents = {
        parent
        for block, parent in zip(body.blocks, parents, strict=True)
        if is_credit_line(block.text)
    }
    if not credit_parents:
        return blocks
    sizes = Counter(parents)
    return [
        block
        for block in blocks
        if (parent := outline.elements[block.element_index].parent) not in credit_parents
        or sizes[parent] != _CAPTION_AND_CREDIT
    ]


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
    if _opens_like_following(kept_blocks):
        kept_blocks = kept_blocks[1:]
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


def _opens_like_following(blocks: list[Block]) -> bool:
    """Returns whether the first block is a summary that only repeats the start of the second."""
    if len(blocks) <= 1:
        return False
    first, second = (letters_only(block.text[:_MAX_COMPARED_CHARS]) for block in blocks[:2])
    weight = text_weight(first)
    if weight < _OPENING_WEIGHT:
        return False
    opening = first[: _OPENING_WEIGHT * len(first) // weight]
    return 0 <= second.find(opening) <= _DATELINE_LETTERS


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
                block = _with_lines(block, other_lines)
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
    return _with_lines(block, kept_lines) if any(kept_lines) else None


def _with_lines(block: Block, lines: list[str]) -> Block:
    """Returns a block with only some of its lines."""
    text = "\n".join(lines)
    return replace(block, text=text, weight=text_weight(text))


def _drop_house_lines(outline: Outline, blocks: list[Block]) -> list[Block]:
    """Removes the newspaper's words to its readers at the end, and in boxes of their own."""
    text_place = _text_place(outline, blocks)
    kept_blocks: list[Block] = []
    is_below = True
    for block in reversed(blocks):
        is_apart = is_below or _place(outline, block) != text_place
        if is_apart and is_house_line(block.text):
            continue
        is_below = is_below and not is_prose(block)
        kept_blocks.append(block)
    return kept_blocks[::-1]


def _text_place(outline: Outline, blocks: list[Block]) -> tuple[int, str]:
    """Returns the parent and the tag of the elements that hold most of the text."""
    weights: Counter[tuple[int, str]] = Counter()
    for block in blocks:
        weights[_place(outline, block)] += block.weight
    return max(weights, key=lambda place: weights[place], default=(-1, ""))


def _place(outline: Outline, block: Block) -> tuple[int, str]:
    element = outline.elements[block.element_index]
    return element.parent, element.tag


def _drop_stray_lines(outline: Outline, blocks: list[Block], body: Body) -> list[Block]:
    """Removes short lines that are not paragraphs, and headings without text below them."""
    prose = [index for index, block in enumerate(blocks) if is_prose(block)]
    if not prose:
        return blocks
    closing = set(map(id, find_closing_blocks(outline, body, blocks[prose[-1]])))
    link_headings = set(map(id, find_link_headings(body.blocks)))
    kept_blocks: list[Block] = []
    for index, block in enumerate(blocks):
        element = outline.elements[block.element_index]
        is_between = prose[0] < index < prose[-1]
        if element.tag in _HEADINGS:
            is_text = is_between or (
                index < prose[0] and block.weight >= _MIN_LEAD_WEIGHT and element.tag != "h1"
            )
        elif element.tag in _TEXT_TAGS or block.element_index in body.elements:
            is_text = is_between or ends_like_sentence(block.text)
        else:
            is_text = is_between and (
                (block.weight >= _MIN_LINE_WEIGHT and ends_like_sentence(block.text))
                or element_names.is_lead(element.names)
            )
        is_text = is_text and id(block) not in link_headings
        if is_text or is_prose(block) or id(block) in closing:
            kept_blocks.append(block)
    return kept_blocks
