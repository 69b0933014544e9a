"""Chooses which further pages of a source are read: paging and sub-sitemaps, within limits."""

from collections.abc import Iterator
from dataclasses import replace

from crawler.crawl.plan import RunLimits
from crawler.discovery.periods import period_of_sitemap_url
from crawler.sources import Feed, Listing, ParsedSource, Sitemap, SourcePage

MAX_SITEMAP_DEPTH = 3
MAX_PAGES_BACK = 500  # of one listing, when `since` asks for older articles
MAX_SITEMAPS_BACK = 200

RequestedPages = set[tuple[str, tuple[tuple[str, str], ...]]]


def choose_further_pages(
    parsed: ParsedSource,
    source_page: SourcePage,
    page_number: int,
    limits: RunLimits,
    requested: RequestedPages,
) -> list[SourcePage]:
    """Returns the pages to read next.

    Each page is read once a run: it is added to `requested`, and left out if it is there already.
    """
    next_pages = []
    for candidate in _iter_further_pages(parsed, source_page, page_number, limits):
        page_key = (candidate.url, candidate.form_fields)
        if page_key not in requested:
            requested.add(page_key)
            next_pages.append(candidate)
    return next_pages


def _iter_further_pages(
    parsed: ParsedSource, source_page: SourcePage, page_number: int, limits: RunLimits
) -> Iterator[SourcePage]:
    source = source_page.source
    if isinstance(source, Feed) and parsed.further_pages:
        source = parsed.further_pages[0].source  # a sitemap index in place of the feed
    if isinstance(source, Sitemap):
        yield from _iter_sub_sitemaps(source, parsed, source_page, limits)
    elif isinstance(source, Listing) and (
        page_number < source.pages or _next_page_may_match(parsed, page_number, limits)
    ):
        yield from parsed.further_pages


def _next_page_may_match(parsed: ParsedSource, page_number: int, limits: RunLimits) -> bool:
    """Returns whether a listing's next page may hold articles that `since` asks for."""
    if limits.since is None or page_number >= MAX_PAGES_BACK:
        return False
    dates = [link.published_at for link in parsed.links if link.published_at]
    return not dates or max(dates) >= limits.since


def _iter_sub_sitemaps(
    source: Sitemap, parsed: ParsedSource, source_page: SourcePage, limits: RunLimits
) -> Iterator[SourcePage]:
    if source_page.sitemap_depth >= MAX_SITEMAP_DEPTH:
        return
    sub_sitemaps = parsed.further_pages[: source.newest]
    if limits.since is not None:
        sub_sitemaps = [each for each in parsed.further_pages if _may_overlap_window(each, limits)][
            :MAX_SITEMAPS_BACK
        ]
    for sub_sitemap in sub_sitemaps:
        yield replace(sub_sitemap, sitemap_depth=source_page.sitemap_depth + 1)


def _may_overlap_window(sub_sitemap: SourcePage, limits: RunLimits) -> bool:
    """Returns whether a sub-sitemap may hold articles published between `since` and `until`."""
    if limits.since and sub_sitemap.modified_at and sub_sitemap.modified_at < limits.since:
        return False
    period = period_of_sitemap_url(sub_sitemap.url)
    return period is None or not period.is_outside(limits.since, limits.until)
