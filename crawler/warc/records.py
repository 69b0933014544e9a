"""Parses WARC 1.1 records (ISO 28500:2017) and the HTTP messages inside them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from crawler.errors import CrawlerError

MAX_HEADER_BYTES = 256 * 1024
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK_START = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,200})?\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)?\s+(\d{3})\s*([^\r\n]*)")


class WarcError(CrawlerError, ValueError):
    """Raised for a record that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Record:
    """One WARC record: its header fields, names in lower case, and its block.

    `offset`: position in the file, in bytes, of the record or of the gzip member that holds it.
    `member_offset`: position of the record in the unpacked gzip member.
    """

    offset: int
    fields: dict[str, str]
    block: bytes
    member_offset: int = 0

    @property
    def kind(self) -> str:
        """The WARC-Type in lower case: "response", "request", "revisit" ..."""
        return self.fields.get("warc-type", "").lower()

    @property
    def url(self) -> str:
        """The WARC-Target-URI; "" if there is none."""
        return self.fields.get("warc-target-uri", "").strip("<> ")

    @property
    def date(self) -> datetime | None:
        """The WARC-Date in UTC; None if it is missing or cannot be parsed."""
        text = self.fields.get("warc-date", "").replace("Z", "+00:00")
        try:
            time = datetime.fromisoformat(text)
            return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
        except (ValueError, OverflowError):  # no date, or outside the years 1 to 9999
            return None


@dataclass(frozen=True, slots=True)
class Damage:
    """A part of a file that cannot be read. Reading goes on after it."""

    offset: int
    message: str


@dataclass(frozen=True, slots=True)
class HttpMessage:
    """A recorded HTTP response or request. `status`: 0 for a request."""

    start_line: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Returns the first value of a header, in any letter case; "" if there is none."""
        lower_name = name.lower()
        return next((value for key, value in self.headers if key.lower() == lower_name), "")

    def header_lines(self, name: str) -> str:
        """Returns all values of a header, each on a line; "" if there is none."""
        lower_name = name.lower()
        return "\n".join(value for key, value in self.headers if key.lower() == lower_name)


@dataclass(frozen=True, slots=True)
class RecordedResponse:
    """The position of a recorded response and what it answers; offsets as in `Record`.

    `is_listing`: its content is a feed or a sitemap.
    """

    url: str
    file: Path
    offset: int
    member_offset: int
    captured_at: datetime
    status: int
    content_type: str = ""
    method: str = "GET"
    request_body: bytes = b""
    is_listing: bool = False


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """The header fields of a record, and where its block starts in the data, and its length."""

    fields: dict[str, str]
    block_start: int
    block_bytes: int


def parse_record_header(data: bytes, start: int = 0) -> RecordHeader:
    """Returns the header of the record at `start` in `data`. Raises WarcError."""
    end = _HEADER_END.search(data, start, start + MAX_HEADER_BYTES)
    if not data.startswith(b"WARC/", start) or end is None:
        raise WarcError("no WARC header")
    lines = data[start : end.start()].decode("utf-8", "replace").splitlines()[1:]
    fields = {name.lower(): value for name, value in _parse_headers(lines)}
    length = _LENGTH.fullmatch(fields.get("content-length", ""))
    if length is None:
        raise WarcError("no Content-Length")
    return RecordHeader(fields, end.end(), int(length[0]))


def parse_record(offset: int, data: bytes, start: int = 0) -> tuple[Record, int]:
    """Returns the record at `start` in `data`, and the position of the next one. Raises WarcError.

    `offset`: only stored in the record.
    """
    header = parse_record_header(data, start)
    stop = header.block_start + header.block_bytes
    if stop > len(data):
        raise WarcError(f"cut: {len(data) - header.block_start} of {header.block_bytes} bytes")
    record = Record(offset, header.fields, data[header.block_start : stop], start)
    while data[stop : stop + 1] in (b"\r", b"\n"):
        stop += 1
    if not b"WARC/".startswith(data[stop : stop + 5]):
        raise WarcError(f"the record does not end after its Content-Length, {header.block_bytes}")
    return record, stop


def parse_http(block: bytes) -> HttpMessage:
    """Returns the HTTP message in a record's block, without chunked coding. Raises WarcError.

    A header that states chunks is wrong if there are none: then the body stays as it is.
    """
    end = _HEADER_END.search(block, 0, MAX_HEADER_BYTES)
    if end is None:
        raise WarcError("no HTTP header")
    start_line, *lines = block[: end.start()].decode("latin-1").splitlines() or [""]
    status = _STATUS_LINE.match(block)
    headers = tuple(_parse_headers(lines))
    body = block[end.end() :]
    status_code = int(status[1]) if status else 0
    is_stated = any(
        name.lower() == "transfer-encoding" and "chunked" in value.lower()
        for name, value in headers
    )
    if is_stated:
        headers = tuple(pair for pair in headers if pair[0].lower() != "transfer-encoding")
        body, _ = join_chunks(body)
    return HttpMessage(start_line, status_code, headers, body)


def check_address(url: str) -> None:
    """Raises WarcError for an http(s) address that has no host, or a host or port that is none."""
    try:
        parts = urlsplit(url)
        is_valid = parts.scheme in ("http", "https") and bool(parts.hostname)
        parts.port  # noqa: B018  raises for a port that is no number
    except ValueError:
        is_valid = False
    if not is_valid:
        raise WarcError(f"{url[:200]!r} is no address of a page")


def _parse_headers(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    name, value = "", ""
    for line in lines:
        if line[:1] in (" ", "\t") and name:
            value += " " + line.strip()
            continue
        if name:
            yield name, value
        name, _, rest = line.partition(":")
        name, value = name.strip(), rest.strip()
    if name:
        yield name, value


def join_chunks(body: bytes) -> tuple[bytes, bool]:
    """Joins the chunks of a body (RFC 9112, 7.1), and returns whether its last chunk is there.

    A body that is not chunked, or not to its end, is returned from there on as it is.
    """
    parts: list[bytes] = []
    position = 0
    while match := _CHUNK_START.match(body, position):
        size, start = int(match[1], 16), match.end()
        if size == 0:
            return b"".join(parts), True
        line_end = _LINE_END.match(body, start + size)
        if line_end is None and start + size < len(body):
            break  # what looks like a length is part of the text
        parts.append(body[start : start + size])
        position = line_end.end() if line_end else len(body)
    return b"".join(parts) + body[position:], False
