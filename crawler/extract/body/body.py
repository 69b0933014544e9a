"""Finds the elements that hold the article's text: the subtree with most prose and little else.

A block of sentences raises the score of all elements that contain it; a menu or a list of links
lowers it. A block that agrees with the page's metadata (description, `articleBody`) counts more.
Scoring by text and link density follows Kohlschütter et al., Boilerplate Detection using Shallow
Text Features (WSDM 2010).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from crawler.extract import element_names as hints
from crawler.extract.body.boilerplate import asks_for_consent, is_machine_summary_heading
from crawler.extract.body.non_article import find_further_articles, find_non_article_elements
from crawler.extract.page.outline import Block, Outline

_SENTENCE_MARK = re.compile(r"[.!?…。！？।။؟]|[,，、;:；：] |다\b|[」』”]")
_MIN_PROSE_WEIGHT = 60
_LONG_BLOCK_WEIGHT = 150
_MIN_WEIGHT_IN_BODY = 20
_MAX_LINK_SHARE = 0.5
_AGREEMENT_FACTOR = 3
_ASIDE_FACTOR = 0.5
_PARAGRAPH_LEVEL_TAGS = frozenset(
    {"p", "li", "h1", "h2", "h3", "h4", "blockquote", "ul", "ol", "pre"}
)
_HEADINGS = frozenset({"h1", "h2", "h3"})
_NEAR_ANCESTORS, _MAX_ANCESTORS = 6, 12
_MAX_BODY_PARTS = 6
_MAX_COMPARED_CHARS = 600
_NON_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class ArticleMetadata:
    """What a page's metadata say about its article; "" for what they do not say."""

    title: str = ""
    description: str = ""
    article_body: str = ""


@dataclass(slots=True)
class Body:
    """The elements that hold the text (by index in the outline), and the blocks in them.

    `clutter_mask`: for each element of the page, whether it is inside clutter within the text.
    """

    elements: frozenset[int] = frozenset()
    blocks: list[Block] = field(default_factory=list)
    clutter_mask: list[bool] = field(default_factory=list)


def find_body(page: Outline, clues: ArticleMetadata) -> Body:
    """Returns the place of the text: the best element and the parts of the text outside it."""
    if not page.blocks:
        return Body()
    sums = _ElementScores(page, clues)
    best = sums.best_element()
    while page.elements[best].tag in _PARAGRAPH_LEVEL_TAGS and page.elements[best].parent > 0:
        best = page.elements[best].parent
    parts = frozenset(
        (best, *_find_sibling_parts(page, best, sums), *_find_opening_paragraphs(page, best, sums))
    )
    held = page.inside_mask(parts)
    within = {index for index in sums.aside_elements if held[index]} - parts
    blocks = [block for block in page.blocks if held[block.element_index]]
    return Body(parts, blocks, page.inside_mask(within))


def _find_sibling_parts(page: Outline, best: int, sums: "_ElementScores") -> Iterator[int]:
    """Yields elements with the same tag and names that hold other parts of the text.

    Some layouts split the text around an advert. An `h1` in between means that the element belongs
    to another article.
    """
    chosen = page.elements[best]
    if not chosen.names.strip():
        return
    near = set(list(page.ancestors(best))[:_NEAR_ANCESTORS])
    twins = [
        index
        for index, element in enumerate(page.elements)
        if index != best and element.tag == chosen.tag and element.names == chosen.names
    ]
    if not 0 < len(twins) <= _MAX_BODY_PARTS:
        return
    headings = [i for i, element in enumerate(page.elements) if element.tag == "h1"]
    for twin in twins:
        between = range(min(best, twin), max(best, twin))
        related = not near.isdisjoint(page.ancestors(twin))
        nested = best in page.ancestors(twin) or twin in page.ancestors(best)
        if (
            related
            and sums.prose_weights[twin]
            and not nested
            and not any(i in between for i in headings)
        ):
            yield twin


def _find_opening_paragraphs(page: Outline, best: int, sums: "_ElementScores") -> Iterator[int]:
    """Yields elements of paragraphs between the headline and the text, such as above a picture."""
    held = page.inside_mask((best,))
    first = next((i for i, block in enumerate(page.blocks) if held[block.element_index]), 0)
    heading = max((i for i in sums.heading_blocks if i < first), default=first)
    between = page.blocks[heading + 1 : first]
    if any(is_machine_summary_heading(block.text) for block in between):
        return
    near = set(list(page.ancestors(best))[:_NEAR_ANCESTORS])
    away = page.inside_mask(sums.aside_elements)
    for block in between:
        above = list(islice(page.ancestors(block.element_index), _MAX_ANCESTORS))
        # `find_lead_block` finds a lead by its name.
        named = any(hints.is_lead(page.elements[index].names) for index in above[:2])
        plain = is_prose(block) and block.link_weight < 0.3 * block.weight
        free = not named and not away[block.element_index] and block.element_index not in near
        if plain and free and not near.isdisjoint(above):
            yield block.element_index


