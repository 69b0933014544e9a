"""Whether a page lists articles: front pages, sections, search results, archives.

Headlines that are links are counted; what tells a list from an article with such headlines round
it is how they stand to the text that was found.
"""

from bisect import bisect_left
from itertools import pairwise

from crawler.extract.addresses import original_address, path_of
from crawler.extract.body.body import letters
from crawler.extract.body.repeats import is_linked_headline, teaser_rows
from crawler.extract.hints import is_clutter
from crawler.extract.page.outline import Block, Outline, weight
from crawler.extract.page.page import Page

_FEW, _MANY = 4, 8
_LITTLE_TEXT, _HARDLY_ANY = 320, 120
_SEEN = 20_000
_PARAGRAPHS = 2
_HEADINGS = frozenset({"h1", "h2", "h3"})
_LEAST_LINE = 20
_SENTENCE, _PARAGRAPH = 40, 60


def listing_reason(page: Page, title: str, text: str) -> str:
    """Say in a few words why a page is a list of articles, "" if it is none.

    `title`, `text`: what was taken for the article's.
    """
    blocks = page.outline.blocks
    heads = [i for i, block in enumerate(blocks) for _ in range(_headlines(block))]
    if len(heads) < _FEW:
        return ""
    if not path_of(original_address(page.url)).strip("/"):
        return "the front page of a site"
    if _is_headed(page.outline, set(heads), title, text):
        return ""
    return (
        _by_weight(page.outline, heads, _sentences(text))
        or _by_words(page.outline, heads, text)
        or _by_places(page.outline, heads, text)
    )


def _headlines(block: Block) -> int:
    """Count the headlines of a block: links divided by line breaks are many."""
    if is_linked_headline(block) and "\n" not in block.text:
        return 1
    if block.links < 0.6 * block.weight:
        return 0
    return sum(weight(line) >= _LEAST_LINE for line in block.text.split("\n"))


def _is_headed(page: Outline, heads: set[int], title: str, text: str) -> bool:
    """Say whether paragraphs follow the headline without any other headline in between."""
    known = letters(title)
    opened = [letters(line[:200])[:80] for line in text.split("\n") if weight(line) >= _PARAGRAPH]
    if len(opened) < _PARAGRAPHS or _sentences(text) < _LITTLE_TEXT:
        return False
    rows = page.inside(teaser_rows(page))
    start = -1
    for index, block in enumerate(page.blocks):
        if page.elements[block.element].tag in _HEADINGS and letters(block.text) == known:
            start = index
        elif start >= 0 and index in heads:
            start = -1
        elif start >= 0 and letters(block.text[:200])[:80] == opened[0]:
            return not rows[block.element]
    return False


def _sentences(text: str) -> int:
    """Weigh the lines of a text that may be sentences: numbers and dates of a table are none."""
    return sum(size for line in text.split("\n") if (size := weight(line)) >= _SENTENCE)


def _by_weight(page: Outline, heads: list[int], length: int) -> str:
    clutter = page.inside({i for i, e in enumerate(page.elements) if is_clutter(e.tag, e.names)})
    plain = [i for i in heads if not clutter[page.blocks[i].element]]
    if (len(plain) >= _MANY and length < _LITTLE_TEXT) or (
        len(heads) >= _MANY and length < _HARDLY_ANY
    ):
        return f"{len(heads)} linked headlines and hardly any text"
    linked = sum(page.blocks[i].weight for i in set(plain))
    if len(plain) >= 2 * _MANY and linked > 3 * length:
        return f"{len(plain)} linked headlines that outweigh the text"
    return ""


def _by_words(page: Outline, heads: list[int], text: str) -> str:
    plain, length = letters(text[:_SEEN]), weight(text)
    within = sum(page.blocks[i].weight for i in set(heads) if letters(page.blocks[i].text) in plain)
    if len(heads) >= _MANY and within > 0.5 * length:
        return f"a text made of {len(heads)} linked headlines"
    return ""


def _by_places(page: Outline, heads: list[int], text: str) -> str:
    lines = (line for line in text.split("\n") if weight(line) >= _PARAGRAPH)
    opened = {letters(line[:200])[:80] for line in lines}
    prose = [i for i, b in enumerate(page.blocks) if letters(b.text[:200])[:80] in opened]
    pairs = list(pairwise(prose))
    parted = sum(bisect_left(heads, after) > bisect_left(heads, before) for before, after in pairs)
    if len(heads) >= _MANY and parted >= _FEW and parted >= 0.6 * len(pairs):
        return f"linked headlines between {parted} paragraphs"
    rows = page.inside(teaser_rows(page))
    teased = sum(page.blocks[i].weight for i in prose if rows[page.blocks[i].element])
    if prose and teased > 0.6 * sum(page.blocks[i].weight for i in prose):
        return f"a text made of teasers beside {len(heads)} linked headlines"
    return ""
