"""Finds the text of a page without rules, and of one whose rules find too little.

The sources are the page's visible blocks, text in scripts, in elements such as `template` and in
JSON-LD's `articleBody`. On saved news pages the first is nearly always right; the others are tried
only if it finds little or breaks off, or if `articleBody` is much longer.
"""

import re
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler import trial
from crawler.extract.body.body import (
    ArticleMetadata,
    Body,
    find_body,
    is_prose,
    letters_only,
)
from crawler.extract.body.hidden_text import find_hidden_text
from crawler.extract.body.openings import join_drop_caps, leave_out_digests
from crawler.extract.body.script_text import embedded_html
from crawler.extract.body.trim import find_captions, find_lead_block, select_text_blocks
from crawler.extract.page import guard
from crawler.extract.page.clean import clean_text
from crawler.extract.page.outline import Outline, build_outline, text_weight
from crawler.extract.page.page import Page
from crawler.extract.page.paragraphs import join_paragraphs

ENOUGH_WEIGHT = 350
_MUCH_MORE_RATIO = 2
_OPENING_CHARS = 1500
_INERT_ELEMENTS = (
    'template, noscript, textarea, iframe[srcdoc], input[type="hidden"][value],'
    ' script[type*="html"], script[type*="template"]'
)
_TEMPLATE_TAGS = re.compile(r"</?template\b[^<>]{0,300}>", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]{1,300}>")


@dataclass(frozen=True, slots=True)
class ArticleText:
    """A text, its lead and captions apart. `weight`: how much prose it has, as `text_weight`."""

    text: str = ""
    lead: str = ""
    captions: tuple[str, ...] = ()
    source: str = ""
    weight: int = 0


def find_text(page: Page, metadata: ArticleMetadata, *, is_free: bool = True) -> ArticleText:
    """Returns the text from the source that has the most of it; an empty one if there is none.

    `is_free`: False if the outlet sells the text; then only visible text is used.
    """
    best = find_visible_text(page, metadata, with_hidden=is_free)
    others = [_from_scripts, _from_inert_html, _from_article_body] if is_free else []
    if best.weight >= ENOUGH_WEIGHT and not best.text.endswith(("…", "...")):
        others = others[-1:] if text_weight(metadata.article_body) >= 2 * best.weight else []
    for find_other in others:
        found = find_other(page, metadata)
        if found.weight > 1.3 * best.weight + 60 and _contains_visible_text(best, found):
            best = found
    return best


def find_visible_text(
    page: Page, metadata: ArticleMetadata, *, with_hidden: bool = False
) -> ArticleText:
    """Returns the text in the page's visible blocks.

    `with_hidden`: whether to add what the page hides beside them until a reader asks for more.
    """
    outline, body = page.outline, find_body(page.outline, metadata)
    if with_hidden and (shown := find_hidden_text(outline, body)):
        outline = build_outline(page.tree, shown)
        body = find_body(outline, metadata)
    return _extract_from_body(outline, body, metadata, "text density")


def is_part_of(text: str, found: ArticleText) -> bool:
    """Returns whether a found text contains a text's start and is more than twice as long."""
    return found.weight > _MUCH_MORE_RATIO * text_weight(text) and letters_only(text)[
        :40
    ] in letters_only(found.text)


def matches_description(text: str, metadata: ArticleMetadata) -> bool:
    """Returns whether a text's opening contains the start of the description or `articleBody`."""
    opening = letters_only(text[:_OPENING_CHARS])
    starts = (
        letters_only(each)[:40]
        for each in (metadata.description, metadata.article_body[:_OPENING_CHARS])
    )
    return any(len(each) >= 20 and each in opening for each in starts)


def _contains_visible_text(visible: ArticleText, found: ArticleText) -> bool:
    """Returns whether a longer text contains one of the paragraphs that the page shows."""
    paragraphs = [part for part in visible.text.split("\n") if text_weight(part) >= 60]
    found_letters = letters_only(found.text)
    return not paragraphs or any(letters_only(part)[:40] in found_letters for part in paragraphs)


def _extract_from_body(
    outline: Outline, body: Body, metadata: ArticleMetadata, source: str
) -> ArticleText:
    mended = replace(body, blocks=leave_out_digests(join_drop_caps(body.blocks)))
    blocks = select_text_blocks(outline, mended, metadata.title)
    lead = find_lead_block(outline, body, metadata.title)
    weight = sum(block.weight for block in blocks if is_prose(block))
    return ArticleText(
        join_paragraphs(block.text for block in blocks),
        lead.text.replace("\n", " ") if lead else "",
        find_captions(outline, body),
        source,
        weight or min(sum(block.weight for block in blocks), ENOUGH_WEIGHT // 2),
    )


def _from_scripts(page: Page, metadata: ArticleMetadata) -> ArticleText:
    source = embedded_html(page, metadata)
    if not source:
        return ArticleText()
    return _extract_from_html(source, metadata, "script")


def _from_inert_html(page: Page, metadata: ArticleMetadata) -> ArticleText:
    """Returns the text in elements and attributes whose HTML browsers do not show as it stands."""
    source = max(map(_inert_html, page.tree.css(_INERT_ELEMENTS)), key=len, default="")
    if text_weight(source) < ENOUGH_WEIGHT:
        return ArticleText()
    return _extract_from_html(source, metadata, "inert HTML")


def _inert_html(node: LexborNode) -> str:
    if node.tag == "template":
        return _TEMPLATE_TAGS.sub("", node.html or "")
    return node.attributes.get("srcdoc") or node.attributes.get("value") or node.text()


def _extract_from_html(source: str, metadata: ArticleMetadata, name: str) -> ArticleText:
    trial.require(lambda: guard.is_cheap(source))
    outline = build_outline(LexborHTMLParser(source))
    return _extract_from_body(outline, find_body(outline, metadata), metadata, name)


def _from_article_body(_: Page, metadata: ArticleMetadata) -> ArticleText:
    text = _TAGS.sub("\n", metadata.article_body)
    parts = [part for line in text.split("\n") if (part := clean_text(line))]
    joined = join_paragraphs(
        part for part in parts if letters_only(part) != letters_only(metadata.title)
    )
    return ArticleText(joined, source="articleBody", weight=text_weight(joined))
