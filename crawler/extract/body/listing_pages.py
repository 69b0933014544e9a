"""Decides whether a page lists articles: front pages, sections, search results, archives.

It counts headlines that are links. An article also has such headlines around it; so their number,
weight and position are compared with the text that was found.
"""

from bisect import bisect_left
from itertools import pairwise

from crawler.extract.body.body import letters_only
from crawler.extract.body.non_article import find_teaser_elements, is_linked_headline
from crawler.extract.element_names import is_clutter
from crawler.extract.page.outline import Block, Outline, text_weight
from crawler.extract.page.page import Page
from crawler.extract.urls import original_url, path_of

_FEW_HEADLINES, _MANY_HEADLINES = 4, 8
_LITTLE_TEXT_WEIGHT, _MINIMAL_TEXT_WEIGHT = 320, 120
_MIN_BRIEF_WEIGHT, _MAX_SHOWN_SHARE = 80, 0.1
_MAX_COMPARED_CHARS = 20_000
_MIN_PARAGRAPHS, _MIN_JOINED_PARAGRAPHS = 2, 3
_HEADINGS = frozenset({"h1", "h2", "h3"})
_MIN_HEADLINE_WEIGHT = 20
_MIN_SENTENCE_WEIGHT, _MIN_PARAGRAPH_WEIGHT = 40, 60


def listing_reason(page: Page, title: str, text: str, *, has_printed_date: bool = False) -> str:
    """Returns the reason why a page is a list of articles, in a few words; "" if it is not.

    `title`, `text`: what was found as the article's headline and text. With a date on the page, a
    single paragraph below the headline is a report.
    """
    blocks = page.outline.blocks
    headline_blocks = [i for i, block in enumerate(blocks) for _ in range(_count_headlines(block))]
    if len(headline_blocks) < _FEW_HEADLINES:
        return ""
    if not path_of(original_url(page.url)).strip("/"):
        return "the front page of a site"
    is_brief = has_printed_date and text_weight(title) >= _MIN_HEADLINE_WEIGHT
    min_weight = _MIN_BRIEF_WEIGHT if is_brief else _LITTLE_TEXT_WEIGHT
    if _text_follows_headline(page.outline, set(headline_blocks), title, text, min_weight):
        return ""
    if is_brief and _stands_together(page.outline, headline_blocks, text):
        return ""
    return (
        _reason_by_weight(page.outline, headline_blocks, _sentence_weight(text))
        or _reason_by_source(page.outline, headline_blocks, text)
        or _reason_by_overlap(page.outline, headline_blocks, text)
        or _reason_by_position(page.outline, headline_blocks, text)
    )


def _count_headlines(block: Block) -> int:
    """Counts the linked headlines in a block; each line of a block of links counts."""
    if is_linked_headline(block) and "\n" not in block.text:
        return 1
    if block.link_weight < 0.6 * block.weight:
        return 0
    return sum(text_weight(line) >= _MIN_HEADLINE_WEIGHT for line in block.text.split("\n"))


def _text_follows_headline(
    outline: Outline, headline_blocks: set[int], title: str, text: str, min_weight: int
) -> bool:
    """Returns whether the text follows the headline with no other headline in between."""
    title_letters = letters_only(title)
    line_starts = _paragraph_openings(text)
    min_paragraphs = _MIN_PARAGRAPHS if min_weight >= _LITTLE_TEXT_WEIGHT else 1
    if len(line_starts) < min_paragraphs or _sentence_weight(text) < min_weight:
        return False
    in_teaser = outline.inside_mask(find_teaser_elements(outline))
    start = -1
    for index, block in enumerate(outline.blocks):
        if (
            outline.elements[block.element_index].tag in _HEADINGS
            and letters_only(block.text) == title_letters
        ):
            start = index
        elif start >= 0 and index in headline_blocks:
            start = -1
        elif start >= 0 and _opening(block.text) == line_starts[0]:
            return not in_teaser[block.element_index]
    return False


