"""Finds the elements that hold the article's text: the subtree with most prose and little else.

A block of sentences raises the score of all elements that contain it; a menu or a list of links
lowers it. A block that agrees with the page's metadata (description, `articleBody`) counts more.
Scoring by text and link density follows Kohlschütter et al., Boilerplate Detection using Shallow
Text Features (WSDM 2010).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from crawler.extract import element_names
from crawler.extract.body.boilerplate import asks_for_consent, is_machine_summary_heading
from crawler.extract.body.non_article import find_further_articles, find_non_article_elements
from crawler.extract.body.text_boxes import find_text_boxes
from crawler.extract.page.outline import Block, Outline

_SENTENCE_MARK = re.compile(r"[.!?…。！？।။؟]|[,，、;:；：] |다\b|[」』”]")
_CODE = re.compile(r"function\s{0,3}\(|[;{]\s{0,5}\n|\)\s{0,3}\{|\}\s{0,3}[;)]|\$\(")
_MIN_PROSE_WEIGHT = 60
_LONG_BLOCK_WEIGHT = 150
_MIN_WEIGHT_IN_BODY = 20
_MAX_LINK_SHARE = 0.5
_AGREEMENT_FACTOR = 3
_ASIDE_FACTOR, _BODY_BONUS = 0.5, 1.3
_PARAGRAPH_LEVEL_TAGS = frozenset(
    {"p", "li", "h1", "h2", "h3", "h4", "blockquote", "ul", "ol", "pre"}
)
_HEADINGS = frozenset({"h1", "h2", "h3"})
_NEAR_ANCESTORS, _MAX_ANCESTORS = 6, 12
_MAX_BODY_PARTS = 20
_MAX_HEADINGS, _MIN_PARAGRAPHS, _MIN_SHARE_OF_PROSE = 2, 3, 0.6
_MIN_WEIGHT_OF_TEXT = 350
_MAX_COMPARED_CHARS = 600
_MAX_KEPT_CHARS = 300
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


def find_body(outline: Outline, metadata: ArticleMetadata) -> Body:
    """Returns the place of the text: the best element and the parts of the text outside it."""
    if not outline.blocks:
        return Body()
    scores = _ElementScores(outline, metadata)
    best = scores.best_element()
    while outline.elements[best].tag in _PARAGRAPH_LEVEL_TAGS and outline.elements[best].parent > 0:
        best = outline.elements[best].parent
    best = _narrow_to_headline(outline, best, scores)
    parts = frozenset(
        (
            best,
            *_find_sibling_parts(outline, best, scores),
            *_find_opening_paragraphs(outline, best, scores),
        )
    )
    inside = outline.inside_mask(parts)
    inner_asides = {
        index
        for index, is_inside in enumerate(inside)
        if is_inside and index not in parts and scores.is_aside_in_text(index)
    }
    blocks = [block for block in outline.blocks if inside[block.element_index]]
    return Body(parts, blocks, outline.inside_mask(inner_asides))


def _narrow_to_headline(outline: Outline, best: int, scores: "_ElementScores") -> int:
    """Returns the innermost element inside the best one with both the headline and most prose.

    Prose around such an element, such as terms of use or news of the day, belongs to something else.
    """
    ends = outline.descendant_ends()
    for number in scores.heading_blocks[:_MAX_HEADINGS]:
        path = list(outline.ancestors(outline.blocks[number].element_index))
        if best not in path or path[0] == best:
            continue
        prose = [
            block
            for block in outline.blocks
            if best <= block.element_index < ends[best] and is_prose(block)
        ]
        enough = _MIN_SHARE_OF_PROSE * sum(block.weight for block in prose)
        for index in path[: path.index(best)]:
            inside = [block for block in prose if index <= block.element_index < ends[index]]
            if len(inside) >= _MIN_PARAGRAPHS and sum(block.weight for block in inside) >= enough:
                goes_on = _has_twin(outline, index, prose) or _goes_on_below(outline, index, best)
                return best if goes_on else index
    return best


def _has_twin(outline: Outline, index: int, prose: list[Block]) -> bool:
    """Returns whether a sibling of the same kind holds prose too, such as the next chapter."""
    element = outline.elements[index]
    kind = element_names.kind_of(element.names)
    twins = {
        number
        for number, other in enumerate(outline.elements)
        if number != index
        and (other.parent, other.tag) == (element.parent, element.tag)
        and (other.names == element.names or (kind and element_names.kind_of(other.names) == kind))
    }
    return any(not twins.isdisjoint(outline.ancestors(block.element_index)) for block in prose)


def _goes_on_below(outline: Outline, index: int, best: int) -> bool:
    """Returns whether prose follows an element at once, with at most pictures between."""
    ends = outline.descendant_ends()
    for block in outline.blocks:
        if not ends[index] <= block.element_index < ends[best]:
            continue
        if is_prose(block):
            return True
        near = islice(outline.ancestors(block.element_index), 2)
        if not any(is_aside(outline.elements[i].tag, outline.elements[i].names) for i in near):
            return False
    return False


def _find_sibling_parts(outline: Outline, best: int, scores: "_ElementScores") -> Iterator[int]:
    """Yields elements with the same tag and names that hold other parts of the text.

    Some layouts split the text around an advert. An `h1` in between means that the element belongs
    to another article.
    """
    best_element = outline.elements[best]
    if not best_element.names.strip():
        return
    near_ancestors = set(list(outline.ancestors(best))[:_NEAR_ANCESTORS])
    twins = [
        index
        for index, element in enumerate(outline.elements)
        if index != best and element.tag == best_element.tag and element.names == best_element.names
    ]
    if not 0 < len(twins) <= _MAX_BODY_PARTS:
        return
    headings = [i for i, element in enumerate(outline.elements) if element.tag == "h1"]
    for twin in twins:
        elements_between = range(min(best, twin), max(best, twin))
        is_related = not near_ancestors.isdisjoint(outline.ancestors(twin))
        is_nested = best in outline.ancestors(twin) or twin in outline.ancestors(best)
        if (
            is_related
            and scores.prose_weights[twin]
            and not is_nested
            and not any(i in elements_between for i in headings)
        ):
            yield twin


def _find_opening_paragraphs(
    outline: Outline, best: int, scores: "_ElementScores"
) -> Iterator[int]:
    """Yields elements of paragraphs between the headline and the text, such as above a picture."""
    inside = outline.inside_mask((best,))
    first = next((i for i, block in enumerate(outline.blocks) if inside[block.element_index]), 0)
    heading = max((i for i in scores.heading_blocks if i < first), default=first)
    blocks_between = outline.blocks[heading + 1 : first]
    if any(is_machine_summary_heading(block.text) for block in blocks_between):
        return
    near_ancestors = set(list(outline.ancestors(best))[:_NEAR_ANCESTORS])
    in_aside = outline.inside_mask(scores.aside_elements)
    for block in blocks_between:
        ancestors = list(islice(outline.ancestors(block.element_index), _MAX_ANCESTORS))
        # `find_lead_block` finds a lead by its name.
        is_named_lead = any(
            element_names.is_lead(outline.elements[index].names) for index in ancestors[:2]
        )
        is_plain = is_prose(block) and block.link_weight < 0.3 * block.weight
        is_free = (
            not is_named_lead
            and not in_aside[block.element_index]
            and block.element_index not in near_ancestors
        )
        if is_plain and is_free and not near_ancestors.isdisjoint(ancestors):
            yield block.element_index


def is_prose(block: Block) -> bool:
    """Returns whether a block reads like sentences, and not like a menu, a headline or a list."""
    if block.link_weight > _MAX_LINK_SHARE * block.weight or (
        "{" in block.text and _CODE.search(block.text)
    ):
        return False
    return block.weight >= _LONG_BLOCK_WEIGHT or (
        block.weight >= _MIN_PROSE_WEIGHT and _SENTENCE_MARK.search(block.text) is not None
    )


def letters_only(text: str) -> str:
    """Returns only a text's letters and digits, in lower case, to compare it with another text."""
    # One page's lines and titles are compared ten times on average.
    return _remove_marks(text) if len(text) <= _MAX_KEPT_CHARS else _remove_marks.__wrapped__(text)


