"""Extracts an article from a page: by the outlet's rules first, then by the page's own metadata."""

from dataclasses import dataclass, field

from crawler import trial
from crawler.extract.classify import is_feed_or_sitemap
from crawler.extract.dates.dates import ParsedDate
from crawler.extract.fields.protocols import ListingEntry, OutletDeclaration
from crawler.extract.page.file_type import find_other_file_type
from crawler.extract.page.meta import drop_site_metadata
from crawler.extract.page.page import Page
from crawler.extract.page.robots_rules import (
    FORBIDS_ARCHIVING,
    archiving_ban,
    archiving_ban_of_source,
)
from crawler.extract.page_reader import PageReader
from storage.records import Article, PageClass, TimePrecision
from storage.rights import rights_under_ban

NOT_A_PAGE, HOSTILE, UNTRIED = "not-a-page", "hostile", "untried"


@dataclass(frozen=True, slots=True)
class Extraction:
    """A page's class, its article if it has one, and where the values come from.

    `reason`: why the page has its class, one line; "" for an article. `evidence`: the place of
    each field's value. `published`: the time of publication as it was parsed. `flags`:
    "charset-repaired", "charset-doubtful", "truncated", "rules-missed" (the outlet has rules, and
    none finds the text), "rules-partial" (the rules find only the beginning of the text),
    "rules-doubtful" (the rules find some text, but the page's metadata describe another one),
    "not-a-page" (a picture, a PDF, JSON or other bytes),
    "noarchive" (the page forbids archiving; `evidence` has its rule under "rights"), "hostile" (it
    would cost too much to read), "too-many-values" (of dates, authors, tags or captions only the
    first 500 that the rules select were read), "untried" (the machine could not find that out).
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
    """Reads one page of an outlet. `link`: the entry of the listing that led to the page.

    Only pages of class ARTICLE and STUB give an article. No content of a page raises an error;
    a rule whose selector is not CSS raises ValueError.
    """
    page = page.with_languages(outlet.languages)

    def read() -> Extraction:
        return _read_page(page.unparsed_copy() if trial.is_tried() else page, outlet, link)

    try:
        return trial.bounded(read)
    except trial.HostileError as error:
        return Extraction(PageClass.ERROR, None, f"hostile page: {error}", flags=(HOSTILE,))
    except trial.UntriedError as error:
        return Extraction(PageClass.ERROR, None, f"not read: {error}", flags=(UNTRIED,))


def _read_page(page: Page, outlet: OutletDeclaration, link: ListingEntry | None) -> Extraction:
    source = page
    trial.require(lambda: source.is_cheap)
    if is_feed_or_sitemap(page):
        return Extraction(PageClass.LISTING, None, "a feed or a sitemap")
    prepared = page = outlet.prepare(page)
    trial.require(lambda: prepared.is_cheap)
    if other_type := find_other_file_type(page):
        return Extraction(PageClass.ERROR, None, f"no page: {other_type}", flags=(NOT_A_PAGE,))
    drop_site_metadata(page.meta, outlet.site_metadata)
    reader = PageReader(page, outlet, link)
    classification = reader.classification
    article = None
    if classification.page_class in (PageClass.ARTICLE, PageClass.STUB):
        article = outlet.finish(reader.page, reader.build_article(classification.page_class))
    if ban := _find_archiving_ban(source, reader.page):
        reader.evidence["rights"] = ban
        if article is not None:
            article.rights = rights_under_ban(article.rights, ban)
    time = reader.published.time if reader.published else None
    return Extraction(
        article.page_class if article else classification.page_class,
        article,
        classification.reason,
        reader.evidence,
        _published_after_finish(time, article),
        (*reader.flags(), FORBIDS_ARCHIVING) if ban else reader.flags(),
    )


def _find_archiving_ban(source: Page, page: Page) -> str:
    """Returns the rule in an answer that forbids archiving. `page`: as the outlet prepared it."""
    return archiving_ban(source) if page is source else archiving_ban_of_source(source)


def _published_after_finish(time: ParsedDate | None, article: Article | None) -> ParsedDate | None:
    """Returns the time of publication, as changed by the outlet's `finish` hook."""
    if article is None or article.published_at == (time.at if time else None):
        return time
    if article.published_at is None:
        return None
    precision = article.published_precision or TimePrecision.MINUTE
    return ParsedDate(article.published_at, precision, has_zone=True, raw=article.published_raw)
