"""Finds the headline as a reader sees it, from all places where a page states it."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from selectolax.lexbor import LexborNode

from crawler.extract.body.body import ArticleMetadata, find_body, is_prose, letters_only
from crawler.extract.body.boilerplate import is_boilerplate
from crawler.extract.page.clean import clean_line
from crawler.extract.page.outline import Block, Outline, text_weight
from crawler.extract.page.page import Page
from crawler.extract.page.paragraphs import text_of
from crawler.extract.page.structured import StructuredData
from crawler.extract.urls import path_of

_SEPARATOR = re.compile(
    r"\s+(?:[|｜ㅣ:：>»·•‹<\-–—]|--|::|//|\bl\b)\s+|\s?[|｜ㅣ》»]\s?|\s?--\s?|：|::|_"
)
_BRACKET = re.compile(r"^\s*[\[【〈<(（《][^\]】〉>)）》]{1,20}[\]】〉>)）》]\s*")
_ELLIPSIS_END = re.compile(r"(?:\.\.\.|…)\s*$")
_HEADLINE = re.compile(
    r"(?:^|[\s_-])(?:title|headline|tit|subject|heading)(?:$|[\s_\d-])|Title", re.IGNORECASE
)
_DATE = re.compile(r"[\W\d]*(?:19|20)\d{2}\D.{0,40}|.{0,40}\b(?:19|20)\d{2}\b.{0,16}")
_MAX_TAIL_WEIGHT = 45
_USUAL_TITLE_WEIGHT = 60
_MAX_TITLE_CHARS = 500
_MIN_SIMILARITY = 72.0


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline, and the place where it was found."""

    text: str
    source: str


def find_title(page: Page, structured: StructuredData, host: str) -> Headline:
    """Returns the headline: preferably a printed one that the metadata confirm; "" if none.

    `host`: the page's host without "www.", a source for the site's name.
    """
    site_names = _site_names(page, structured, host)
    stated = [
        headline
        for headline in _iter_metadata_titles(page, structured, site_names)
        if not _is_site_name(headline.text, site_names)
    ]
    printed = [
        headline
        for headline in _iter_printed_titles(page)
        if not _is_site_name(headline.text, site_names)
    ]
    for headline in printed:
        for other in stated:
            if is_same_headline(headline.text, other.text):
                return _choose_fuller(headline, other, stated)
    complete = [headline for headline in stated if not _ELLIPSIS_END.search(headline.text)]
    if complete or stated:
        return (complete or stated)[0]
    headings = [headline for headline in printed if headline.source != "h2"] or printed[:1]
    if headings and (headings[0].source != "h2" or len(printed) == 1):
        # Without metadata, the shorter heading is probably the site's name.
        return max(
            headings, key=lambda headline: min(text_weight(headline.text), _USUAL_TITLE_WEIGHT)
        )
    return _find_opening_line(page.outline) or (printed[0] if printed else Headline("", ""))


def _find_opening_line(outline: Outline) -> Headline | None:
    """Returns the line above the text, for a page without metadata and headings; else None."""
    body = find_body(outline, ArticleMetadata())
    start = next((i for i, block in enumerate(outline.blocks) if block in body.blocks), 0)
    first_prose = next(
        (i for i, each in enumerate(outline.blocks) if i >= start and is_prose(each)), start
    )
    blocks_above = [
        block
        for block in outline.blocks[max(0, start - 4) : first_prose]
        if _may_be_headline(block)
    ]
    for block in blocks_above:
        element = outline.elements[block.element_index]
        if element.tag in ("h1", "h2", "h3", "h4") or _HEADLINE.search(element.names):
            return Headline(block.text, f"element {element.tag}")
    blocks_inside = [
        block for block in outline.blocks[start:first_prose] if _may_be_headline(block)
    ]
    candidates = (
        blocks_inside[:1]
        or sorted(blocks_above, key=lambda block: -min(block.weight, _USUAL_TITLE_WEIGHT))[:1]
    )
    return (
        Headline(candidates[0].text.replace("\n", " "), "line above the text")
        if candidates
        else None
    )


def _may_be_headline(block: Block) -> bool:
    if block.link_weight > 0.3 * block.weight or not 8 <= block.weight <= 260:
        return False
    return not _DATE.fullmatch(block.text) and not is_boilerplate(block.text)