@lru_cache(maxsize=4096)
def _remove_marks(text: str) -> str:
    return _NON_LETTERS.sub("", text).lower()


class _ElementScores:
    """Weights of prose and of everything else for each element, summed from the leaves upwards."""

    def __init__(self, outline: Outline, metadata: ArticleMetadata) -> None:
        self.page = outline
        self.aside_elements: set[int] = set()
        self.prose_weights = [0] * len(outline.elements)
        self.other_weights = [0] * len(outline.elements)
        self.confirmed = [False] * len(outline.elements)
        self.title_elements: list[int] = []
        self.heading_blocks: list[int] = []
        self._weigh_blocks(metadata)
        self.non_article_elements = find_non_article_elements(
            outline, self.prose_weights, self.confirmed, has_headline=bool(self.title_elements)
        )
        self.further_articles = find_further_articles(outline, self.title_elements)
        self.text_boxes: set[int] = set()

    def best_element(self) -> int:
        """Returns the index of the element with the highest score; among equals, the last one."""
        elements = self.page.elements
        scores = [0.0] * len(elements)
        excluded = self.page.inside_mask(self.non_article_elements | self.further_articles)
        self.text_boxes = find_text_boxes(self.page, self.prose_weights, excluded)
        total = (
            sum(
                weight
                for weight, is_excluded in zip(self.prose_weights, excluded, strict=True)
                if not is_excluded
            )
            or 1
        )
        for index in range(len(elements) - 1, -1, -1):
            element = elements[index]
            if self._is_aside(index, total):
                self.aside_elements.add(index)
                self.other_weights[index] += self.prose_weights[index]
                self.prose_weights[index] = 0
            prose_weight = float(self.prose_weights[index])
            if prose_weight and element_names.is_body(element.names):
                prose_weight *= _BODY_BONUS
            scores[index] = prose_weight - self.other_weights[index]
            if element.parent >= 0:
                self.confirmed[element.parent] |= self.confirmed[index]
                self.prose_weights[element.parent] += self.prose_weights[index]
                self.other_weights[element.parent] += self.other_weights[index]
        in_aside = self.page.inside_mask(self.aside_elements)
        # An element in a probable aside can still be the text, if the page has little else.
        for index, score in enumerate(scores):
            if in_aside[index]:
                scores[index] = (
                    float("-inf") if excluded[index] else min(score, _ASIDE_FACTOR * score)
                )
        best = max(range(len(scores)), key=lambda index: (scores[index], index))
        return self._text_below_headline(best, scores, in_aside)

    def _text_below_headline(
        self, best: int, scores: Sequence[float], in_aside: Sequence[bool]
    ) -> int:
        """Returns the element with much text between the headline and a best one far from it.

        Returns the best one itself if there is none, or if the two share more than the page.
        """
        blocks = self.page.blocks
        first = next(
            (number for number, block in enumerate(blocks) if block.element_index >= best), 0
        )
        heading = max((number for number in self.heading_blocks if number < first), default=-1)
        around = set(self.page.ancestors(best))
        if heading < 0 or not around.isdisjoint(
            index for index in self.page.ancestors(blocks[heading].element_index) if index
        ):
            return best
        above = [
            block
            for block in blocks[heading + 1 : first]
            if is_prose(block)
            and not block.link_weight
            and not in_aside[block.element_index]
            and block.element_index not in around
        ]
        if (
            len(above) < _MIN_PARAGRAPHS
            or sum(block.weight for block in above) < _MIN_WEIGHT_OF_TEXT
        ):
            return best
        candidates = {
            index
            for block in above
            for index in self.page.ancestors(block.element_index)
            if index not in around
        }
        return max(candidates, key=lambda index: (scores[index], index))

    def _weigh_blocks(self, metadata: ArticleMetadata) -> None:
        article_body = letters_only(metadata.article_body)
        description = letters_only(metadata.description)[:60]
        title = letters_only(metadata.title)
        for number, block in enumerate(self.page.blocks):
            letters = letters_only(block.text[:_MAX_COMPARED_CHARS])
            if letters == title:
                self.title_elements.append(block.element_index)
                if self.page.elements[block.element_index].tag in _HEADINGS:
                    self.heading_blocks.append(number)
            is_text = is_prose(block) and letters != title
            if _agrees_with_metadata(block, letters, article_body, description):
                self.prose_weights[block.element_index] += _AGREEMENT_FACTOR * block.weight
                self.confirmed[block.element_index] = True
            elif is_text and asks_for_consent(block.text):
                self.other_weights[block.element_index] += block.weight
            elif is_text or self._is_in_body_element(block, letters, title):
                self.prose_weights[block.element_index] += block.weight
            elif letters != title:
                self.other_weights[block.element_index] += block.weight

    def _is_in_body_element(self, block: Block, letters: str, title: str) -> bool:
        """Returns whether a short line lies in an element that is named as the article's body."""
        if (
            block.weight < _MIN_WEIGHT_IN_BODY
            or block.link_weight > 0.3 * block.weight
            or letters == title
        ):
            return False
        ancestors = list(islice(self.page.ancestors(block.element_index), 4))
        elements = self.page.elements
        return any(element_names.is_body(elements[index].names) for index in ancestors) and not any(
            is_aside(elements[index].tag, elements[index].names) for index in ancestors
        )

    def _is_aside(self, index: int, total: int) -> bool:
        element = self.page.elements[index]
        if self.confirmed[index]:
            return False
        if index in self.non_article_elements or index in self.further_articles:
            return True
        # An element without prose is looked at only if it is part of the text.
        if index in self.text_boxes or not self.prose_weights[index]:
            return False
        return self.prose_weights[index] < 0.5 * total and is_aside(element.tag, element.names)

    def is_aside_in_text(self, index: int) -> bool:
        """Returns whether an element inside the text is an aside."""
        element = self.page.elements[index]
        return index in self.aside_elements or (
            not self.prose_weights[index]
            and index not in self.text_boxes
            and is_aside(element.tag, element.names)
        )


def is_aside(tag: str, names: str) -> bool:
    """Returns whether an element is probably clutter or a caption, by its tag and names."""
    return element_names.is_clutter(tag, names) or element_names.is_caption(tag, names)


def _agrees_with_metadata(block: Block, letters: str, article_body: str, description: str) -> bool:
    if len(letters) < 20 or block.link_weight > _MAX_LINK_SHARE * block.weight:
        return False
    if article_body and letters in article_body:
        return True
    return len(description) >= 20 and description in letters
