"""Reads RSS 0.9x, 1.0, 2.0, Atom (RFC 4287) and JSON Feed. Broken XML is repaired, not refused."""

from itertools import chain, islice
from typing import TYPE_CHECKING

from crawler.discovery.entry_windows import iter_roots
from crawler.discovery.feed_links import entry_url, site_base
from crawler.discovery.json_feed import MAX_ENTRIES, parse_json_feed
from crawler.discovery.listed_text import MAX_LEAD_CHARS, plain_text
from crawler.discovery.listing_dates import ListedTime, ListingDateParser
from crawler.discovery.source_text import iter_source_text, source_head
from crawler.discovery.xml_source import (
    element_markup,
    is_feed_namespace,
    local_name,
    split_name,
)
from crawler.sources import Link, ParsedSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from lxml import etree

FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
_PUBLISHED_ELEMENTS = ("pubdate", "published", "date", "issued", "created", "updated", "modified")
_MODIFIED_ELEMENTS = ("updated", "modified")


def parse_feed(
    body: bytes, date_parser: ListingDateParser, url: str = "", content_type: str = ""
) -> ParsedSource:
    """Returns the links of a feed in its own order. Relative URLs stay relative.

    `body`: may be packed with gzip. `url`: where the answer came from; "" if that is not known.
    `content_type`: the HTTP header.
    """
    if source_head(body).startswith("{"):
        return parse_json_feed(body, date_parser, content_type)
    parsed = ParsedSource()
    texts = iter_source_text(body, date_parser.languages, parsed.problems, content_type)
    read_feed(iter_roots(texts, parsed.problems, feed=True), url, date_parser, parsed)
    return parsed


def read_feed(
    roots: "Iterator[etree._Element]",
    url: str,
    date_parser: ListingDateParser,
    parsed: ParsedSource,
) -> None:
    """Adds the links and problems of a feed to `parsed`, whose document may come in parts."""
    first = next(roots, None)
    if first is None:
        parsed.problems.append("no XML could be read from the feed")
        return
    base, root_name = site_base(first, url), local_name(first)
    entries = (entry for root in chain((first,), roots) for entry in _entries(root))
    links = [_entry(entry, base, date_parser) for entry in islice(entries, MAX_ENTRIES)]
    if next(entries, None) is not None:
        parsed.problems.append(
            f"feed of more than {MAX_ENTRIES} entries: the first {MAX_ENTRIES} were read"
        )
    parsed.links = [link for link in _drop_identical_dates(links) if link.url]
    if missing_count := len(links) - len(parsed.links):
        parsed.problems.append(f"{missing_count} feed entries without a link")
    if not links and root_name not in FEED_ROOTS:
        parsed.problems.append(f"not a feed: the root element is <{root_name[:40]}>")


def _entries(root: "etree._Element") -> list["etree._Element"]:
    found = [element for element in root.iter() if local_name(element) in ("item", "entry")]
    root_namespace = split_name(root)[0]
    own = [
        element
        for element in found
        if (namespace := split_name(element)[0]) in ("", root_namespace)
        or is_feed_namespace(namespace)
    ]
    return own or found


def _entry(entry: "etree._Element", base: str, date_parser: ListingDateParser) -> Link:
    fields: dict[str, str] = {}
    tags: list[str] = []
    for child in _fields_by_rank(entry):
        name = local_name(child)
        if name in ("category", "subject", "keywords"):
            tags.append(plain_text(child.get("term") or element_markup(child)))
        elif not fields.get(name):
            fields[name] = element_markup(child).strip()
    published = _first_date(fields, _PUBLISHED_ELEMENTS, date_parser)
    modified = _first_date(fields, _MODIFIED_ELEMENTS, date_parser)
    return Link(
        url=entry_url(entry, base),
        title=plain_text(fields.get("title", "")),
        published_at=published.at,
        published_precision=published.precision,
        modified_at=modified.at,
        lead=plain_text(fields.get("description") or fields.get("summary") or "")[:MAX_LEAD_CHARS],
        tags=tuple(tag for tag in tags if tag),
    )


def _fields_by_rank(entry: "etree._Element") -> list["etree._Element"]:
    """Returns an entry's own elements, then those of Dublin Core and other formats."""
    own_namespace = split_name(entry)[0]
    own, other = [], []
    for child in entry:
        namespace = split_name(child)[0]
        if namespace in ("", own_namespace):
            own.append(child)
        elif is_feed_namespace(namespace):
            other.append(child)
    return [*own, *other]


def _first_date(
    fields: dict[str, str], names: tuple[str, ...], date_parser: ListingDateParser
) -> ListedTime:
    times: Iterator[ListedTime] = (
        date_parser.parse(fields[name]) for name in names if name in fields
    )
    return next((time for time in times if time.at), ListedTime())


def _drop_identical_dates(links: list[Link]) -> list[Link]:
    """Drops the dates if all entries have the same one: then it is when the feed was made."""
    times: set[datetime | None] = {link.published_at for link in links}
    if len(links) < 3 or len(times) != 1 or None in times:
        return links
    if links[0].published_precision != "second":
        return links
    return [Link(url=link.url, title=link.title, lead=link.lead, tags=link.tags) for link in links]