def remove_site_name(title: str, site_names: Iterable[str]) -> str:
    """Removes the names of site and section from the end of a title.

    `site_names`: names of the site.
    """
    site_letters = [name for name in map(letters_only, site_names) if name]
    separators = [(match.span(), match[0]) for match in _SEPARATOR.finditer(title)]
    for (start, end), separator in reversed(separators):
        tail = letters_only(title[end:])
        is_site_name = any(
            tail == name or (len(name) > 3 and name in tail) for name in site_letters
        )
        if not title[:start].strip() or not (
            is_site_name or _is_removable_tail(title[:start], title[end:], separator)
        ):
            break
        title = title[:start].strip()
    return title


def _is_removable_tail(title_start: str, tail: str, separator: str) -> bool:
    """Returns whether a tail is a section or site: it is short and follows a bar or double dash."""
    if "|" in separator or separator.strip() in ("｜", "ㅣ", "»", "》", "--", "::", "l", ">"):
        return text_weight(tail) <= _MAX_TAIL_WEIGHT and text_weight(title_start) >= text_weight(
            tail
        )
    return False


def _site_names(page: Page, structured: StructuredData, host: str) -> list[str]:
    names = [*page.meta.get("og:site_name", ()), *page.meta.get("application-name", ())]
    names += [*page.meta.get("apple-mobile-web-app-title", ()), *structured.publishers]
    names += [label for label in host.split(".")[:-1] if len(label) > 2]
    return list(dict.fromkeys(filter(None, names)))


def _is_site_name(title: str, site_names: Sequence[str]) -> bool:
    letters = letters_only(title)
    if len(letters) < 2 or letters.isdigit():
        return True
    for name in map(letters_only, site_names):
        if letters == name or (
            len(name) > 2 and name in letters and text_weight(title) < 1.6 * len(name) + 8
        ):
            return True
    return False


def _iter_metadata_titles(
    page: Page, structured: StructuredData, site_names: Sequence[str]
) -> Iterator[Headline]:
    for text in structured.headlines:
        yield Headline(remove_site_name(_unescape_title(text), site_names), "json-ld headline")
    for name in ("og:title", "twitter:title", "sailthru.title", "parsely-title", "citation_title",
                 "dc.title", "title", "headline", "document-title"):  # fmt: skip
        for text in page.meta.get(name, ())[:1]:
            yield Headline(remove_site_name(_unescape_title(text), site_names), f"meta {name}")


def _iter_printed_titles(page: Page) -> Iterator[Headline]:
    for selector in ("[itemprop=headline]", "h1", "h2"):
        for node in page.tree.css(selector)[:8]:
            if (node.tag or "") != "meta" and (text := text_of(node)) and not _is_logo(node, text):
                yield Headline(text[:_MAX_TITLE_CHARS], selector)


def _is_logo(node: LexborNode, text: str) -> bool:
    """Returns whether a heading is the site's logo: only a link to the front page."""
    link = node.css_first("a")
    if link is None or text_of(link) != text:
        return False
    address = link.attributes.get("href") or ""
    return address in ("", "#") or not path_of(address)


def _unescape_title(text: str) -> str:
    return clean_line(html.unescape(text[:_MAX_TITLE_CHARS]))


def is_same_headline(first: str, second: str) -> bool:
    """Returns whether two headlines are the same except for small differences.

    The shorter one must be a large part of the longer one, or their similarity (rapidfuzz `ratio`)
    at least 72.
    """
    first, second = letters_only(first), letters_only(second)
    if not first or not second:
        return False
    shorter, longer = sorted((first, second), key=len)
    if shorter in longer:
        return 3 * len(shorter) >= len(longer) or len(shorter) > 20
    return fuzz.ratio(first, second) >= _MIN_SIMILARITY


def _choose_fuller(printed: Headline, stated: Headline, others: Sequence[Headline]) -> Headline:
    """Chooses the printed headline, unless the form in the metadata is better.

    It is better if several metadata agree on a bracketed mark that is not printed, or if the
    printed block contains more than the headline.
    """
    printed_letters, stated_letters = letters_only(printed.text), letters_only(stated.text)
    without_bracket = _BRACKET.sub("", stated.text)
    if printed_letters != stated_letters and letters_only(without_bracket) == printed_letters:
        agreeing_count = sum(letters_only(other.text) == stated_letters for other in others)
        return stated if agreeing_count > 1 else printed
    if stated_letters in printed_letters and text_weight(printed.text) > 1.15 * text_weight(
        stated.text
    ):
        return stated if not _ELLIPSIS_END.search(stated.text) else printed
    return printed
