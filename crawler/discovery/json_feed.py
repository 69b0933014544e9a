"""Reads JSON Feed (jsonfeed.org, versions 1 and 1.1)."""

from typing import Any

from crawler.discovery.json_source import load_json
from crawler.discovery.listed_text import MAX_LEAD_CHARS, plain_text
from crawler.discovery.listing_dates import ListingDateParser
from crawler.sources import Link, ParsedSource

MAX_ENTRIES = 2000
VERSION_MARK = b"jsonfeed.org/version"


def parse_json_feed(
    body: bytes, date_parser: ListingDateParser, content_type: str = ""
) -> ParsedSource:
    """Returns the links of a JSON feed in its own order. Relative URLs stay relative."""
    parsed = ParsedSource()
    answer, problem = load_json(body, date_parser.languages, content_type)
    if problem:
        parsed.problems.append(f"the JSON feed is broken: {problem}")
        return parsed
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        parsed.problems.append("no list of items in the JSON feed")
        return parsed
    if len(items) > MAX_ENTRIES:
        parsed.problems.append(f"feed of {len(items)} entries: the first {MAX_ENTRIES} were read")
    links = [_item(item, date_parser) for item in items[:MAX_ENTRIES] if isinstance(item, dict)]
    parsed.links = [link for link in links if link.url]
    if missing_count := len(links) - len(parsed.links):
        parsed.problems.append(f"{missing_count} feed entries without a link")
    return parsed


def _item(item: dict[str, Any], date_parser: ListingDateParser) -> Link:
    identifier = _text(item, "id")
    published = date_parser.parse(_text(item, "date_published"))
    lead = _text(item, "summary") or _text(item, "content_text") or _text(item, "content_html")
    tags = item.get("tags")
    return Link(
        url=_text(item, "url")
        or _text(item, "external_url")
        or (identifier if identifier.startswith(("http://", "https://")) else ""),
        title=plain_text(_text(item, "title")),
        published_at=published.at,
        published_precision=published.precision,
        modified_at=date_parser.parse(_text(item, "date_modified")).at,
        lead=plain_text(lead)[:MAX_LEAD_CHARS],
        tags=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
    )


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return value.strip() if isinstance(value, str) else ""
