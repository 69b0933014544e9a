"""Finds the headline as a reader sees it, from all places where a page states it."""

import html
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from rapidfuzz import fuzz
from selectolax.lexbor import LexborNode

from crawler.extract.body.body import ArticleMetadata, find_body, is_prose, letters_only
from crawler.extract.body.boilerplate import is_boilerplate, is_date_line
from crawler.extract.fields.title_tails import iter_cuts, remove_site_name
from crawler.extract.page.clean import clean_line
from crawler.extract.page.microdata import is_of_article
from crawler.extract.page.outline import Block, Outline, text_weight
from crawler.extract.page.page import Page
from crawler.extract.page.paragraphs import text_of
from crawler.extract.page.structured import StructuredData
from crawler.extract.urls import path_of

# Where a page prints its headline: selectors, and the sources of such headlines.
PRINTED = ("[itemprop=headline]", "h1", "h2")
_BRACKET = re.compile(r"^\s*[\[【〈<(（《][^\]】〉>)）》]{1,20}[\]】〉>)）》]\s*")
_ELLIPSIS_END = re.compile(r"(?:\.\.\.|…)\s*$")
_HEADLINE = re.compile(
    r"(?:^|[\s_-])(?:title|headline|tit|subject|heading)(?:$|[\s_\d-])|Title", re.IGNORECASE
)
_DATE = re.compile(r"[\W\d]*(?:19|20)\d{2}\D.{0,40}|.{0,40}\b(?:19|20)\d{2}\b.{0,16}")
_USUAL_TITLE_WEIGHT = 60
_DIGITS = re.compile(r"\d+")
_CLOCK = re.compile(r"\D{0,12}\b\d{1,2}:\d{2}(?::\d{2})?\D{0,12}")
_MAX_TITLE_CHARS = 500
_MIN_PART_WEIGHT, _MIN_PART_SHARE = 20, 0.4
_MAX_LINE_WEIGHT, _MAX_REST, _MAX_NAME_WEIGHT = 400, 24, 30
_MAX_HEADING_ELEMENTS, _MAX_CUTS = 12, 8
_MIN_SIMILARITY = 72.0


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline, and the place where it was found."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class _StatedTitle(Headline):
    """A title in the metadata, as stated and (`text`) without the names of section and site.

    `letters`: as stated. `parts`: its beginnings and ends that may be the headline, the longest
    beginning first; letters only, with the text of each.
    """

    letters: str
    parts: dict[str, str]


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
        for headline in _iter_printed_titles(page, site_names)
        if not _is_site_name(headline.text, site_names)
    ]
    return (
        _find_confirmed(printed, stated)
        or _find_similar(printed, stated)
        or _find_stated(page, stated, printed)
        or _find_heading(page, printed)
    )


def _find_confirmed(printed: Sequence[Headline], stated: Sequence[_StatedTitle]) -> Headline | None:
    """Returns the first heading that is word for word a stated title or a part of it; else None.

    If more fields agree on a title that is only a part of the heading, that one is returned, and
    so is a title that the heading prints beside a date.
    """
    for headline in printed:
        letters = letters_only(headline.text)
        agreeing = [title for title in stated if letters in (title.letters, *title.parts)]
        if agreeing:
            shorter = [title for title in stated if _is_part(letters_only(title.text), letters)]
            counts = Counter(letters_only(title.text) for title in shorter)
            part, count = counts.most_common(1)[0] if counts else ("", 0)
            if count > len(agreeing):
                return next(title for title in shorter if letters_only(title.text) == part)
            return headline
        for text in (text for title in stated for text in title.parts.values()):
            if text in headline.text and _is_time(_rest(headline.text, text)):
                return Headline(text, headline.source)
    return None


def _is_part(shorter: str, longer: str) -> bool:
    return shorter != longer and shorter in longer and 2 * len(shorter) > len(longer)


def _rest(text: str, part: str) -> str:
    return text.removeprefix(part).removesuffix(part).strip(" |·-")


