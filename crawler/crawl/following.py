"""Which further pages of a source are read: paging and sub-sitemaps, within limits."""

from collections.abc import Iterator
from dataclasses import replace

from crawler.crawl.plan import Limits
from crawler.discovery.periods import period_of_sitemap_url
from crawler.sources import Listing, ParsedSource, Sitemap, SourcePage

MAX_SITEMAP_DEPTH = 3
MAX_PAGES_BACK = 500  # of one listing, where `since` asks for the past
MAX_SITEMAPS_BACK = 200

Followed = set[tuple[str, tuple[tuple[str, str], ...]]]


def worth_following(
    found: ParsedSource, follow: SourcePage, page: int, limits: Limits, followed: Followed
) -> list[SourcePage]:
    """The pages to read next; each at most once a run, noted in `followed`."""
    chosen = []
    for further in _chosen(found, follow, page, limits):
        mark = (further.url, further.form_fields)
        if mark not in followed:
            followed.add(mark)
            chosen.append(further)
    return chosen


def _chosen(
    found: ParsedSource, follow: SourcePage, page: int, limits: Limits
) -> Iterator[SourcePage]:
    source = follow.source
    if isinstance(source, Sitemap):
        yield from _sitemaps(source, found, follow, limits)
    elif isinstance(source, Listing) and (page < source.pages or _goes_back(found, page, limits)):
        yield from found.further_pages


def _goes_back(found: ParsedSource, page: int, limits: Limits) -> bool:
    """Tell whether a listing's next page may hold articles that `since` asks for."""
    if limits.since is None or page >= MAX_PAGES_BACK:
        return False
    dates = [link.published_at for link in found.links if link.published_at]
    return not dates or max(dates) >= limits.since


def _sitemaps(
    source: Sitemap, found: ParsedSource, follow: SourcePage, limits: Limits
) -> Iterator[SourcePage]:
    if follow.sitemap_depth >= MAX_SITEMAP_DEPTH:
        return
    wanted = found.further_pages[: source.newest]
    if limits.since is not None:
        wanted = [f for f in found.further_pages if _reaches(f, limits)][:MAX_SITEMAPS_BACK]
    for further in wanted:
        yield replace(further, sitemap_depth=follow.sitemap_depth + 1)


def _reaches(further: SourcePage, limits: Limits) -> bool:
    """Tell whether a sub-sitemap may hold what was published between `since` and `until`."""
    if limits.since and further.modified_at and further.modified_at < limits.since:
        return False
    period = period_of_sitemap_url(further.url)
    return period is None or not period.is_outside(limits.since, limits.until)
