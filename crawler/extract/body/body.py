"""Where on a page the article's text is: the subtree with the most prose and the least else.

Every block of sentences counts for the elements that hold it, every menu and list of links against
them; what the page says of its text elsewhere (description, `articleBody`, the place of the
headline) counts for the blocks that agree. The idea of scoring by text and link density is that of
Kohlschütter et al., Boilerplate Detection using Shallow Text Features (WSDM 2010).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from crawler.extract import hints
from crawler.extract.body.boilerplate import asks_consent, heads_machine_summary
from crawler.extract.body.repeats import besides, further_articles
from crawler.extract.page.outline import Block, Outline

_SENTENCE = re.compile(r"[.!?…。！？।။؟]|[,，、;:；：] |다\b|[」』”]")
_PROSE = 60
_LONG = 150
_SHORT_IN_BODY = 20
_MOSTLY_LINKS = 0.5
_AGREES = 3
_IN_ASIDE = 0.5
_LIFTED = frozenset({"p", "li", "h1", "h2", "h3", "h4", "blockquote", "ul", "ol", "pre"})
_HEADINGS = frozenset({"h1", "h2", "h3"})
_NEAR, _HIGH = 6, 12
_MOST_PARTS = 6
_COMPARED = 600
_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Clues:
    """What the page says of its article outside the text, each "" if it says nothing."""

    title: str = ""
    description: str = ""
    article_body: str = ""


@dataclass(slots=True)
class Body:
    """Where the text is: the elements that hold it and its blocks.

    `dropped` says of each element of the page whether it lies in clutter within the text.
    """

    elements: frozenset[int] = frozenset()
    blocks: list[Block] = field(default_factory=list)
    dropped: list[bool] = field(default_factory=list)


def find_body(page: Outline, clues: Clues) -> Body:
    if not page.blocks:
        return Body()
    sums = _Sums(page, clues)
    best = sums.best()
    while page.elements[best].tag in _LIFTED and page.elements[best].parent > 0:
        best = page.elements[best].parent
    parts = frozenset((best, *_other_parts(page, best, sums), *_opening(page, best, sums)))
    held = page.inside(parts)
    within = {index for index in sums.asides if held[index]} - parts
    blocks = [block for block in page.blocks if held[block.element]]
    return Body(parts, blocks, page.inside(within))


def _other_parts(page: Outline, best: int, sums: "_Sums") -> Iterator[int]:
    """Find what a layout has put into a second element of the same name, as above an advert.

    A further article on the same page is told by its headline in between.
    """
    chosen = page.elements[best]
    if not chosen.names.strip():
        return
    near = set(list(page.ancestors(best))[:_NEAR])
    twins = [
        index
        for index, element in enumerate(page.elements)
        if index != best and element.tag == chosen.tag and element.names == chosen.names
    ]
    if not 0 < len(twins) <= _MOST_PARTS:
        return
    headings = [i for i, element in enumerate(page.elements) if element.tag == "h1"]
    for twin in twins:
        between = range(min(best, twin), max(best, twin))
        related = not near.isdisjoint(page.ancestors(twin))
        nested = best in page.ancestors(twin) or twin in page.ancestors(best)
        if related and sums.good[twin] and not nested and not any(i in between for i in headings):
            yield twin


def _opening(page: Outline, best: int, sums: "_Sums") -> Iterator[int]:
    """Find paragraphs between the headline and the text's element, as above a picture."""
    held = page.inside((best,))
    first = next((i for i, block in enumerate(page.blocks) if held[block.element]), 0)
    heading = max((i for i in sums.headings if i < first), default=first)
    between = page.blocks[heading + 1 : first]
    if any(heads_machine_summary(block.text) for block in between):
        return
    near = set(list(page.ancestors(best))[:_NEAR])
    away = page.inside(sums.asides)
    for block in between:
        above = list(islice(page.ancestors(block.element), _HIGH))
        # A standfirst is found by its name, and told as such.
        named = any(hints.is_lead(page.elements[index].names) for index in above[:2])
        plain = is_prose(block) and block.links < 0.3 * block.weight
        free = not named and not away[block.element] and block.element not in near
        if plain and free and not near.isdisjoint(above):
            yield block.element


