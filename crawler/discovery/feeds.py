"""Parses RSS 0.9x, 1.0, 2.0 and Atom (RFC 4287). Broken XML is recovered, not refused."""

import html
import re
from typing import TYPE_CHECKING

from lxml import etree

from crawler.discovery.listing_dates import ListedTime, ListingDateParser
from crawler.extract.page.clean import clean_line
from crawler.sources import Link, ParsedSource

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

MAX_ENTRIES = 2000
MAX_LEAD_CHARS = 2000
_LEADING_JUNK = re.compile(rb"\A(?:\xef\xbb\xbf|\s)+")
_TAGS = re.compile(r"<[^<>]*>")
_PUBLISHED_ELEMENTS = ("pubdate", "published", "date", "issued", "created", "updated", "modified")
_MODIFIED_ELEMENTS = ("updated", "modified")


def parse_xml(body: bytes) -> "etree._Element | None":
    """Returns the root of an XML document, recovered if it is broken; None if that fails.

    Does not expand entities and does not fetch anything.
    """
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        return etree.fromstring(_LEADING_JUNK.sub(b"", body), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def local_name(element: "etree._Element") -> str:
    """Returns an element's name without namespace and prefix, in lower case.

    Returns "" for comments and processing instructions.
    """
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def plain_text(text: str) -> str:
    """Returns the text of a feed field on one line, with tags removed and entities resolved."""
    return clean_line(html.unescape(_TAGS.sub(" ", text)))


def parse_feed(body: bytes, date_parser: ListingDateParser) -> ParsedSource:
    """Returns the links of a feed in its own order. Relative URLs stay relative."""
    parsed = ParsedSource()
    root = parse_xml(body)
    if root is None:
        parsed.problems.append("no XML could be read from the feed")
        return parsed
    entries = [element for element in root.iter() if local_name(element) in ("item", "entry")]
    if len(entries) > MAX_ENTRIES:
        parsed.problems.append(f"feed of {len(entries)} entries: the first {MAX_ENTRIES} were read")
    links = [_entry(entry, date_parser) for entry in entries[:MAX_ENTRIES]]
    parsed.links = [link for link in _drop_identical_dates(links) if link.url]
    if missing_count := len(links) - len(parsed.links):
        parsed.problems.append(f"{missing_count} feed entries without a link")
    if not entries and local_name(root) not in ("rss", "feed", "rdf"):
        parsed.problems.append(f"not a feed: the root element is <{local_name(root)[:40]}>")
    return parsed


def _entry(entry: "etree._Element", date_parser: ListingDateParser) -> Link:
    fields: dict[str, str] = {}
    tags: list[str] = []
    url = ""
    for child in entry:
        name = local_name(child)
        if not name:
            continue  # a comment or processing instruction: `itertext` fails on it
        if name == "link":
            url = url or _link_url(child)
        elif name in ("category", "subject", "keywords"):
            tags.append(plain_text(child.get("term") or _text(child)))
        elif name not in fields:
            fields[name] = _text(child)
    published = _first_date(fields, _PUBLISHED_ELEMENTS, date_parser)
    modified = _first_date(fields, _MODIFIED_ELEMENTS, date_parser)
    return Link(
        url=url or _guid_url(fields),
        title=plain_text(fields.get("title", "")),
        published_at=published.at,
        published_precision=published.precision,
        modified_at=modified.at,
        lead=plain_text(fields.get("description") or fields.get("summary") or "")[:MAX_LEAD_CHARS],
        tags=tuple(tag for tag in tags if tag),
    )


def _text(element: "etree._Element") -> str:
    return "".join(str(part) for part in element.itertext())


def _link_url(link: "etree._Element") -> str:
    if link.get("rel", "alternate") != "alternate":
        return ""
    return (link.get("href") or _text(link)).strip()


def _guid_url(fields: dict[str, str]) -> str:
    guid = (fields.get("guid") or fields.get("id") or "").strip()
    return guid if guid.startswith(("http://", "https://")) else ""


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
