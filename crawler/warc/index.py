"""Indexes WARC files: one entry per recorded response, in time order, and all damage found."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from crawler.discovery.source_parser import detect_source
from crawler.sources import AnyListing, JsonListing
from crawler.warc.content_coding import decode_body
from crawler.warc.reader import iter_records
from crawler.warc.records import (
    Damage,
    HttpMessage,
    Record,
    RecordedResponse,
    WarcError,
    check_address,
    parse_http,
)
from storage.wording.numbers import format_count

_UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_SNIFF_BYTES = 65536


@dataclass(frozen=True, slots=True)
class _RevisitRecord:
    """A `revisit` record: its body is that of an earlier response (WARC 1.1, 6.7)."""

    url: str
    captured_at: datetime
    digest: str


@dataclass(slots=True)
class WarcIndex:
    """The responses in WARC files, oldest first.

    `problems`: one line each, with file and place. A `revisit` record is entered with the position
    of the response that it repeats.
    """

    responses: list[RecordedResponse] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _responses_by_digest: dict[str, RecordedResponse] = field(default_factory=dict)
    _revisit_records: dict[Path, list[_RevisitRecord]] = field(default_factory=dict)


def index_files(files: Iterable[Path]) -> WarcIndex:
    """Indexes files. What cannot be read becomes a problem; the rest is indexed."""
    index = WarcIndex()
    for file in files:
        try:
            _index_file(file, index)
        except OSError as error:
            index.problems.append(f"{file}: cannot be read: {error.strerror or error}")
    for file, revisits in index._revisit_records.items():
        _resolve_revisits(file, revisits, index)
    index.responses.sort(key=lambda recorded: recorded.captured_at)
    return index


def _resolve_revisits(file: Path, revisits: list[_RevisitRecord], index: WarcIndex) -> None:
    missing_count = 0
    for revisit in revisits:
        original = index._responses_by_digest.get(
            f"{revisit.url} {revisit.digest}"
        ) or index._responses_by_digest.get(revisit.digest)
        if original is None:
            missing_count += 1
            continue
        index.responses.append(replace(original, url=revisit.url, captured_at=revisit.captured_at))
    if missing_count:
        index.problems.append(
            f"{file}: {format_count(missing_count, 'answer')} left out, as what"
            f" {'it repeats' if missing_count == 1 else 'they repeat'} is in none of the files:"
            " give those too"
        )


def _index_file(file: Path, index: WarcIndex) -> None:
    requests: dict[str, HttpMessage] = {}
    responses: list[tuple[str, RecordedResponse]] = []
    for record in iter_records(file):
        if isinstance(record, Damage):
            index.problems.append(f"{file}: {record.message}")
            continue
        try:
            if record.kind == "revisit":
                _add_revisit(file, record, index)
            else:
                _add_record(file, record, requests, responses)
                _add_digest(record, responses, index)
        except WarcError as error:
            index.problems.append(f"{file}: record at byte {record.offset}: {error}")
    for record_id, recorded in responses:
        request = requests.get(record_id)
        if request is not None:
            method = request.start_line.partition(" ")[0].upper() or "GET"
            recorded = replace(recorded, method=method, request_body=request.body)
        index.responses.append(recorded)


def _add_record(
    file: Path,
    record: Record,
    requests: dict[str, HttpMessage],
    responses: list[tuple[str, RecordedResponse]],
) -> None:
    if record.kind == "request":
        response_id = record.fields.get("warc-concurrent-to", "")
        requests[response_id] = parse_http(record.block)
        return
    if record.kind not in ("response", "resource") or not record.url.startswith("http"):
        return
    check_address(record.url)
    message = parse_response(record)
    recorded = RecordedResponse(
        url=record.url,
        file=file,
        offset=record.offset,
        member_offset=record.member_offset,
        captured_at=record.date or _UNKNOWN_TIME,
        status=message.status,
        content_type=message.header("content-type").partition(";")[0].strip().lower(),
        is_listing=_is_listing(record.url, message),
    )
    responses.append((record.fields.get("warc-record-id", ""), recorded))


def _add_revisit(file: Path, record: Record, index: WarcIndex) -> None:
    digest = record.fields.get("warc-payload-digest", "")
    if record.url.startswith("http") and digest:
        check_address(record.url)
        captured_at = record.date or _UNKNOWN_TIME
        index._revisit_records.setdefault(file, []).append(
            _RevisitRecord(record.url, captured_at, digest)
        )


def _add_digest(
    record: Record, responses: list[tuple[str, RecordedResponse]], index: WarcIndex
) -> None:
    digest = record.fields.get("warc-payload-digest", "")
    if digest and responses and responses[-1][1].url == record.url:
        for key in (digest, f"{record.url} {digest}"):
            index._responses_by_digest.setdefault(key, responses[-1][1])


def parse_response(record: Record) -> HttpMessage:
    """Returns the HTTP response in a record; for a `resource` record, one with status 200.

    Raises WarcError if the record holds no HTTP response.
    """
    if record.kind == "resource":
        content_type = record.fields.get("content-type", "text/html")
        return HttpMessage("HTTP/1.1 200 OK", 200, (("Content-Type", content_type),), record.block)
    message = parse_http(record.block)
    if not message.status:
        raise WarcError("no HTTP status")
    return message


def _is_listing(url: str, message: HttpMessage) -> bool:
    if message.status != 200:
        return False
    source = detect_source(url, _body_prefix(message))
    return not isinstance(source, AnyListing | JsonListing)


def _body_prefix(message: HttpMessage) -> bytes:
    try:
        return decode_body(message, _SNIFF_BYTES)[:_SNIFF_BYTES]
    except WarcError:
        return b""
