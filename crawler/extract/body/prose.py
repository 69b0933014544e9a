"""The text of a page for which no rule says where it is.

Four readings compete: the page's own blocks, text kept in scripts, JSON-LD's `articleBody` and, if
these find next to nothing, trafilatura. Measured on saved news pages the first is right nearly
always; the others are tried only where it finds little.
"""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from crawler.extract.body.body import Clues, find_body, is_prose, letters
from crawler.extract.body.state import embedded_html
from crawler.extract.body.trim import captions, lead_block, text_blocks
from crawler.extract.page.blocks import joined
from crawler.extract.page.clean import clean
from crawler.extract.page.outline import Outline, outline, weight
from crawler.extract.page.page import Page

ENOUGH = 350
_NEXT_TO_NOTHING = 150
_LARGE = 1_000_000
_MUCH_MORE = 2
_OPENING = 1500
_TAGS = re.compile(r"<[^<>]{1,300}>")


@dataclass(frozen=True, slots=True)
class Prose:
    """A text with its standfirst and captions apart. `weight`: how much prose it is."""

    text: str = ""
    lead: str = ""
    captions: tuple[str, ...] = ()
    source: str = ""
    weight: int = 0


def find_prose(page: Page, clues: Clues, *, free: bool = True) -> Prose:
    """Give the text that a reader sees, from where the most of it is; an empty one if nowhere.

    `free`: False where the outlet sells the text; what it hides from readers is not taken then.
    """
    best = find_shown(page, clues)
    others = [_from_scripts, _from_article_body] if free else []
    if best.weight >= ENOUGH:
        others = others[1:] if weight(clues.article_body) >= 2 * best.weight else []
    elif best.weight < _NEXT_TO_NOTHING:
        others.append(_from_trafilatura)
    for other in others:
        found = other(page, clues, best)
        if found.weight > 1.3 * best.weight + 60 and _goes_on(best, found):
            best = found
    return best


def find_shown(page: Page, clues: Clues) -> Prose:
    """Give the text among the page's visible blocks."""
    return _read(page.outline, clues, "text density")


def is_part_of(text: str, found: Prose) -> bool:
    """Say whether a text is a small part of a found one."""
    return found.weight > _MUCH_MORE * weight(text) and letters(text)[:40] in letters(found.text)


def is_described(text: str, clues: Clues) -> bool:
    """Say whether a text opens as the page's description or its `articleBody` does."""
    opening = letters(text[:_OPENING])
    said = (letters(each)[:40] for each in (clues.description, clues.article_body[:_OPENING]))
    return any(len(each) >= 20 and each in opening for each in said)


def _goes_on(shown: Prose, found: Prose) -> bool:
    """Say whether a longer text holds the sentences that the page shows."""
    paragraphs = [part for part in shown.text.split("\n") if weight(part) >= 60]
    whole = letters(found.text)
    return not paragraphs or any(letters(part)[:40] in whole for part in paragraphs)


def _read(page: Outline, clues: Clues, source: str) -> Prose:
    body = find_body(page, clues)
    blocks = text_blocks(page, body, clues.title)
    lead = lead_block(page, body, clues.title)
    size = sum(block.weight for block in blocks if is_prose(block))
    return Prose(
        joined(block.text for block in blocks),
        lead.text.replace("\n", " ") if lead else "",
        captions(page, body),
        source,
        size or min(sum(block.weight for block in blocks), ENOUGH // 2),
    )


def _from_scripts(page: Page, clues: Clues, shown: Prose) -> Prose:
    source = embedded_html(page, clues)
    if not source:
        return Prose()
    return _read(outline(LexborHTMLParser(source)), clues, "script")


def _from_article_body(page: Page, clues: Clues, shown: Prose) -> Prose:
    text = _TAGS.sub("\n", clues.article_body)
    parts = [part for line in text.split("\n") if (part := clean(line))]
    whole = joined(part for part in parts if letters(part) != letters(clues.title))
    return Prose(whole, source="articleBody", weight=weight(whole))


def _from_trafilatura(page: Page, clues: Clues, shown: Prose) -> Prose:
    if len(page.html) > _LARGE or page.outline.cut:
        return Prose()
    # Half a second to import: most runs never need it.
    from trafilatura import extract

    try:
        text = extract(page.html, include_comments=False, favor_precision=True, fast=True) or ""
    except (ValueError, TypeError, RecursionError, AttributeError):
        return Prose()
    parts = [clean(part) for part in text.split("\n")]
    whole = joined(part for part in parts if part and letters(part) != letters(clues.title))
    return Prose(whole, source="trafilatura", weight=weight(whole))