def is_prose(block: Block) -> bool:
    """Say whether a block reads like sentences and not like a menu, a headline or a list."""
    if block.links > _MOSTLY_LINKS * block.weight:
        return False
    return block.weight >= _LONG or (
        block.weight >= _PROSE and _SENTENCE.search(block.text) is not None
    )


def letters(text: str) -> str:
    """Give a text's letters and digits alone, to compare it with another print of it."""
    return _LETTERS.sub("", text).lower()


class _Sums:
    """Weights of sentences and of everything else, summed up from the leaves."""

    def __init__(self, page: Outline, clues: Clues) -> None:
        self.page = page
        self.asides: set[int] = set()
        self.good = [0] * len(page.elements)
        self.bad = [0] * len(page.elements)
        self.total = 0
        self.sure = [False] * len(page.elements)
        self.titles: list[int] = []
        self.headings: list[int] = []
        self._count(clues)
        self.repeated = besides(page, self.good, self.sure, titled=bool(self.titles))
        self.others = further_articles(page, self.titles)

    def best(self) -> int:
        """Give the element with the highest score; of equals the innermost."""
        elements = self.page.elements
        scores = [0.0] * len(elements)
        apart = self.page.inside(self.repeated | self.others)
        whole = sum(good for good, away in zip(self.good, apart, strict=True) if not away) or 1
        for index in range(len(elements) - 1, -1, -1):
            element = elements[index]
            if self._is_aside(index, whole):
                self.asides.add(index)
                self.bad[index] += self.good[index]
                self.good[index] = 0
            bonus = 1.3 if hints.is_body(element.names) else 1.0
            scores[index] = bonus * self.good[index] - self.bad[index]
            if element.parent >= 0:
                self.sure[element.parent] |= self.sure[index]
                self.good[element.parent] += self.good[index]
                self.bad[element.parent] += self.bad[index]
        within = self.page.inside(self.asides)
        # A part of what is likely not the text can still be it, if the page has little else.
        for index, score in enumerate(scores):
            if within[index]:
                scores[index] = float("-inf") if apart[index] else min(score, _IN_ASIDE * score)
        return max(range(len(scores)), key=lambda index: (scores[index], index))

    def _count(self, clues: Clues) -> None:
        told = letters(clues.article_body)
        opening = letters(clues.description)[:60]
        title = letters(clues.title)
        for number, block in enumerate(self.page.blocks):
            plain = letters(block.text[:_COMPARED])
            if plain == title:
                self.titles.append(block.element)
                if self.page.elements[block.element].tag in _HEADINGS:
                    self.headings.append(number)
            prose = is_prose(block) and plain != title
            if prose:
                self.total += block.weight
            if _agrees(block, plain, told, opening):
                self.good[block.element] += _AGREES * block.weight
                self.sure[block.element] = True
            elif prose and asks_consent(block.text):
                self.bad[block.element] += block.weight
            elif prose or self._in_body_element(block, plain, title):
                self.good[block.element] += block.weight
            elif plain != title:
                self.bad[block.element] += block.weight

    def _in_body_element(self, block: Block, plain: str, title: str) -> bool:
        """A short line in an element that is called the article's body."""
        if block.weight < _SHORT_IN_BODY or block.links > 0.3 * block.weight or plain == title:
            return False
        above = list(islice(self.page.ancestors(block.element), 4))
        elements = self.page.elements
        return any(hints.is_body(elements[index].names) for index in above) and not any(
            is_aside(elements[index].tag, elements[index].names) for index in above
        )

    def _is_aside(self, index: int, whole: int) -> bool:
        element = self.page.elements[index]
        if self.sure[index]:
            return False
        if index in self.repeated or index in self.others:
            return True
        return self.good[index] < 0.5 * whole and is_aside(element.tag, element.names)


def is_aside(tag: str, names: str) -> bool:
    return hints.is_clutter(tag, names) or hints.is_caption(tag, names)


def _agrees(block: Block, plain: str, told: str, opening: str) -> bool:
    if len(plain) < 20 or block.links > _MOSTLY_LINKS * block.weight:
        return False
    if told and plain in told:
        return True
    return len(opening) >= 20 and opening in plain
