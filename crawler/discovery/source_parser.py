"""Parses the answer of a source: chooses the parser, then cleans and filters the links."""

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson
from selectolax.lexbor import LexborHTMLParser

from crawler.discovery.any_listing import parse_any_listing
from crawler.discovery.feeds import parse_feed
from crawler.discovery.link_urls import absolute_url, is_crawler_trap
from crawler.discovery.listing_dates import ListingDateParser
from crawler.discovery.listings import parse_json_listing, parse_listing
from crawler.discovery.sitemaps import parse_sitemap
from crawler.extract.page.page import Page
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

if TYPE_CHECKING:
    from crawler.outlet import Outlet

_FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf)\b", re.IGNORECASE)
_SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b", re.IGNORECASE)
_NEWS = b"schemas/sitemap-news"


def parse_source(
    source: Source,
    body: bytes,
    url: str,
    outlet: "type[Outlet]",
    now: datetime,
    page: int = 1,
) -> ParsedSource:
    """Returns a source's links to articles, in its order, its further pages, and problems.

    `url`: where the answer came from; relative URLs are resolved against it. `now`: aware. `page`:
    the number of this page in a paged listing. URLs that are no articles of the outlet are left
    out. Each article appears once.
    """
    date_parser = ListingDateParser(outlet.timezone, outlet.languages, now)
    parsed = _parse_by_type(source, body, url, outlet, date_parser, page)
    parsed.links = _clean_links(parsed, url, outlet)
    parsed.further_pages = [
        replace(source_page, url=address)
        for source_page in parsed.further_pages
        if (address := absolute_url(source_page.url, url)) and not is_crawler_trap(address)
    ]
    return parsed


def match_source(outlet: "type[Outlet]", url: str, body: bytes) -> Source:
    """Returns the declared source that an answer belongs to; if none fits, a detected one."""
    address = _comparable_url(url)
    for source in outlet.sources:
        if _comparable_url(source.url) == address:
            return source
    listings = [source for source in outlet.sources if isinstance(source, Listing)]
    if listings and (tree := _parse_html(outlet, body, url)) is not None:
        for source in listings:
            if tree.css_first(source.item) is not None:
                return source
    return detect_source(url, body)


def detect_source(url: str, body: bytes) -> Source:
    """Returns a source of the type that an answer looks like, judged by its first bytes."""
    first_bytes = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if first_bytes.startswith(b"\x1f\x8b") or _SITEMAP.search(first_bytes):
        return NewsSitemap(url) if _NEWS in body[:65536] else Sitemap(url)
    if _FEED.search(first_bytes):
        return Feed(url)
    if first_bytes.startswith((b"{", b"[")):
        return JsonListing(url)
    return AnyListing(url)


def _parse_by_type(
    source: Source,
    body: bytes,
    url: str,
    outlet: "type[Outlet]",
    date_parser: ListingDateParser,
    page: int,
) -> ParsedSource:
    match source:
        case Feed():
            return parse_feed(body, date_parser)
        case Sitemap():
            return parse_sitemap(source, body, date_parser)
        case JsonListing():
            return _parse_json_source(source, body, url, date_parser)
    tree = _parse_html(outlet, body, url)
    if tree is None:
        return ParsedSource(problems=["the listing is empty"])
    if isinstance(source, Listing):
        return parse_listing(source, tree, url, date_parser, page)
    return parse_any_listing(tree, url, date_parser)


def _parse_json_source(
    source: JsonListing, body: bytes, url: str, date_parser: ListingDateParser
) -> ParsedSource:
    try:
        answer = orjson.loads(body.decode("utf-8-sig", "replace"))
    except orjson.JSONDecodeError as error:
        return ParsedSource(problems=[f"the JSON listing is broken: {error}"])
    return parse_json_listing(source, answer, url, date_parser)


def _parse_html(outlet: "type[Outlet]", body: bytes, url: str) -> LexborHTMLParser | None:
    if not body.strip():
        return None
    return outlet.prepare(Page(body, url)).tree


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
            f"{trap_count} addresses look like a crawler trap (too long, too deep or repeating)"
        )
    return list(links_by_identity.values())


def _comparable_url(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}".lower()
