"""Finds the dates that a page prints near its headline, and tells which are not the article's.

The headline and the first paragraph stand in one box. A date outside this box is another's: the
masthead's (today), a reader's comment, a related article. A date behind the first paragraph counts
only if its line is little more than a date.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from selectolax.lexbor import LexborNode

from crawler.extract import element_names
from crawler.extract.body.body import letters_only
from crawler.extract.body.boilerplate import is_date_line
from crawler.extract.body.sentences import ends_like_sentence
from crawler.extract.dates.calendars import to_gregorian
from crawler.extract.dates.clocks import only_clock
from crawler.extract.dates.dates import ParsedDate
from crawler.extract.fields.date_claims import DateClaim, PageDateParser, is_near
from crawler.extract.page.outline import Block, Element, Outline
from crawler.extract.page.paragraphs import text_of

PRINTED_NEAR = "printed near the headline"
PRINTED_ABOVE = "printed above the headline"
PRINTED_BELOW = "printed below the headline"
_NEAR_BLOCKS, _FAR_BLOCKS, _BLOCKS_BEFORE, _MIN_TITLE_OVERLAP = 12, 40, 4, 0.6
_MAX_LINE_WEIGHT = 160
_MIN_SENTENCE_WEIGHT, _MAX_CLOCK_CHARS, _DATE_WEIGHT = 80, 24, 8
_DATELIKE = re.compile(
    r"(?:19|20)\d{2}|\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{1,2}|\d{2}\s?[년年]"
    r"|\d{1,2}[\s.-]{1,2}[^\W\d]{3,12}\.?[\s-]'?\d{2}\b|[^\W\d]{3,12}\.?\s\d{1,2},?\s'\d{2}\b"
)
# Boxes of other things than the article, by tag or by the beginning of a class or id.
_FOREIGN_TAGS = ("nav", "aside", "blockquote")
_CAPTION_TAGS = ("figcaption", "figure")
_FOREIGN_NAMES = re.compile(
    r"(?:^|\s)(?:comments?(?:-?(?:list|area|thread|section|box)s?)?|repl(?:y|ies)|disqus|reviews?|related|recommend\w*|sidebar|copyright"
    r"|caption|masthead|today)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HEAD_NAMES = re.compile(
    r"(?:^|\s)(?:header|head|top|topbar|gnb|lnb|util)(?:$|[\s_-])", re.IGNORECASE
)
_PUBLISHED = re.compile(
    r"^\W{0,3}(?:first |originally )?(?:publi|posted|입력|등록|게재|발행|송고|公開|掲載|発表|发布|發布|опубликован|veröffentlicht)",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(r"[©ⓒ]|\bcopyright\b|all rights reserved", re.IGNORECASE)
DAY_OF_VISIT = timedelta(hours=36)
"""A day printed in the head of a page is that of the visit if it is at most so far from it."""
_CLOCK_OF_VISIT = timedelta(hours=1)
_MAX_ANCESTORS = 12


@dataclass(frozen=True, slots=True)
class _Place:
    """Where on a page the article stands; -1 if unknown.

    `title`, `prose`, `text`: indices of the blocks that are the headline, the first paragraph and
    the third; those before it may be lead and caption. `box`: index of the element that has the
    headline and the first two paragraphs.
    """

    title: int
    prose: int
    text: int
    box: int


def iter_printed_claims(
    outline: Outline, title: str, date_parser: PageDateParser
) -> Iterator[DateClaim]:
    """Yields the dates printed near the headline, the most trusted first.

    Those between headline and text come first, then those above the headline, then those below
    the beginning of the text. Marked times of updates are left out.
    """
    place = _find_place(outline, title)
    is_found = False
    for source, indices in _near_groups(outline, title, place):
        for time in _iter_times(outline, place, indices, date_parser, source):
            yield DateClaim(time, source)
            is_found = True
    if is_found or place.title < 0 or place.prose < 0:
        return
    # Farther from the headline, only a line that is nothing but a date counts.
    start = place.title + 1 + _NEAR_BLOCKS
    far = range(start, min(start - _NEAR_BLOCKS + _FAR_BLOCKS, len(outline.blocks)))
    for time in _iter_times(outline, place, _own(outline, place, far), date_parser, PRINTED_BELOW):
        yield DateClaim(time, PRINTED_BELOW)
        return


def is_in_foreign_box(node: LexborNode) -> bool:
    """Returns whether an element is in a box of comments or of other articles."""
    for _ in range(_MAX_ANCESTORS):
        parent = node.parent
        if parent is None:
            return False
        attributes = parent.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        is_comment = "Comment" in (attributes.get("itemtype") or "")
        if is_comment or parent.tag in _FOREIGN_TAGS or _FOREIGN_NAMES.search(names):
            return True
        node = parent
    return False


def iter_lines_near_headline(outline: Outline, title: str) -> Iterator[Block]:
    """Yields the short lines near the headline, those after it first."""
    place = _find_place(outline, title)
    for _, indices in _near_groups(outline, title, place):
        for index in indices:
            if _is_short_line(outline.blocks[index]):
                yield outline.blocks[index]


def _near_groups(outline: Outline, title: str, place: _Place) -> list[tuple[str, Iterable[int]]]:
    """Returns the places near the headline, each with the indices of its blocks."""
    start = place.title
    # If the headline's block contains more, the date may be there.
    has_more = start >= 0 and letters_only(outline.blocks[start].text) != letters_only(title)
    first, last = start + (not has_more), min(start + 1 + _NEAR_BLOCKS, len(outline.blocks))
    middle = place.prose if first <= place.prose < last else last
    above = range(start - 1, max(-1, start - 1 - _BLOCKS_BEFORE), -1) if start > 0 else range(0)
    return [
        (PRINTED_NEAR if start >= 0 else PRINTED_ABOVE, _own(outline, place, range(first, middle))),
        (PRINTED_ABOVE, _own(outline, place, above)),
        (PRINTED_BELOW, _own(outline, place, range(middle, last))),
    ]


def _own(outline: Outline, place: _Place, indices: Iterable[int]) -> Iterator[int]:
    """Yields the indices of blocks that are in no box of another thing."""
    article = frozenset(_ancestors_of_block(outline, place.title))
    outside = frozenset(outline.ancestors(place.box)) - {place.box}
    has_own_tag = any(outline.elements[number].tag in ("article", "main") for number in article)
    for index in indices:
        block = outline.blocks[index]
        is_date = is_date_line(block.text)
        for number in outline.ancestors(block.element_index):
            if number in article:
                is_above = index < place.title
                if number not in outside or (is_above and not has_own_tag):
                    yield index
                break
            element = outline.elements[number]
            if (
                element.tag in _FOREIGN_TAGS
                or (element.tag in _CAPTION_TAGS and not is_date)
                or (element.tag == "footer" and place.box <= 0)
                or _FOREIGN_NAMES.search(element.names)
                or (0 <= place.prose < index and _is_comment_or_entry(element, block))
            ):
                break
        else:
            if place.title < 0:
                yield index


def _is_comment_or_entry(element: Element, block: Block) -> bool:
    """Returns whether an element below the beginning of the text is a comment or another article.

    So is an entry of a list that holds more than the block with the date.
    """
    return (
        (element.tag == "li" and text_of(element.node) != block.text)
        or element_names.is_comments_or_consent(element.names)
        or "Comment" in (element.node.attributes.get("itemtype") or "")
    )


def _ancestors_of_block(outline: Outline, index: int) -> Iterator[int]:
    return outline.ancestors(outline.blocks[index].element_index) if index >= 0 else iter(())


def _is_masthead(
    outline: Outline, place: _Place, index: int, time: ParsedDate, now: datetime
) -> bool:
    """Returns whether a day above the headline is that of the page's head: the day of reading.

    A day in the article's own box is not. If the page does not print the headline, any can be.
    """
    if 0 <= place.title <= index:
        return False
    article = frozenset(_ancestors_of_block(outline, place.title))
    meeting = next(
        (number for number in _ancestors_of_block(outline, index) if number in article), 0
    )
    if place.box > 0 and meeting not in frozenset(
        outline.ancestors(outline.elements[place.box].parent)
    ):
        return False
    heads = (
        outline.elements[number]
        for number in _ancestors_of_block(outline, index)
        if number not in article
    )
    is_head = any(head.tag == "header" or _HEAD_NAMES.search(head.names) for head in heads)
    return is_head or abs(time.at - now) < (_CLOCK_OF_VISIT if time.has_time else DAY_OF_VISIT)


def _iter_times(
    outline: Outline,
    place: _Place,
    indices: Iterable[int],
    date_parser: PageDateParser,
    source: str,
) -> Iterator[ParsedDate]:
    """Yields the dates of a group of lines: those with a time of day, date lines, then others."""
    found: list[tuple[int, ParsedDate]] = []
    for index in indices:
        block = outline.blocks[index]
        is_line = is_date_line(block.text)
        # Right behind the headline, tools for readers may stand in the line of the date.
        is_beside_links = (
            source == PRINTED_NEAR and block.weight - block.link_weight >= _DATE_WEIGHT
        )
        if not (is_line or _is_short_line(block, is_beside_links=is_beside_links)):
            continue
        time = _parse_line(outline, index, date_parser)
        if time is None or time.is_update:
            continue
        ends_sentence = block.weight > _MIN_SENTENCE_WEIGHT and ends_like_sentence(block.text)
        is_line = is_line or _PUBLISHED.match(block.text) is not None
        if source == PRINTED_BELOW:
            is_in_text = 0 <= place.text < index and _heads_words(outline, index)
            if is_in_text or not (is_line or (time.has_time and not ends_sentence)):
                continue
        if not _is_masthead(outline, place, index, time, date_parser.now):
            found.append((0 if time.has_time else 1 if is_line else 2, time))
    if source == PRINTED_BELOW and any(not is_near(time, found[0][1]) for _, time in found):
        return  # a list of other articles or of comments: nothing says which date is this one's
    found.sort(key=lambda item: item[0])
    yield from (time for _, time in found)


def _heads_words(outline: Outline, index: int) -> bool:
    """Returns whether a sentence follows a line: then the line is the head of a comment or a part."""
    return any(
        ends_like_sentence(block.text)
        and block.link_weight == 0
        and _COPYRIGHT.search(block.text) is None
        for block in outline.blocks[index + 1 : index + 2]
    )


def _parse_line(outline: Outline, index: int, date_parser: PageDateParser) -> ParsedDate | None:
    """Returns the time in a line; a clock that stands alone in a line beside it belongs to it."""
    block = outline.blocks[index]
    printed = block.text.replace("\n", " ")
    exact = _exact_time(outline.elements[block.element_index].node, block.text)
    if _COPYRIGHT.search(printed):
        return None
    if not exact and not _DATELIKE.search(to_gregorian(printed, date_parser.languages)):
        return None
    time = date_parser.parse(printed)
    if exact and not (time and time.is_update) and (stated := date_parser.parse(exact)):
        is_earlier = time is not None and time.at < stated.at and not is_near(time, stated)
        time = time if is_earlier else stated
    if time is None or time.has_time:
        return time
    for neighbour in (index + 1, index - 1):
        if 0 <= neighbour < len(outline.blocks):
            text = outline.blocks[neighbour].text
            if len(text) <= _MAX_CLOCK_CHARS and only_clock(to_gregorian(text)):
                return date_parser.parse(f"{printed} {text}") or time
    return time


def _exact_time(node: LexborNode, text: str) -> str:
    """Returns the `datetime` of the `<time>` element that prints a line or part of it; else ""."""
    time = node if node.tag == "time" else node.css_first("time[datetime]")
    if time is None or (time is not node and text_of(time) not in text):
        return ""
    if "dateModified" in (time.attributes.get("itemprop") or ""):
        return ""
    return time.attributes.get("datetime") or ""


def _is_short_line(block: Block, *, is_beside_links: bool = False) -> bool:
    has_few_links = is_beside_links or block.link_weight <= 0.5 * block.weight
    return block.weight <= _MAX_LINE_WEIGHT and has_few_links


def _find_place(outline: Outline, title: str) -> _Place:
    """Finds the headline, the first paragraph, and the box that has both and the next paragraph."""
    start = _find_title_block(outline, letters_only(title))
    prose = [
        index
        for index in range(start + 1, min(start + 1 + _FAR_BLOCKS, len(outline.blocks)))
        if _is_prose(outline.blocks[index])
    ][:3]
    if start < 0 or not prose:
        return _Place(start, prose[0] if prose else -1, -1, -1)
    chain = list(outline.ancestors(outline.blocks[start].element_index))
    for index in prose[:2]:
        around = set(outline.ancestors(outline.blocks[index].element_index))
        chain = [element for element in chain if element in around]
    text = prose[2] if len(prose) > 2 else -1
    return _Place(start, prose[0], text, chain[0] if chain else -1)


def _is_prose(block: Block) -> bool:
    if block.link_weight > 0.5 * block.weight:
        return False
    is_sentence = block.weight >= _MIN_SENTENCE_WEIGHT and ends_like_sentence(block.text)
    return is_sentence or block.weight >= _MAX_LINE_WEIGHT


def _find_title_block(outline: Outline, title: str) -> int:
    """Returns the index of the block that is the headline; -1 if the page does not print it.

    Prefers an `h1`, `h2` or `h3`. If no block is equal, one with most of the headline is enough,
    because titles contain marks and site names.
    """
    exact_match = similar_match = -1
    for index, block in enumerate(outline.blocks):
        if not title or block.weight >= 400:
            continue
        letters = letters_only(block.text)
        if letters == title:
            is_heading = outline.elements[block.element_index].tag in ("h1", "h2", "h3")
            if is_heading:
                return index
            exact_match = index if exact_match < 0 else exact_match
        elif exact_match < 0 and len(letters) >= 8 and (letters in title or title in letters):
            is_similar = min(len(letters), len(title)) >= _MIN_TITLE_OVERLAP * max(
                len(letters), len(title)
            )
            similar_match = index if is_similar else similar_match
    return exact_match if exact_match >= 0 else similar_match
