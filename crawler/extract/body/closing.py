"""Finds what closes a text without a full stop: a last list, table, quotation, verse or figure.

It stands in the same box as the last sentences, has no links, and no line of a notice or of a menu
separates it from them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise, takewhile

from crawler.extract import element_names
from crawler.extract.body.body import Body
from crawler.extract.body.boilerplate import is_boilerplate, is_date_line
from crawler.extract.body.house_lines import is_house_line
from crawler.extract.body.sentences import ends_like_sentence
from crawler.extract.body.tables import is_in_clutter
from crawler.extract.page.outline import Block, Outline, text_weight

_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
_QUOTING_TAGS = frozenset({"blockquote", "pre", "q"})
_ROWS = frozenset({"ul", "ol", "dl", "table"})
_PARTS = frozenset({"li", "dd", "dt", "tr", "td", "th", "tbody", "thead", "tfoot", "p", "line"})
_TEXT_PARTS = _QUOTING_TAGS | _ROWS | _PARTS
_TABLE_BOXES = frozenset({"div", "figure", "section"})
_PARAGRAPH_PARTS = _TEXT_PARTS | _HEADINGS
_MAX_LINK_SHARE = 0.3
_MAX_BLOCKS = 1000
_MIN_WEIGHT, _MIN_DENSE_WEIGHT, _DENSE_RATIO = 15, 20, 1.5
_MIN_DENSE_CHARS, _MIN_CHARS_WITH_FIGURE = 10, 8
_MIN_WORDS, _MIN_SMALL_WORDS, _MIN_LABEL_WORDS = 3, 2, 3
_QUOTATION = re.compile(r"[“\"«„「『‘'].{1,300}[”\"»“」』’']", re.DOTALL)
_LABEL = re.compile(r"\W{0,2}([^:：=\n\d]{1,40})[:：=]\s{0,3}(?![“\"«„「『\s]|\Z)")
_ENUMERATED = re.compile(r"(?:[-–—•·∙*]|\d{1,2}[.)])\s|[▪◦○□△▲◇](?=\s?[^\W_])")
_NO_STATEMENT = re.compile(
    r"[\[(（【<〈〔▶▷☞※■◆●★•·#]|.*(?:@|https?:|www\.)|[^:：=\n]{1,24}[|/／｜]|\d{1,4}[./-]\d{1,2}[./-]"
    r"|(?:click|read|see|share|join|view|все|подпис|la rédaction|article|suscr|regístr|jetzt|das könnte|この記事|이 기사|更多|advertisement)"
    r"|.{0,40}(?:하기|보기|기사|シェアする)$",
    re.DOTALL | re.IGNORECASE,
)
_SMALL_WORD = re.compile(r"(?<!\S)[a-zß-öø-ÿа-яёіїєґ][^\W\d_]*")
_FIGURE = re.compile(r"\d")


def find_closing_blocks(outline: Outline, body: Body, last: Block) -> list[Block]:
    """Returns the blocks below the last prose that close the text.

    `last`: the last block of the body that is prose.
    """
    below = list(islice(_iter_attached(outline, body, last), _MAX_BLOCKS))
    roots = [_root(outline, body, block) for block in below]
    lists = _find_lists_of_text(outline, body, below, roots) if below else set()
    enumerated = _find_enumerated(below)
    closing: list[Block] = []
    follower: Block | None = None
    for block, root in zip(reversed(below), reversed(roots), strict=True):
        element = outline.elements[root]
        leads_on = follower is not None and closing[-1:] == [follower]
        text = block.text.rstrip()
        if element.tag in _ROWS:
            closes = root in lists
        elif element.tag in _HEADINGS or element_names.is_lead(element.names):
            closes = leads_on
        elif text.endswith((":", "：")):
            closes = leads_on or (follower is None and reads_like_statement(text))
        else:
            closes = (
                element.tag in _QUOTING_TAGS
                or id(block) in enumerated
                or ends_like_sentence(text)
                or reads_like_statement(text)
                or (block.is_bold and leads_on)
            )
        if closes:
            closing.append(block)
        follower = block
    return closing[::-1]


def _iter_attached(outline: Outline, body: Body, last: Block) -> Iterator[Block]:
    """Yields the blocks below the last prose in its box, up to the first link or notice."""
    path = list(outline.ancestors(last.element_index))
    start = next((i for i, block in enumerate(body.blocks) if block is last), len(body.blocks))
    for block in body.blocks[start + 1 :]:
        if not _is_beside(outline, block, path):
            continue
        if is_in_clutter(outline, body, block.element_index):
            continue
        lines = block.text.split("\n")
        if block.link_weight > _MAX_LINK_SHARE * block.weight or is_house_line(block.text):
            return
        if any(map(is_boilerplate, lines)):
            return
        yield block


def _is_beside(outline: Outline, block: Block, path: list[int]) -> bool:
    """Returns whether a block is in elements like those of the paragraph with the given path."""
    below = list(takewhile(lambda index: index not in path, outline.ancestors(block.element_index)))
    top = outline.elements[below[-1]].parent if below else block.element_index
    beside = [outline.elements[index] for index in takewhile(lambda index: index != top, path)]
    elements = [outline.elements[index] for index in below]
    if len(elements) > 1 and elements[-2].tag == "table" and elements[-1].tag in _TABLE_BOXES:
        elements.pop()
    kinds = {each.kind for each in elements}
    model_kinds = {each.kind for each in beside}
    return all(
        each.tag in _PARAGRAPH_PARTS
        or element_names.is_lead(each.names)
        or each.kind in model_kinds
        for each in elements
    ) and all(each.tag in _PARAGRAPH_PARTS or each.kind in kinds for each in beside[1:])


def _root(outline: Outline, body: Body, block: Block) -> int:
    """Returns the outermost list, table or quotation that contains a block, else its element."""
    root = block.element_index
    for index in outline.ancestors(block.element_index):
        if index in body.elements or outline.elements[index].tag not in _TEXT_PARTS:
            break
        if outline.elements[index].tag in _QUOTING_TAGS | _ROWS:
            root = index
    return root


def _find_lists_of_text(
    outline: Outline, body: Body, below: Sequence[Block], roots: Sequence[int]
) -> set[int]:
    """Returns the lists, and tables with figures, of which all entries are text, at least two."""
    counts = Counter(roots)
    entries = Counter(
        root for block in body.blocks if (root := _root(outline, body, block)) in counts
    )
    with_figures = {
        root for block, root in zip(below, roots, strict=True) if _FIGURE.search(block.text)
    }
    return {
        root
        for root, count in counts.items()
        if count > 1
        and entries[root] == count
        and (outline.elements[root].tag != "table" or root in with_figures)
    }


def reads_like_statement(text: str) -> bool:
    """Returns whether a line without a full stop tells something, unlike a name or a label."""
    text = text.strip()
    if _QUOTATION.fullmatch(text):
        return True
    label = _LABEL.match(text)
    has_short_label = label is not None and len(label[1].split()) < _MIN_LABEL_WORDS
    if has_short_label or _NO_STATEMENT.match(text) or is_date_line(text):
        return False
    words = text.split()
    has_figure = _FIGURE.search(text) is not None
    if text_weight(text) > _DENSE_RATIO * len(text):
        if len(words) == 1:
            return len(text) >= (_MIN_CHARS_WITH_FIGURE if has_figure else _MIN_DENSE_CHARS)
        return len(words) >= _MIN_WORDS and text_weight(text) >= _MIN_DENSE_WEIGHT
    small_words = len(_SMALL_WORD.findall(text)) + has_figure
    return (
        len(words) > _MIN_WORDS
        and text_weight(text) >= _MIN_WEIGHT
        and small_words >= _MIN_SMALL_WORDS
    )


def _find_enumerated(below: Sequence[Block]) -> set[int]:
    """Returns the ids of blocks that are entries of a list in plain paragraphs, at least two."""
    found: set[int] = set()
    for block, follower in pairwise(below):
        if _ENUMERATED.match(block.text) and _ENUMERATED.match(follower.text):
            found |= {id(block), id(follower)}
    return found | {
        id(block)
        for block in below
        if len([line for line in block.text.split("\n") if _ENUMERATED.match(line)]) > 1
    }
