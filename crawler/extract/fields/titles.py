"""The headline as a reader sees it, from all places where a page names it."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from selectolax.lexbor import LexborNode

from crawler.extract.addresses import path_of
from crawler.extract.body.body import Clues, find_body, is_prose
from crawler.extract.body.boilerplate import is_boilerplate
from crawler.extract.page.blocks import text_of
from crawler.extract.page.clean import clean_line
from crawler.extract.page.outline import Block, Outline, weight
from crawler.extract.page.page import Page
from crawler.extract.page.structured import Structured

_SEPARATOR = re.compile(
    r"\s+(?:[|｜ㅣ:：>»·•‹<\-–—]|--|::|//|\bl\b)\s+|\s?[|｜ㅣ》»]\s?|\s?--\s?|：|::|_"
)
_LETTERS = re.compile(r"[\W_]+")
_BRACKET = re.compile(r"^\s*[\[【〈<(（《][^\]】〉>)）》]{1,20}[\]】〉>)）》]\s*")
_CUT = re.compile(r"(?:\.\.\.|…)\s*$")
_HEADLINE = re.compile(
    r"(?:^|[\s_-])(?:title|headline|tit|subject|heading)(?:$|[\s_\d-])|Title", re.IGNORECASE
)
_DATE = re.compile(r"[\W\d]*(?:19|20)\d{2}\D.{0,40}|.{0,40}\b(?:19|20)\d{2}\b.{0,16}")
_TAIL = 45
_USUAL = 60
_LONGEST = 500
_ALIKE = 72.0


@dataclass(frozen=True, slots=True)
class Named:
    """A headline and where it stands."""

    text: str
    source: str


def find_title(page: Page, structured: Structured, host: str) -> Named:
    """Give the headline; of the printed ones that which the page's metadata agree with.

    `host`: the page's host without "www.", from which the site's own name is told.
    """
    site = _site_names(page, structured, host)
    told = [found for found in _told(page, structured, site) if not _is_site(found.text, site)]
    printed = [found for found in _printed(page) if not _is_site(found.text, site)]
    for found in printed:
        for other in told:
            if alike(found.text, other.text):
                return _fuller(found, other, told)
    whole = [found for found in told if not _CUT.search(found.text)]
    if whole or told:
        return (whole or told)[0]
    heads = [found for found in printed if found.source != "h2"] or printed[:1]
    if heads and (heads[0].source != "h2" or len(printed) == 1):
        # Where nothing else tells, the site's name is the shorter one.
        return max(heads, key=lambda found: min(weight(found.text), _USUAL))
    return _opening_line(page.outline) or (printed[0] if printed else Named("", ""))


def _opening_line(page: Outline) -> Named | None:
    """The line above the text on a page that has neither metadata nor headings."""
    body = find_body(page, Clues())
    start = next((i for i, block in enumerate(page.blocks) if block in body.blocks), 0)
    first = next((i for i, b in enumerate(page.blocks) if i >= start and is_prose(b)), start)
    above = [block for block in page.blocks[max(0, start - 4) : first] if _is_line(block)]
    for block in above:
        element = page.elements[block.element]
        if element.tag in ("h1", "h2", "h3", "h4") or _HEADLINE.search(element.names):
            return Named(block.text, f"element {element.tag}")
    inside = [block for block in page.blocks[start:first] if _is_line(block)]
    found = inside[:1] or sorted(above, key=lambda block: -min(block.weight, _USUAL))[:1]
    return Named(found[0].text.replace("\n", " "), "line above the text") if found else None


def _is_line(block: Block) -> bool:
    if block.links > 0.3 * block.weight or not 8 <= block.weight <= 260:
        return False
    return not _DATE.fullmatch(block.text) and not is_boilerplate(block.text)


def without_site(title: str, site: Iterable[str]) -> str:
    """Cut the site's and section's names from the end (or start) of a title."""
    known = [name for name in map(_letters, site) if name]
    parts = [(part.span(), part[0]) for part in _SEPARATOR.finditer(title)]
    for (start, end), mark in reversed(parts):
        tail = _letters(title[end:])
        ours = any(tail == name or (len(name) > 3 and name in tail) for name in known)
        if not title[:start].strip() or not (ours or _cuttable(title[:start], title[end:], mark)):
            break
        title = title[:start].strip()
    return title


def _cuttable(rest: str, tail: str, mark: str) -> bool:
    """A short tail behind a bar or a dash is a section or a site, not a part of the sentence."""
    if "|" in mark or mark.strip() in ("｜", "ㅣ", "»", "》", "--", "::", "l", ">"):
        return weight(tail) <= _TAIL and weight(rest) >= weight(tail)
    return False


def _site_names(page: Page, structured: Structured, host: str) -> list[str]:
    names = [*page.meta.get("og:site_name", ()), *page.meta.get("application-name", ())]
    names += [*page.meta.get("apple-mobile-web-app-title", ()), *structured.publishers]
    names += [label for label in host.split(".")[:-1] if len(label) > 2]
    return list(dict.fromkeys(filter(None, names)))


def _is_site(title: str, site: Sequence[str]) -> bool:
    plain = _letters(title)
    if len(plain) < 2 or plain.isdigit():
        return True
    for name in map(_letters, site):
        if plain == name or (
            len(name) > 2 and name in plain and weight(title) < 1.6 * len(name) + 8
        ):
            return True
    return False


def _told(page: Page, structured: Structured, site: Sequence[str]) -> Iterator[Named]:
    for text in structured.headlines:
        yield Named(without_site(_plain(text), site), "json-ld headline")
    for name in ("og:title", "twitter:title", "sailthru.title", "parsely-title", "citation_title",
                 "dc.title", "title", "headline", "document-title"):  # fmt: skip
        for text in page.meta.get(name, ())[:1]:
            yield Named(without_site(_plain(text), site), f"meta {name}")


def _printed(page: Page) -> Iterator[Named]:
    for selector in ("[itemprop=headline]", "h1", "h2"):
        for node in page.tree.css(selector)[:8]:
            if (node.tag or "") != "meta" and (text := text_of(node)) and not _is_logo(node, text):
                yield Named(text[:_LONGEST], selector)


def _is_logo(node: LexborNode, text: str) -> bool:
    """Say whether a heading is the site's name: a link to its front page and nothing else."""
    link = node.css_first("a")
    if link is None or text_of(link) != text:
        return False
    address = link.attributes.get("href") or ""
    return address in ("", "#") or not path_of(address)


def _plain(text: str) -> str:
    return clean_line(html.unescape(text[:_LONGEST]))


def alike(a: str, b: str) -> bool:
    """Say whether two headlines are prints of one."""
    a, b = _letters(a), _letters(b)
    if not a or not b:
        return False
    shorter, longer = sorted((a, b), key=len)
    if shorter in longer:
        return 3 * len(shorter) >= len(longer) or len(shorter) > 20
    return fuzz.ratio(a, b) >= _ALIKE


def _fuller(printed: Named, told: Named, others: Sequence[Named]) -> Named:
    """Take the printed form, unless only the metadata have its mark or it has more than a title."""
    short, long = _letters(printed.text), _letters(told.text)
    marked = _BRACKET.sub("", told.text)
    if short != long and _letters(marked) == short:
        agreeing = sum(_letters(other.text) == long for other in others)
        return told if agreeing > 1 else printed
    if long in short and weight(printed.text) > 1.15 * weight(told.text):
        return told if not _CUT.search(told.text) else printed
    return printed


def _letters(text: str) -> str:
    return _LETTERS.sub("", text).lower()
