"""From a page to an article: declared rules first, then what the page says of itself."""

from dataclasses import dataclass, field

from crawler.extract.classify import is_feed_or_sitemap
from crawler.extract.dates.dates import ParsedDate
from crawler.extract.fields.protocols import ListingEntry, OutletDeclaration
from crawler.extract.page.page import Page
from crawler.extract.page_reader import PageReader
from storage.records import Article, PageClass, TimePrecision


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a page is, the article on it if it has one, why not otherwise, and the evidence.

    `evidence`: field -> where its value was taken from. `published`: the time as it was read.
    `flags`: "charset-repaired", "charset-doubtful", "truncated", "rules-missed" (the outlet has
    rules, none found the text), "rules-partial" (they found only the beginning of it),
    "rules-doubtful" (they found some words, but the page describes another text).
    """

    page_class: PageClass
    article: Article | None
    reason: str
    evidence: dict[str, str] = field(default_factory=dict)
    published: ParsedDate | None = None
    flags: tuple[str, ...] = ()


def extract_page(
    page: Page, outlet: OutletDeclaration, link: ListingEntry | None = None
) -> Extraction:
    """Read one page of an outlet. `link`: what the listing that led here knew.

    Never raises for what a page holds; a declaration with a selector that is not CSS raises
    ValueError. An article is given for pages of class ARTICLE and STUB only.
    """
    page = page.with_languages(outlet.languages)
    if page.hostile_reason:
        return Extraction(PageClass.ERROR, None, f"hostile page: {page.hostile_reason}")
    if is_feed_or_sitemap(page):
        return Extraction(PageClass.LISTING, None, "a feed or a sitemap")
    reader = PageReader(outlet.prepare(page), outlet, link)
    verdict = reader.classification
    article = None
    if verdict.page_class in (PageClass.ARTICLE, PageClass.STUB):
        article = outlet.finish(reader.page, reader.build_article(verdict.page_class))
    time = reader.published.time if reader.published else None
    return Extraction(
        article.page_class if article else verdict.page_class,
        article,
        verdict.reason,
        reader.evidence,
        _published_after_finish(time, article),
        reader.flags(),
    )


def _published_after_finish(time: ParsedDate | None, article: Article | None) -> ParsedDate | None:
    """Give the time as the outlet's `finish` hook left it in the article."""
    if article is None or article.published_at == (time.at if time else None):
        return time
    if article.published_at is None:
        return None
    precision = article.published_precision or TimePrecision.MINUTE
    return ParsedDate(article.published_at, precision, has_zone=True, raw=article.published_raw)
