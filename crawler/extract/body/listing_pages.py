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
_MAX_COMPARED_CHARS = 20_000
_MIN_PARAGRAPHS = 2
_HEADINGS = frozenset({"h1", "h2", "h3"})
_MIN_HEADLINE_WEIGHT = 20
_MIN_SENTENCE_WEIGHT, _MIN_PARAGRAPH_WEIGHT = 40, 60


def listing_reason(page: Page, title: str, text: str) -> str:
    """Returns the reason why a page is a list of articles, in a few words; "" if it is not.

    `title`, `text`: what was found as the article's headline and text.
    """
    blocks = page.outline.blocks
    heads = [i for i, block in enumerate(blocks) for _ in range(_count_headlines(block))]
    if len(heads) < _FEW_HEADLINES:
        return ""
    if not path_of(original_url(page.url)).strip("/"):
        return "the front page of a site"
    if _text_follows_headline(page.outline, set(heads), title, text):
        return ""
    return (
        _reason_by_weight(page.outline, heads, _sentence_weight(text))
        or _reason_by_overlap(page.outline, heads, text)
        or _reason_by_position(page.outline, heads, text)
    )


def _count_headlines(block: Block) -> int:
    """Counts the linked headlines in a block; each line of a block of links counts."""
    if is_linked_headline(block) and "\n" not in block.text:
        return 1
    if block.link_weight < 0.6 * block.weight:
        return 0
    return sum(text_weight(line) >= _MIN_HEADLINE_WEIGHT for line in block.text.split("\n"))


def _text_follows_headline(page: Outline, heads: set[int], title: str, text: str) -> bool:
    """Returns whether the text follows the headline with no other headline in between."""
    known = letters_only(title)
    opened = [
        letters_only(line[:200])[:80]
        for line in text.split("\n")
        if text_weight(line) >= _MIN_PARAGRAPH_WEIGHT
    ]
    if len(opened) < _MIN_PARAGRAPHS or _sentence_weight(text) < _LITTLE_TEXT_WEIGHT:
        return False
    rows = page.inside_mask(find_teaser_elements(page))
    start = -1
    for index, block in enumerate(page.blocks):
        if (
            page.elements[block.element_index].tag in _HEADINGS
            and letters_only(block.text) == known
        ):
            start = index
        elif start >= 0 and index in heads:
            start = -1
        elif start >= 0 and letters_only(block.text[:200])[:80] == opened[0]:
            return not rows[block.element_index]
    return False


def _sentence_weight(text: str) -> int:
    """Sums the weight of lines long enough to be sentences, unlike the cells of a table."""
    return sum(
        size for line in text.split("\n") if (size := text_weight(line)) >= _MIN_SENTENCE_WEIGHT
    )


def _reason_by_weight(page: Outline, heads: list[int], length: int) -> str:
    clutter = page.inside_mask(
        {i for i, e in enumerate(page.elements) if is_clutter(e.tag, e.names)}
    )
    plain = [i for i in heads if not clutter[page.blocks[i].element_index]]
    if (len(plain) >= _MANY_HEADLINES and length < _LITTLE_TEXT_WEIGHT) or (
        len(heads) >= _MANY_HEADLINES and length < _MINIMAL_TEXT_WEIGHT
    ):
        return f"{len(heads)} linked headlines and hardly any text"
    linked = sum(page.blocks[i].weight for i in set(plain))
    if len(plain) >= 2 * _MANY_HEADLINES and linked > 3 * length:
        return f"{len(plain)} linked headlines that outweigh the text"
    return ""


def _reason_by_overlap(page: Outline, heads: list[int], text: str) -> str:
    plain, length = letters_only(text[:_MAX_COMPARED_CHARS]), text_weight(text)
    within = sum(
        page.blocks[i].weight for i in set(heads) if letters_only(page.blocks[i].text) in plain
    )
    if len(heads) >= _MANY_HEADLINES and within > 0.5 * length:
        return f"a text made of {len(heads)} linked headlines"
    return ""


def _reason_by_position(page: Outline, heads: list[int], text: str) -> str:
    lines = (line for line in text.split("\n") if text_weight(line) >= _MIN_PARAGRAPH_WEIGHT)
    opened = {letters_only(line[:200])[:80] for line in lines}
    prose = [i for i, b in enumerate(page.blocks) if letters_only(b.text[:200])[:80] in opened]
    pairs = list(pairwise(prose))
    parted = sum(bisect_left(heads, after) > bisect_left(heads, before) for before, after in pairs)
    if len(heads) >= _MANY_HEADLINES and parted >= _FEW_HEADLINES and parted >= 0.6 * len(pairs):
        return f"linked headlines between {parted} paragraphs"
    rows = page.inside_mask(find_teaser_elements(page))
    teased = sum(page.blocks[i].weight for i in prose if rows[page.blocks[i].element_index])
    if prose and teased > 0.6 * sum(page.blocks[i].weight for i in prose):
        return f"a text made of teasers beside {len(heads)} linked headlines"
    return ""