def is_prose(block: Block) -> bool:
    """Returns whether a block reads like sentences, and not like a menu, a headline or a list."""
    if block.link_weight > _MAX_LINK_SHARE * block.weight:
        return False
    return block.weight >= _LONG_BLOCK_WEIGHT or (
        block.weight >= _MIN_PROSE_WEIGHT and _SENTENCE_MARK.search(block.text) is not None
    )


def letters_only(text: str) -> str:
    """Returns only a text's letters and digits, in lower case, to compare it with another text."""
    return _NON_LETTERS.sub("", text).lower()


class _ElementScores:
    """Weights of prose and of everything else for each element, summed from the leaves upwards."""

    def __init__(self, page: Outline, clues: ArticleMetadata) -> None:
        self.page = page
        self.aside_elements: set[int] = set()
        self.prose_weights = [0] * len(page.elements)
        self.other_weights = [0] * len(page.elements)
        self.confirmed = [False] * len(page.elements)
        self.title_elements: list[int] = []
        self.heading_blocks: list[int] = []
        self._weigh_blocks(clues)
        self.non_article_elements = find_non_article_elements(
            page, self.prose_weights, self.confirmed, has_headline=bool(self.title_elements)
        )
        self.further_articles = find_further_articles(page, self.title_elements)

    def best_element(self) -> int:
        """Returns the index of the element with the highest score; among equals, the last one."""
        elements = self.page.elements
        scores = [0.0] * len(elements)
        apart = self.page.inside_mask(self.non_article_elements | self.further_articles)
        whole = (
            sum(good for good, away in zip(self.prose_weights, apart, strict=True) if not away) or 1
        )
        for index in range(len(elements) - 1, -1, -1):
            element = elements[index]
            if self._is_aside(index, whole):
                self.aside_elements.add(index)
                self.other_weights[index] += self.prose_weights[index]
                self.prose_weights[index] = 0
            bonus = 1.3 if hints.is_body(element.names) else 1.0
            scores[index] = bonus * self.prose_weights[index] - self.other_weights[index]
            if element.parent >= 0:
                self.confirmed[element.parent] |= self.confirmed[index]
                self.prose_weights[element.parent] += self.prose_weights[index]
                self.other_weights[element.parent] += self.other_weights[index]
        within = self.page.inside_mask(self.aside_elements)
        # An element in a probable aside can still be the text, if the page has little else.
        for index, score in enumerate(scores):
            if within[index]:
                scores[index] = float("-inf") if apart[index] else min(score, _ASIDE_FACTOR * score)
        return max(range(len(scores)), key=lambda index: (scores[index], index))

    def _weigh_blocks(self, clues: ArticleMetadata) -> None:
        told = letters_only(clues.article_body)
        opening = letters_only(clues.description)[:60]
        title = letters_only(clues.title)
        for number, block in enumerate(self.page.blocks):
            plain = letters_only(block.text[:_MAX_COMPARED_CHARS])
            if plain == title:
                self.title_elements.append(block.element_index)
                if self.page.elements[block.element_index].tag in _HEADINGS:
                    self.heading_blocks.append(number)
            prose = is_prose(block) and plain != title
            if _agrees_with_metadata(block, plain, told, opening):
                self.prose_weights[block.element_index] += _AGREEMENT_FACTOR * block.weight
                self.confirmed[block.element_index] = True
            elif prose and asks_for_consent(block.text):
                self.other_weights[block.element_index] += block.weight
            elif prose or self._is_in_body_element(block, plain, title):
                self.prose_weights[block.element_index] += block.weight
            elif plain != title:
                self.other_weights[block.element_index] += block.weight

    def _is_in_body_element(self, block: Block, plain: str, title: str) -> bool:
        """Returns whether a short line lies in an element that is named as the article's body."""
        if (
            block.weight < _MIN_WEIGHT_IN_BODY
            or block.link_weight > 0.3 * block.weight
            or plain == title
        ):
            return False
        above = list(islice(self.page.ancestors(block.element_index), 4))
        elements = self.page.elements
        return any(hints.is_body(elements[index].names) for index in above) and not any(
            is_aside(elements[index].tag, elements[index].names) for index in above
        )

    def _is_aside(self, index: int, whole: int) -> bool:
        element = self.page.elements[index]
        if self.confirmed[index]:
            return False
        if index in self.non_article_elements or index in self.further_articles:
            return True
        return self.prose_weights[index] < 0.5 * whole and is_aside(element.tag, element.names)


def is_aside(tag: str, names: str) -> bool:
    """Returns whether an element is probably clutter or a caption, by its tag and names."""
    return hints.is_clutter(tag, names) or hints.is_caption(tag, names)


def _agrees_with_metadata(block: Block, plain: str, told: str, opening: str) -> bool:
    if len(plain) < 20 or block.link_weight > _MAX_LINK_SHARE * block.weight:
        return False
    if told and plain in told:
        return True
    return len(opening) >= 20 and opening in plain
