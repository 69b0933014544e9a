"""One source's answer -> links. Chooses the reader, then cleans, filters and keys what it found."""

import re
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson
from selectolax.lexbor import LexborHTMLParser

from crawler.discovery.addresses import absolute, is_trap
from crawler.discovery.feeds import read_feed
from crawler.discovery.generic import read_generic
from crawler.discovery.listings import read_json_listing, read_listing
from crawler.discovery.sitemaps import read_sitemap
from crawler.discovery.times import Clock
from crawler.extract.page.page import Page
from crawler.sources import (
    AnyListing,
    Feed,
    JsonListing,
    Link,
    Links,
    Listing,
    NewsSitemap,
    Sitemap,
    Source,
)

if TYPE_CHECKING:
    from crawler.declaration import Outlet

_FEED = re.compile(rb"<(?:\w+:)?(?:rss|feed|rdf)\b", re.IGNORECASE)
_SITEMAP = re.compile(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b", re.IGNORECASE)
_NEWS = b"schemas/sitemap-news"


def links(
    source: Source,
    body: bytes,
    url: str,
    outlet: "type[Outlet]",
    now: datetime,
    page: int = 1,
) -> Links:
    """Read the answer of a source: links to articles as listed, pages to follow, problems.

    `url`: where the answer came from; relative addresses start there. `page`: which page of a paged
    listing this is. Addresses that are no article of the outlet are left out; each article once.
    """
    clock = Clock(outlet.timezone, outlet.languages, now)
    found = _read(source, body, url, outlet, clock, page)
    found.links = _cleaned(found, url, outlet)
    found.follow = [
        replace(follow, url=address)
        for follow in found.follow
        if (address := absolute(follow.url, url)) and not is_trap(address)
    ]
    return found


def find_source(outlet: "type[Outlet]", url: str, body: bytes) -> Source:
    """Which declared source an answer belongs to; what it looks like where none fits."""
    address = _bare(url)
    for source in outlet.sources:
        if _bare(source.url) == address:
            return source
    listings = [source for source in outlet.sources if isinstance(source, Listing)]
    if listings and (tree := _tree(outlet, body, url)) is not None:
        for source in listings:
            if tree.css_first(source.item) is not None:
                return source
    return sniff(url, body)


def sniff(url: str, body: bytes) -> Source:
    """The kind of source that an answer looks like."""
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"\x1f\x8b") or _SITEMAP.search(start):
        return NewsSitemap(url) if _NEWS in body[:65536] else Sitemap(url)
    if _FEED.search(start):
        return Feed(url)
    if start.startswith((b"{", b"[")):
        return JsonListing(url)
    return AnyListing(url)


def _read(
    source: Source, body: bytes, url: str, outlet: "type[Outlet]", clock: Clock, page: int
) -> Links:
    match source:
        case Feed():
            return read_feed(body, clock)
        case Sitemap():
            return read_sitemap(source, body, clock)
        case JsonListing():
            return _json(source, body, url, clock)
    tree = _tree(outlet, body, url)
    if tree is None:
        return Links(problems=["the listing is empty"])
    if isinstance(source, Listing):
        return read_listing(source, tree, url, clock, page)
    return read_generic(tree, url, clock)


def _json(source: JsonListing, body: bytes, url: str, clock: Clock) -> Links:
    try:
        answer = orjson.loads(body.decode("utf-8-sig", "replace"))
    except orjson.JSONDecodeError as error:
        return Links(problems=[f"the JSON listing is broken: {error}"])
    return read_json_listing(source, answer, url, clock)


def _tree(outlet: "type[Outlet]", body: bytes, url: str) -> LexborHTMLParser | None:
    if not body.strip():
        return None
    return outlet.prepare(Page(body, url)).tree


def _cleaned(found: Links, url: str, outlet: "type[Outlet]") -> list[Link]:
    kept: dict[str, Link] = {}
    traps = 0
    for link in found.links:
        address = absolute(link.url, url)
        if not address or not outlet.is_article(address):
            continue
        if is_trap(address):
            traps += 1
            continue
        key = link.key or outlet.key_of(address)
        identity = key or address
        earlier = kept.get(identity)
        if earlier is None or len(link.title) > len(earlier.title):
            kept[identity] = replace(link, url=address, key=key)
    if traps:
        found.problems.append(f"{traps} addresses look like a trap (too long, deep or repeating)")
    return list(kept.values())


def _bare(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.netloc.removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}".lower()
