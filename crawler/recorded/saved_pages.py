"""Reads saved pages and gives one plain dict for each; stores nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from crawler.discovery.source_parser import detect_source, match_source, parse_source
from crawler.extract.dates.dates import ParsedDate
from crawler.extract.extraction import Extraction, extract_page
from crawler.extract.page.guard import MAX_PAGE_BYTES
from crawler.extract.page.page import Page
from crawler.outlet import Outlet
from crawler.registry import outlet_for
from crawler.sources import Feed, Link, Sitemap
from storage.records import PageClass, TimePrecision

LISTING_KINDS = ("listing", "feed", "sitemap")

# Called with the place ("index.jsonl:7") and what is wrong there.
ProblemHandler = Callable[[str, str], None]

_ISO_CHARS = {TimePrecision.DAY: 10, TimePrecision.MONTH: 7, TimePrecision.YEAR: 4}


def read_manifest(manifest: Path, on_problem: ProblemHandler) -> Iterator[dict[str, Any]]:
    """Reads every page that a JSONL manifest names.

    A line has `file` (relative to the manifest) and `url`; `kind` "listing", "feed" or "sitemap"
    asks for the links on the page too. A faulty line is reported to `on_problem`, and reading goes
    on. Raises OSError if the manifest itself cannot be read.
    """
    with manifest.open("rb") as file:
        for line_number, line in enumerate(file, 1):
            if not line.strip():
                continue
            place = f"{manifest}:{line_number}"
            entry = _parse_line(line)
            if isinstance(entry, str):
                on_problem(place, entry)
                continue
            try:
                yield read_file(
                    manifest.parent / entry["file"],
                    entry["url"],
                    name=entry["file"],
                    kind=str(entry.get("kind") or ""),
                )
            except Exception as error:  # noqa: BLE001 - one page must not cost the others
                on_problem(place, f"{entry['file']}: {explain_read_error(error)}")


def load_page(path: Path, url: str) -> Page:
    """Reads a page that was saved from `url`, without looking into it. Raises as `load_body`."""
    return Page(load_body(path, url), url)


def load_body(path: Path, url: str) -> bytes:
    """Reads what was saved from `url`; it may be packed with gzip.

    A file longer than MAX_PAGE_BYTES is cut one byte after it, which shows that it is too long.
    Raises OSError for the file, ValueError for a URL that is not http(s) or has no host.
    """
    with path.open("rb") as file:
        body = file.read(MAX_PAGE_BYTES + 1)
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_valid = False
    if not is_valid:
        raise ValueError(
            f"{url!r} is no http(s) address; give the one that the page was saved from"
        )
    return body


def explain_read_error(error: Exception) -> str:
    """Returns in one line why a page could not be read."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, ValueError):
        return str(error)
    return f"reading failed: {type(error).__name__}: {error}"


def read_file(path: Path, url: str, *, name: str = "", kind: str = "") -> dict[str, Any]:
    """Reads one saved page.

    The dict has `file, url, outlet, page_class, title, published_at, authors, language, text,
    evidence, flags, reason`, and for a listing, feed or sitemap `items` (each `url, title, date,
    key`). `published_at` is ISO 8601: with an offset if the instant is known, without one if the
    zone is unknown, and only a day if no more is known. Raises OSError for the file, ValueError for
    a URL without a host.
    """
    body, outlet = load_body(path, url), outlet_for(url)
    is_listing = kind in LISTING_KINDS or isinstance(detect_source(url, body), Feed | Sitemap)
    extraction = None if is_listing else extract_page(Page(body, url), outlet)
    row = _build_row(name or str(path), url, outlet.name, extraction)
    if is_listing or (extraction and extraction.page_class is PageClass.LISTING):
        row["items"] = _listed_items(outlet, body, url)
    return row


def format_date(time: ParsedDate | None) -> str | None:
    """Returns a time as ISO 8601, only as precise as it is known."""
    if time is None:
        return None
    if time.precision in _ISO_CHARS:
        return time.at.isoformat()[: _ISO_CHARS[time.precision]]
    return (time.at if time.has_zone else time.at.replace(tzinfo=None)).isoformat()


def _parse_line(line: bytes) -> dict[str, Any] | str:
    """Returns a manifest's line as a dict, or what is wrong with it."""
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return f"not JSON ({error}); a line is an object with `file` and `url`"
    if not isinstance(entry, dict):
        return "not an object; a line is an object with `file` and `url`"
    for key in ("file", "url"):
        if not isinstance(entry.get(key), str) or not entry[key]:
            return f"`{key}` is missing"
    return entry


def _build_row(name: str, url: str, outlet: str, extraction: Extraction | None) -> dict[str, Any]:
    article = extraction.article if extraction else None
    return {
        "file": name,
        "url": url,
        "outlet": article.outlet if article else outlet,
        "page_class": str(extraction.page_class if extraction else PageClass.LISTING),
        "title": article.title if article else None,
        "published_at": format_date(extraction.published) if extraction and article else None,
        "authors": list(article.authors) if article else [],
        "language": article.language or None if article else None,
        "text": article.text if article else None,
        "evidence": extraction.evidence if extraction else {},
        "flags": list(extraction.flags) if extraction else [],
        "reason": extraction.reason if extraction else "",
    }


def format_listed_date(link: Link) -> str | None:
    """Returns the time that a listing states for a link, as `format_date` does."""
    if link.published_at is None:
        return None
    precision = TimePrecision(link.published_precision or TimePrecision.MINUTE)
    return format_date(ParsedDate(link.published_at, precision, has_zone=True))


def _listed_items(outlet: type[Outlet], body: bytes, url: str) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    parsed = parse_source(match_source(outlet, url, body), body, url, outlet, now)
    return [
        {
            "url": link.url,
            "title": link.title,
            "date": format_listed_date(link),
            "key": link.key or None,
        }
        for link in parsed.links
    ]