def _stands_together(outline: Outline, headline_blocks: list[int], text: str) -> bool:
    """Returns whether some paragraphs follow each other with no linked headline in between."""
    line_starts = set(_paragraph_openings(text))
    in_teaser = outline.inside_mask(find_teaser_elements(outline))
    shown = [
        i
        for i, block in enumerate(outline.blocks)
        if not in_teaser[block.element_index] and _opening(block.text) in line_starts
    ]
    return (
        len(shown) >= _MIN_JOINED_PARAGRAPHS
        and _sentence_weight(text) >= _LITTLE_TEXT_WEIGHT
        and bisect_left(headline_blocks, shown[0]) == bisect_left(headline_blocks, shown[-1])
    )


def _paragraph_openings(text: str) -> list[str]:
    """Returns the openings of the lines that are long enough to be paragraphs, in their order."""
    return [
        _opening(line) for line in text.split("\n") if text_weight(line) >= _MIN_PARAGRAPH_WEIGHT
    ]


def _opening(text: str) -> str:
    """Returns the first letters of a text, by which it is found again in another layout."""
    return letters_only(text[:200])[:80]


def _sentence_weight(text: str) -> int:
    """Sums the weight of lines long enough to be sentences, unlike the cells of a table."""
    return sum(
        size for line in text.split("\n") if (size := text_weight(line)) >= _MIN_SENTENCE_WEIGHT
    )


def _reason_by_weight(outline: Outline, headline_blocks: list[int], weight: int) -> str:
    in_clutter = outline.inside_mask(
        {i for i, element in enumerate(outline.elements) if is_clutter(element.tag, element.names)}
    )
    outside_clutter = [
        i for i in headline_blocks if not in_clutter[outline.blocks[i].element_index]
    ]
    if (len(outside_clutter) >= _MANY_HEADLINES and weight < _LITTLE_TEXT_WEIGHT) or (
        len(headline_blocks) >= _MANY_HEADLINES and weight < _MINIMAL_TEXT_WEIGHT
    ):
        return f"{len(headline_blocks)} linked headlines and hardly any text"
    linked_weight = sum(outline.blocks[i].weight for i in set(outside_clutter))
    if len(outside_clutter) >= 2 * _MANY_HEADLINES and linked_weight > 3 * weight:
        return f"{len(outside_clutter)} linked headlines that outweigh the text"
    return ""


def _reason_by_source(outline: Outline, headline_blocks: list[int], text: str) -> str:
    """Reads script data of a list: its summaries look like a text, but the page does not show it."""
    visible_starts = {_opening(line) for block in outline.blocks for line in block.text.split("\n")}
    lines = [line for line in text.split("\n") if text_weight(line) >= _MIN_SENTENCE_WEIGHT]
    shown = sum(_opening(line) in visible_starts for line in lines)
    if len(headline_blocks) >= _MANY_HEADLINES and shown <= _MAX_SHOWN_SHARE * len(lines):
        return f"{len(headline_blocks)} linked headlines and a text that is not shown"
    return ""


def _reason_by_overlap(outline: Outline, headline_blocks: list[int], text: str) -> str:
    text_letters, weight = letters_only(text[:_MAX_COMPARED_CHARS]), text_weight(text)
    overlap_weight = sum(
        outline.blocks[i].weight
        for i in set(headline_blocks)
        if letters_only(outline.blocks[i].text) in text_letters
    )
    if len(headline_blocks) >= _MANY_HEADLINES and overlap_weight > 0.5 * weight:
        return f"a text made of {len(headline_blocks)} linked headlines"
    return ""


def _reason_by_position(outline: Outline, headline_blocks: list[int], text: str) -> str:
    line_starts = set(_paragraph_openings(text))
    prose = [i for i, block in enumerate(outline.blocks) if _opening(block.text) in line_starts]
    pairs = list(pairwise(prose))
    gap_count = sum(
        bisect_left(headline_blocks, after) > bisect_left(headline_blocks, before)
        for before, after in pairs
    )
    if (
        len(headline_blocks) >= _MANY_HEADLINES
        and gap_count >= _FEW_HEADLINES
        and gap_count >= 0.6 * len(pairs)
    ):
        return f"linked headlines between {gap_count} paragraphs"
    in_teaser = outline.inside_mask(find_teaser_elements(outline))
    teaser_weight = sum(
        outline.blocks[i].weight for i in prose if in_teaser[outline.blocks[i].element_index]
    )
    if prose and teaser_weight > 0.6 * sum(outline.blocks[i].weight for i in prose):
        return f"a text made of teasers beside {len(headline_blocks)} linked headlines"
    return ""
