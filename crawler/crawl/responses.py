"""Converts Scrapy responses to the types that extraction and storage use."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from scrapy.http import Response

from crawler.discovery.source_parser import parse_source
from crawler.extract.extraction import extract_page
from crawler.extract.page.file_type import find_other_file_type
from crawler.extract.page.page import Page
from crawler.extract.page.robots_rules import HEADER as ROBOTS_RULES
from crawler.sources import ParsedSource, Source
from storage.records import Capture, PageClass

if TYPE_CHECKING:
    from crawler.outlet import Outlet


def captured_at(response: Response) -> datetime:
    """Returns when the response arrived or was recorded, in UTC."""
    recorded_at = response.meta.get("captured_at")
    return recorded_at if isinstance(recorded_at, datetime) else datetime.now(UTC)


def get_header(response: Response, name: str) -> str:
    """Returns a response header as text; "" if it is missing."""
    value = response.headers.get(name) or b""
    return value.decode("latin-1")


def page_from_response(response: Response, languages: Sequence[str] = ()) -> Page:
    """Returns the response as a page that is not parsed yet.

    `languages`: those that the outlet writes in.
    """
    headers = {"content-type": get_header(response, "Content-Type")}
    if rules := response.headers.getlist(ROBOTS_RULES):
        headers[ROBOTS_RULES] = "\n".join(value.decode("latin-1") for value in rules)
    return Page(response.body, response.url, headers, captured_at(response), languages)


def is_truncated(response: Response, page: Page) -> bool:
    """Returns whether a part of the page may be missing or unreadable.

    Either it is too large, or the connection ended and the page has no end mark, or its text looks
    as if it had been decoded wrongly. A file of another type has no text.
    """
    is_cut = page.oversized or ("partial" in response.flags and page.truncated)
    return is_cut or ("charset-doubtful" in page.decoded.flags and not find_other_file_type(page))


def capture_from_response(response: Response, *, truncated: bool = False) -> Capture:
    """Returns the capture that is stored with the article."""
    warc_file, warc_offset = response.meta.get("warc", ("", -1))
    return Capture(
        url=response.url,
        fetched_at=captured_at(response),
        status=response.status,
        body_sha256=_body_sha256(response),
        etag=get_header(response, "ETag")[:500],
        last_modified=get_header(response, "Last-Modified")[:100],
        warc_file=warc_file,
        warc_offset=warc_offset,
        truncated=truncated,
    )


def _body_sha256(response: Response) -> str:
    hashed_body, digest = response.meta.get("hashed", (None, ""))
    # Without a content coding the body is the very bytes that the recorder has hashed.
    return digest if hashed_body is response.body else sha256(response.body).hexdigest()


def read_links(
    response: Response, source: Source, outlet: "type[Outlet]", page: int
) -> tuple[ParsedSource, str]:
    """Returns what an answer lists, and what it is in place of a source; "" if it is one.

    `page`: its number in a paged listing. A captcha, consent or login page is in its place.
    """
    content_type = get_header(response, "Content-Type")
    parsed = parse_source(
        source, response.body, response.url, outlet, captured_at(response), page, content_type
    )
    if parsed.links or parsed.further_pages:
        return parsed, ""
    extraction = extract_page(page_from_response(response), outlet)
    return parsed, extraction.reason if extraction.page_class is PageClass.BLOCKED else ""
