"""What the classification of a page looks at, and its result."""

from dataclasses import dataclass

from crawler.extract.page.page import Page
from crawler.extract.page.structured import StructuredData
from storage.records import PageClass

LITTLE_TEXT_WEIGHT = 700
SHORT_TEXT_WEIGHT = 320
TINY_TEXT_WEIGHT = 60


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What was read from a page, for its classification. `text` is without the lead.

    `has_printed_date`: the date is the page's, not the listing's. `has_rules_text`: the outlet's
    rules found the text. `paywalled`: the outlet sells its texts.
    """

    title: str
    text: str
    has_date: bool
    has_printed_date: bool = False
    has_rules_text: bool = False
    paywalled: bool = False


@dataclass(frozen=True, slots=True)
class Classification:
    """A page's class, and the reason in one line; "" for an article."""

    page_class: PageClass
    reason: str = ""


def declares_article(page: Page, structured: StructuredData) -> bool:
    """Returns whether a page's metadata say that it is an article."""
    if any("article" in kind or "posting" in kind for kind in structured.types):
        return True
    return "article:published_time" in page.meta or page.meta.get("og:type", [""])[0] == "article"
