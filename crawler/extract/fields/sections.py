"""Finds the section and the tags of an article in its page's metadata."""

from collections.abc import Iterable

from crawler.extract.fields.protocols import ListingEntry
from crawler.extract.page.clean import clean_line
from crawler.extract.page.meta import first_meta_value
from crawler.extract.page.page import Page
from crawler.extract.page.structured import StructuredData

_SECTION = ("article:section", "og:article:section", "section", "parsely-section",
            "cxenseparse:category", "dable:category", "category")  # fmt: skip
_TAGS = ("article:tag", "og:article:tag", "news_keywords", "keywords", "parsely-tags",
         "sailthru.tags", "tags")  # fmt: skip
_MAX_TAGS = 40
MAX_TAG_CHARS = 80


def find_section(page: Page, structured: StructuredData) -> tuple[str, str]:
    """Returns the section and its source; two empty strings if the metadata name none."""
    value, name = first_meta_value(page.meta, *_SECTION)
    if value:
        return value, f"meta {name}"
    if structured.sections:
        return structured.sections[0], "json-ld articleSection"
    return "", ""


def find_tags(
    page: Page, structured: StructuredData, link: ListingEntry | None
) -> tuple[tuple[str, ...], str]:
    """Returns the tags, not split yet, and their source: metadata, listing, JSON-LD."""
    name = next((name for name in _TAGS if page.meta.get(name)), "")
    if name:
        return tuple(page.meta.get(name, ())), f"meta {name}"
    if link and link.tags:
        return tuple(link.tags), "listing"
    return tuple(structured.keywords), "json-ld keywords"


def split_tags(texts: Iterable[str]) -> tuple[str, ...]:
    """Returns the tags in texts that may hold several, without repetitions and `#`."""
    tags = (clean_line(tag).strip("# ") for text in texts for tag in text.split(","))
    unique_tags = dict.fromkeys(tag for tag in tags if tag and len(tag) <= MAX_TAG_CHARS)
    return tuple(unique_tags)[:_MAX_TAGS]
