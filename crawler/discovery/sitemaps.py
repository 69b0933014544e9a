"""Reads sitemaps and indexes (sitemaps.org), Google's news sitemaps, and plain lists of URLs."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING

from crawler.discovery.entry_windows import iter_roots
from crawler.discovery.feeds import FEED_ROOTS, read_feed
from crawler.discovery.listed_text import clean_address, plain_text
from crawler.discovery.listing_dates import ListingDateParser
from crawler.discovery.source_text import iter_source_text
from crawler.discovery.xml_source import element_markup, element_text, root_name, split_name
from crawler.sources import Link, ParsedSource, Sitemap, SourcePage

if TYPE_CHECKING:
    from lxml import etree

MAX_URLS = 50_000  # the limit of the sitemaps.org protocol
SITEMAP_ROOTS = frozenset({"urlset", "sitemapindex"})
MAX_LINE_CHARS = 8192  # of a plain list, twice the longest address
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ADDRESS = re.compile(r"\s*(?:https?:/)?/\S+\s*")


def parse_sitemap(
    source: Sitemap, body: bytes, date_parser: ListingDateParser, content_type: str = ""
) -> ParsedSource:
    """Returns the links of a sitemap, or the sub-sitemaps of an index; both newest first.

    `body`: may be packed with gzip. A feed in place of a sitemap is read as a feed. `content_type`:
    the HTTP header.
    """
    parsed = ParsedSource()
    texts = iter_source_text(body, date_parser.languages, parsed.problems, content_type)
    first = next(texts, "")
    is_feed = root_name(body) in FEED_ROOTS
    pieces = chain((first,), texts) if "<" in first[:2048] else iter(())
    roots = iter_roots(pieces, parsed.problems, feed=is_feed)
    root = next(roots, None)
    if root is None:
        parsed.problems.clear()  # the answer is read again, as a list of lines
        whole = iter_source_text(body, date_parser.languages, parsed.problems, content_type)
        parsed.links = [Link(url=line) for line in _iter_plain_urls(whole)]
        if not parsed.links:
            parsed.problems.append("no XML could be read from the sitemap")
    elif split_name(root)[1] in FEED_ROOTS:
        read_feed(chain((root,), roots), "", date_parser, parsed)
    else:
        _read_entries(source, chain((root,), roots), date_parser, parsed)
    return parsed


def _read_entries(
    source: Sitemap,
    roots: "Iterator[etree._Element]",
    date_parser: ListingDateParser,
    parsed: ParsedSource,
) -> None:
    first = next(roots)
    name = split_name(first)[1]
    entries = (entry for root in chain((first,), roots) for entry in _entries(root))
    missing_count = 0
    for entry in islice(entries, MAX_URLS):
        records = list(_iter_records(entry))
        missing_count += not records
        if split_name(entry)[1] == "url":
            parsed.links.extend(_parse_record(record, date_parser) for record in records)
        else:
            parsed.further_pages.extend(_iter_sub_sitemaps(source, records, date_parser))
    if next(entries, None) is not None:
        parsed.problems.append(
            f"sitemap of more than {MAX_URLS} addresses: the first {MAX_URLS} were read"
        )
    is_empty = not (parsed.links or parsed.further_pages or missing_count)
    if is_empty and name not in SITEMAP_ROOTS:
        parsed.problems.append(f"not a sitemap: the root element is <{name[:40]}>")
    if missing_count:
        parsed.problems.append(f"{missing_count} entries of the sitemap without an address")
    parsed.links.sort(
        key=lambda link: link.published_at or link.modified_at or _EPOCH, reverse=True
    )
    parsed.further_pages.sort(
        key=lambda source_page: source_page.modified_at or _EPOCH, reverse=True
    )


def _entries(root: "etree._Element") -> list["etree._Element"]:
    found = [each for each in root.iter() if split_name(each)[1] in ("url", "sitemap")]
    return [each for each in found if _own_name(each, root)] or found


def _iter_plain_urls(texts: Iterator[str]) -> Iterator[str]:
    lines = (line.strip("\ufeff \t") for line in islice(_iter_lines(texts), MAX_URLS))
    return (line for line in lines if line.startswith(("http://", "https://")))


def _iter_lines(texts: Iterator[str]) -> Iterator[str]:
    held = ""
    for text in texts:
        lines = (held[:MAX_LINE_CHARS] + text).splitlines(keepends=True)
        held = lines.pop() if lines else ""
        yield from (line.rstrip() for line in lines)
    yield held


def _own_name(element: "etree._Element", parent: "etree._Element") -> str:
    """Returns the name of an element of its parent's format; "" for one of another namespace."""
    namespace, name = split_name(element)
    return name if namespace in ("", split_name(parent)[0]) else ""


def _iter_records(entry: "etree._Element") -> Iterator[dict[str, str]]:
    """Yields the fields of each address in an entry; some sitemaps put several into one.

    Pictures and videos have addresses, titles and dates of their own, in other namespaces.
    """
    records: list[dict[str, str]] = []
    fields: dict[str, str] = {}
    for child in entry:
        name = _own_name(child, entry)
        text = element_text(child).strip()
        if name == "loc" and text:
            if "loc" in fields:
                records.append(fields)
                fields = {}
            fields["loc"] = text
        elif name == "lastmod":
            fields.setdefault(name, text)
        elif _is_news(child, entry):
            for each in child if len(child) else (child,):
                fields.setdefault(_own_name(each, child), element_markup(each).strip())
    if "loc" not in fields and _ADDRESS.fullmatch(entry.text or ""):
        fields["loc"] = (entry.text or "").strip()
    if "loc" in fields:
        records.append(fields)
    last_modified = fields.get("lastmod", "")
    return ({"lastmod": last_modified, **record} for record in records)


def _is_news(child: "etree._Element", entry: "etree._Element") -> bool:
    """Returns whether an element is of Google's news extension, also if nobody declared it."""
    namespace, name = split_name(child)
    return "news" in namespace or (namespace in ("", split_name(entry)[0]) and name == "news")


def _parse_record(fields: dict[str, str], date_parser: ListingDateParser) -> Link:
    published = date_parser.parse(fields.get("publication_date", ""))
    return Link(
        url=clean_address(fields["loc"]),
        title=plain_text(fields.get("title", "")),
        published_at=published.at,
        published_precision=published.precision,
        modified_at=date_parser.parse(fields.get("lastmod", "")).at,
        tags=tuple(tag for word in fields.get("keywords", "").split(",") if (tag := word.strip())),
    )


def _iter_sub_sitemaps(
    source: Sitemap, records: list[dict[str, str]], date_parser: ListingDateParser
) -> Iterator[SourcePage]:
    for fields in records:
        url = clean_address(fields["loc"])
        if source.follow and not re.search(source.follow, url):
            continue
        modified = date_parser.parse(fields.get("lastmod", "")).at
        yield SourcePage(
            source=replace(source, url=url), url=url, modified_at=modified, sitemap_depth=1
        )