def _find_similar(printed: Sequence[Headline], stated: Sequence[_StatedTitle]) -> Headline | None:
    for headline in printed:
        letters = letters_only(headline.text)
        for other in stated:
            whole = letters_only(other.text)
            # A heading that is only a small part of a title is a topic, or a section's name.
            is_small_part = letters in whole and 2 * len(letters) < len(whole)
            if not is_small_part and is_same_headline(headline.text, other.text):
                return _choose_fuller(headline, other, stated)
    return None


def _find_stated(
    page: Page, stated: Sequence[_StatedTitle], printed: Sequence[Headline]
) -> Headline | None:
    """Returns the stated title, or its longest part, that is a line of the page; else the first.

    A page without headings prints its headline too, so the line shows where the site's name begins.
    None if the page's main heading is more likely: the title is the site's name, or made only for
    search engines.
    """
    if not stated:
        return None
    stated = [title for title in stated if not _ELLIPSIS_END.search(title.text)] or stated
    heading = _main_heading(printed)
    longest = max(text_weight(title.text) for title in stated)
    if heading and longest <= _MAX_NAME_WEIGHT and text_weight(heading.text) > 1.5 * longest:
        return None  # the title is the site's name
    if heading is None and len({part for title in stated for part in title.parts}) == 1:
        return stated[0]
    lines = {
        letters_only(block.text)
        for block in page.outline.blocks
        if block.weight <= _MAX_LINE_WEIGHT
    }
    for title in stated:
        for letters, text in title.parts.items():
            if any(_is_line_of(line, letters) for line in lines):
                return Headline(text, title.source)
    is_for_search = all(each.source in ("meta title", "meta document-title") for each in stated)
    if (
        heading
        and is_for_search
        and text_weight(heading.text) > max(_MAX_NAME_WEIGHT, longest // 2)
    ):
        return None
    return Headline(_cut_printed_tails(stated[0].text, lines), stated[0].source)


def _cut_printed_tails(title: str, lines: Collection[str]) -> str:
    """Removes from the end of a title what the page prints as a line, such as a link: a name."""
    for cut in iter_cuts(title):
        tail = title[cut.end :].strip()
        if letters_only(tail) not in lines or 2 * text_weight(tail) > text_weight(cut.head):
            break
        title = cut.head
    return title


def _is_line_of(line: str, title: str) -> bool:
    """Returns whether a line is a title, perhaps with a date or a name behind it."""
    return line.startswith(title) and len(line) - len(title) <= min(_MAX_REST, len(title))


def _find_heading(page: Page, printed: Sequence[Headline]) -> Headline:
    """Returns the most likely heading of a page whose metadata state no title."""
    if heading := _main_heading(printed):
        return heading
    opening = _find_opening_line(page.outline)
    if opening and (len(printed) != 1 or opening.source.startswith("element")):
        return opening
    return printed[0] if printed else Headline("", "")


def _main_heading(printed: Sequence[Headline]) -> Headline | None:
    headings = [headline for headline in printed if headline.source != "h2"]
    if len({headline.text for headline in headings if headline.source != "h1"}) > 1:
        # Related articles have marked headlines too.
        headings = [headline for headline in headings if headline.source == "h1"] or headings[:1]
    # The shorter heading is probably the site's name.
    return max(
        headings,
        key=lambda headline: min(text_weight(headline.text), _USUAL_TITLE_WEIGHT),
        default=None,
    )


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
    above = [(block, outline.elements[block.element_index]) for block in blocks_above]
    named = [pair for pair in above if _HEADLINE.search(pair[1].names)]
    for block, element in named or above:
        if named or element.tag in ("h1", "h2", "h3", "h4"):
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


def _site_names(page: Page, structured: StructuredData, host: str) -> list[str]:
    names = [*page.meta.get("og:site_name", ()), *page.meta.get("application-name", ())]
    names += [*page.meta.get("apple-mobile-web-app-title", ()), *structured.publishers]
    labels = host.split(".")
    names += [host, ".".join(labels[-2:]), *(label for label in labels[:-1] if len(label) > 2)]
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
) -> Iterator[_StatedTitle]:
    texts = [("json-ld headline", text) for text in structured.headlines]
    for name in ("og:title", "twitter:title", "sailthru.title", "parsely-title", "citation_title",
                 "dc.title", "title", "headline", "document-title"):  # fmt: skip
        texts += [(f"meta {name}", text) for text in page.meta.get(name, ())[:1]]
    # Most fields have the same text.
    parsed: dict[str, _StatedTitle] = {}
    for source, text in texts:
        if text not in parsed:
            parsed[text] = _stated_title(text, source, site_names)
        yield replace(parsed[text], source=source)


