"""Parses the answer of a source: chooses the parser, then cleans and filters the links."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawler.discovery.any_listing import parse_any_listing
from crawler.discovery.feeds import FEED_ROOTS, parse_feed
from crawler.discovery.json_feed import VERSION_MARK
from crawler.discovery.json_source import MAX_JSON_BYTES, load_json
from crawler.discovery.link_urls import absolute_url, is_crawler_trap
from crawler.discovery.listing_dates import ListingDateParser
from crawler.discovery.listings import parse_json_listing, parse_listing
from crawler.discovery.sitemaps import SITEMAP_ROOTS, parse_sitemap
from crawler.discovery.source_text import source_head, unpack_head
from crawler.discovery.xml_source import root_name
from crawler.extract.dates.zones import guess_zone
from crawler.extract.page.gzip_members import MAGIC
from crawler.extract.page.page import Page
from crawler.extract.urls import host_of
from crawler.sources import (
    AnyListing,
    Feed,
    JsonListing,
    Link,
    Listing,
    NewsSitemap,
    ParsedSource,
    Sitemap,
    Source,
)
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from crawler.outlet import Outlet

_NEWS = b"schemas/sitemap-news"
_ADDRESS_LIST = re.compile(r"https?://[^\s<>]+[ \t]*(?:[\r\n]|\Z)", re.IGNORECASE)


def parse_source(
    source: Source,
    body: bytes,
    url: str,
    outlet: "type[Outlet]",
    now: datetime,
    page: int = 1,
    content_type: str = "",
) -> ParsedSource:
    """Returns a source's links to articles, in its order, its further pages, and problems.

    `url`: where the answer came from; relative URLs are resolved against it. `now`: aware. `page`:
    the number of this page in a paged listing. `content_type`: the HTTP header. URLs that are no
    articles of the outlet are left out. Each article appears once. A time without a zone is one of
    the outlet's zone, else of the country in the host's name, else UTC.
    """
    zone = outlet.timezone or guess_zone(host_of(url), "")
    date_parser = ListingDateParser(zone, outlet.languages, now)
    parsed = _parse_by_type(source, body, url, outlet, date_parser, page, content_type)
    parsed.links = _clean_links(parsed, url, outlet)
    parsed.further_pages = [
        replace(source_page, url=address)
        for source_page in parsed.further_pages
        if (address := absolute_url(source_page.url, url)) and not is_crawler_trap(address)
    ]
    return parsed


def match_source(outlet: "type[Outlet]", url: str, body: bytes) -> Source:
    """Returns the source that an answer belongs to.

    That is the declared source of this address; else what the bytes are, if they are a feed or a
    sitemap; else a declared listing whose rows are on the page; else a detected source.
    """
    address = _comparable_url(url)
    for source in outlet.sources:
        if _comparable_url(source.url) == address and not isinstance(source, AnyListing):
            return source
    detected = detect_source(url, body)
    if isinstance(detected, Feed | Sitemap):
        return detected
    listings = [source for source in outlet.sources if isinstance(source, Listing)]
    if listings and (tree := _parse_html(outlet, body, url)) is not None:
        for source in listings:
            if tree.css_first(source.item) is not None:
                return source
    return detected


def detect_source(url: str, body: bytes) -> Source:
    """Returns a source of the type that an answer looks like, judged by its first bytes."""
    root = root_name(body)
    if root in SITEMAP_ROOTS:
        return NewsSitemap(url) if _NEWS in unpack_head(body, 65536) else Sitemap(url)
    if root in FEED_ROOTS:
        return Feed(url)
    head = source_head(body)
    if not head and body.startswith(MAGIC):
        return Sitemap(url)  # its reader says what is wrong with the gzip
    if head.startswith(("{", "[")):
        return Feed(url) if VERSION_MARK in unpack_head(body, MAX_JSON_BYTES) else JsonListing(url)
    return Sitemap(url) if _ADDRESS_LIST.match(head) else AnyListing(url)


def _parse_by_type(
    source: Source,
    body: bytes,
    url: str,
    outlet: "type[Outlet]",
    date_parser: ListingDateParser,
    page: int,
    content_type: str,
) -> ParsedSource:
    if isinstance(source, Feed | Sitemap):
        return _parse_feed_or_sitemap(source, body, url, date_parser, content_type)
    if isinstance(source, JsonListing):
        return _parse_json_source(source, body, url, date_parser, content_type)
    tree = _parse_html(outlet, body, url, content_type)
    if tree is None:
        return ParsedSource(problems=["the listing is empty"])
    if isinstance(source, Listing):
        return parse_listing(source, tree, url, date_parser, page)
    hosts = getattr(outlet, "hosts", ())
    return parse_any_listing(tree, url, date_parser, _article_rule(outlet, url), hosts)


def _article_rule(outlet: "type[Outlet]", url: str) -> Callable[[str], bool] | None:
    """Returns the outlet's rule for addresses of articles; None if it takes any address."""
    return None if outlet.is_article(urljoin(url, "/x")) else outlet.is_article


def _parse_feed_or_sitemap(
    source: Feed | Sitemap,
    body: bytes,
    url: str,
    date_parser: ListingDateParser,
    content_type: str,
) -> ParsedSource:
    """Reads an answer as what it is: servers give feeds for sitemaps, and the other way."""
    detected = detect_source(url, body)
    if isinstance(detected, Feed):
        return parse_feed(body, date_parser, url, content_type)
    if isinstance(detected, Sitemap) or isinstance(source, Sitemap):
        sitemap = source if isinstance(source, Sitemap) else Sitemap(url)
        return parse_sitemap(sitemap, body, date_parser, content_type)
    return parse_feed(body, date_parser, url, content_type)


def _parse_json_source(
    source: JsonListing,
    body: bytes,
    url: str,
    date_parser: ListingDateParser,
    content_type: str,
) -> ParsedSource:
    answer, problem = load_json(body, date_parser.languages, content_type)
    if problem:
        return ParsedSource(problems=[f"the JSON listing is broken: {problem}"])
    return parse_json_listing(source, answer, url, date_parser)


def _parse_html(
    outlet: "type[Outlet]", body: bytes, url: str, content_type: str = ""
) -> LexborHTMLParser | None:
    page = Page(body, url, {"content-type": content_type}, languages=outlet.languages)
    return outlet.prepare(page).tree if page.body.strip() else None


def _clean_links(parsed: ParsedSource, url: str, outlet: "type[Outlet]") -> list[Link]:
    links_by_identity: dict[str, Link] = {}
    trap_count = 0
    for link in parsed.links:
        address = absolute_url(link.url, url)
        if not address or not outlet.is_article(address):
            continue
        if is_crawler_trap(address):
            trap_count += 1
            continue
        key = link.key or outlet.key_from_url(address)
        identity = key or address
        known_link = links_by_identity.get(identity)
        if known_link is None or len(link.title) > len(known_link.title):
            links_by_identity[identity] = replace(link, url=address, key=key)
    if trap_count:
        parsed.problems.append(
            f"{format_count(trap_count, 'address', 'addresses')} "
            f"{'looks' if trap_count == 1 else 'look'} like a crawler trap"
            " (too long, too deep or repeating)"
        )
    return list(links_by_identity.values())


def _comparable_url(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}".lower()
