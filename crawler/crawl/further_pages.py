"""Chooses which further pages of a source are read: paging and sub-sitemaps, within limits."""

from collections.abc import Iterator
from dataclasses import replace

from crawler.crawl.plan import RunLimits
from crawler.discovery.periods import period_of_sitemap_url
from crawler.sources import Listing, ParsedSource, Sitemap, SourcePage

MAX_SITEMAP_DEPTH = 3
MAX_PAGES_BACK = 500  # of one listing, when `since` asks for older articles
MAX_SITEMAPS_BACK = 200

RequestedPages = set[tuple[str, tuple[tuple[str, str], ...]]]


def choose_further_pages(
    found: ParsedSource, follow: SourcePage, page: int, limits: RunLimits, requested: RequestedPages
) -> list[SourcePage]:
    """Returns the pages to read next.

    Each page is read once a run: it is added to `requested`, and left out if it is there already.
    """
    chosen = []
    for further in _iter_further_pages(found, follow, page, limits):
        mark = (further.url, further.form_fields)
        if mark not in requested:
            requested.add(mark)
            chosen.append(further)
    return chosen


def _iter_further_pages(
    found: ParsedSource, follow: SourcePage, page: int, limits: RunLimits
) -> Iterator[SourcePage]:
    source = follow.source
    if isinstance(source, Sitemap):
        yield from _iter_sub_sitemaps(source, found, follow, limits)
    elif isinstance(source, Listing) and (
        page < source.pages or _next_page_may_match(found, page, limits)
    ):
        yield from found.further_pages


def _next_page_may_match(found: ParsedSource, page: int, limits: RunLimits) -> bool:
    """Returns whether a listing's next page may hold articles that `since` asks for."""
    if limits.since is None or page >= MAX_PAGES_BACK:
        return False
    dates = [link.published_at for link in found.links if link.published_at]
    return not dates or max(dates) >= limits.since


def _iter_sub_sitemaps(
    source: Sitemap, found: ParsedSource, follow: SourcePage, limits: RunLimits
) -> Iterator[SourcePage]:
    if follow.sitemap_depth >= MAX_SITEMAP_DEPTH:
        return
    wanted = found.further_pages[: source.newest]
    if limits.since is not None:
        wanted = [f for f in found.further_pages if _may_overlap_window(f, limits)][
            :MAX_SITEMAPS_BACK
        ]
    for further in wanted:
        yield replace(further, sitemap_depth=follow.sitemap_depth + 1)


def _may_overlap_window(further: SourcePage, limits: RunLimits) -> bool:
    """Returns whether a sub-sitemap may hold articles published between `since` and `until`."""
    if limits.since and further.modified_at and further.modified_at < limits.since:
        return False
    period = period_of_sitemap_url(further.url)
    return period is None or not period.is_outside(limits.since, limits.until)