def _stated_title(text: str, source: str, site_names: Sequence[str]) -> _StatedTitle:
    text = clean_line(html.unescape(text[:_MAX_TITLE_CHARS]))
    whole = remove_site_name(text, site_names, keep_sections=True)
    weight = text_weight(whole)
    parts = {letters_only(whole): whole}
    cuts = list(islice(iter_cuts(whole), _MAX_CUTS))
    for cut in cuts:
        # Before a colon, there is often a topic.
        least = weight / 2 if cut.mark in ":：" else min(_MIN_PART_WEIGHT, _MIN_PART_SHARE * weight)
        if text_weight(cut.head) >= least:
            parts.setdefault(letters_only(cut.head), cut.head)
    # Some sites put their name first, or a topic.
    for head in (whole, *(cut.head for cut in cuts)):
        for cut in reversed(cuts):
            tail = head[cut.end :].strip()
            if 2 * text_weight(tail) >= weight:
                parts.setdefault(letters_only(tail), tail)
    return _StatedTitle(remove_site_name(text, site_names), source, letters_only(text), parts)


def _iter_printed_titles(page: Page, site_names: Sequence[str]) -> Iterator[Headline]:
    for selector in PRINTED:
        for node in page.tree.css(selector)[:8]:
            if node.tag == "meta" or (selector.startswith("[") and not is_of_article(node)):
                continue
            if (text := text_of(node)[:_MAX_TITLE_CHARS]) and not _is_logo(node, text):
                text = html.unescape(_remove_time(node, text))
                yield Headline(remove_site_name(text, site_names, keep_sections=True), selector)


def _remove_time(node: LexborNode, text: str) -> str:
    """Removes a date or a clock time that has an element of its own at the heading's edge."""
    for child in node.css("*")[1:_MAX_HEADING_ELEMENTS]:
        part = text_of(child)
        if part and part != text and (child.tag == "time" or _is_time(part)):
            text = text.removeprefix(part).removesuffix(part).strip()
    return text


def _is_time(text: str) -> bool:
    """Returns whether a text is only a clock time or a date; a year alone may end a headline."""
    has_day = sum(map(str.isdigit, text)) > 4
    return _CLOCK.fullmatch(text) is not None or (has_day and is_date_line(text))


def _is_logo(node: LexborNode, text: str) -> bool:
    """Returns whether a heading is the site's logo: only a link to the front page."""
    link = node.css_first("a")
    if link is None or text_of(link) != text:
        return False
    address = link.attributes.get("href") or ""
    return address in ("", "#") or not path_of(address)


def is_stated(page: Page, title: str) -> bool:
    """Returns whether the page's metadata contain a title; True if they state none."""
    letters, stated = letters_only(title), _stated_letters(page)
    return not stated or any(letters in each for each in stated)


def _stated_letters(page: Page) -> list[str]:
    names = ("og:title", "twitter:title", "document-title")
    return [letters_only(text) for name in names for text in page.meta.get(name, ())[:1]]


def has_stated_heading(page: Page) -> bool:
    """Returns whether the metadata may state a printed heading, apart from a clock or date in it."""
    headings = (text_of(node) for selector in PRINTED for node in page.tree.css(selector)[:12])
    words = (_DIGITS.sub("", letters_only(heading)) for heading in headings)
    stated = [_DIGITS.sub("", letters) for letters in _stated_letters(page)]
    return any(heading in title for heading in words if heading for title in stated)


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
    if stated_letters in printed_letters and (
        text_weight(printed.text) > 1.15 * text_weight(stated.text)
        or _is_time(_rest(printed.text, stated.text))
    ):
        return stated if not _ELLIPSIS_END.search(stated.text) else printed
    return printed
