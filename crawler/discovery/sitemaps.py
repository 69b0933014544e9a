"""Parses sitemaps and indexes (sitemaps.org), Google's news sitemaps, and plain lists of URLs."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler.discovery.feeds import local_name, parse_xml, plain_text
from crawler.discovery.listing_dates import ListingDateParser
from crawler.sources import Link, ParsedSource, Sitemap, SourcePage

if TYPE_CHECKING:
    from lxml import etree

MAX_URLS = 50_000  # the limit of the sitemaps.org protocol
MAX_SITEMAP_BYTES = 50 * 1024 * 1024  # likewise
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_sitemap(source: Sitemap, body: bytes, date_parser: ListingDateParser) -> ParsedSource:
    """Returns the links of a sitemap, or the sub-sitemaps of an index; both newest first.

    `body` may be compressed with gzip.
    """
    parsed = ParsedSource()
    text = gunzip(body, parsed.problems)
    root = parse_xml(text) if b"<" in text[:2048] else None
    if root is None:
        parsed.links = [Link(url=line) for line in _iter_plain_urls(text)]
        if not parsed.links:
            parsed.problems.append("no XML could be read from the sitemap")
        return parsed
    entries = [element for element in root if local_name(element) in ("url", "sitemap")]
    if len(entries) > MAX_URLS:
        parsed.problems.append(f"sitemap of {len(entries)} addresses: {MAX_URLS} were read")
    for entry in entries[:MAX_URLS]:
        if local_name(entry) == "sitemap":
            _add_sub_sitemap(source, entry, date_parser, parsed)
        else:
            parsed.links.append(_parse_entry(entry, date_parser))
    parsed.links = [link for link in parsed.links if link.url]
    parsed.links.sort(
        key=lambda link: link.published_at or link.modified_at or _EPOCH, reverse=True
    )
    parsed.further_pages.sort(
        key=lambda source_page: source_page.modified_at or _EPOCH, reverse=True
    )
    return parsed


def gunzip(body: bytes, problems: list[str]) -> bytes:
    """Returns the body, unpacked if it is gzip: the readable part, at most `MAX_SITEMAP_BYTES`."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(body, MAX_SITEMAP_BYTES)
    except zlib.error as error:
        problems.append(f"gzip of the sitemap is damaged: {error}")
        return b""
    if not unpacker.eof:
        problems.append("gzip of the sitemap is cut or larger than 50 MiB: the part read was used")
    return text


def _iter_plain_urls(text: bytes) -> Iterator[str]:
    lines = text.decode("utf-8", "replace").splitlines()[:MAX_URLS]
    return (line.strip() for line in lines if line.strip().startswith(("http://", "https://")))


def _entry_fields(entry: "etree._Element") -> dict[str, str]:
    fields: dict[str, str] = {}
    for child in entry.iter():
        name = local_name(child)
        if child is not entry and name and name not in fields:
            fields[name] = (child.text or "").strip()
    return fields


def _parse_entry(entry: "etree._Element", date_parser: ListingDateParser) -> Link:
    fields = _entry_fields(entry)
    published = date_parser.parse(fields.get("publication_date", ""))
    return Link(
        url=fields.get("loc", ""),
        title=plain_text(fields.get("title", "")) if "publication_date" in fields else "",
        published_at=published.at,
        published_precision=published.precision,
        modified_at=date_parser.parse(fields.get("lastmod", "")).at,
        tags=tuple(tag for word in fields.get("keywords", "").split(",") if (tag := word.strip())),
    )


def _add_sub_sitemap(
    source: Sitemap, entry: "etree._Element", date_parser: ListingDateParser, parsed: ParsedSource
) -> None:
    fields = _entry_fields(entry)
    url = fields.get("loc", "")
    if not url or (source.follow and not re.search(source.follow, url)):
        return
    modified = date_parser.parse(fields.get("lastmod", "")).at
    parsed.further_pages.append(
        SourcePage(source=replace(source, url=url), url=url, modified_at=modified, sitemap_depth=1)
    )
