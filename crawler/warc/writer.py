"""Writes WARC 1.1 files (ISO 28500): request and response of each fetch, one gzip member each."""

import base64
import hashlib
import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from isal import isal_zlib

from storage.clean import format_utc
from storage.files.making import append_file, append_whole, make_folders

# Measured on real pages: a tenth of the time of zlib's default level, for an eighth more space.
COMPRESSION_LEVEL = 2
_GZIP_WINDOW_BITS = 31  # zlib's window bits for a gzip member
_TRANSFER_HEADERS = frozenset({"transfer-encoding", "content-length", "connection", "keep-alive"})
_LINE_BREAKS = str.maketrans({"\r": " ", "\n": " ", "\x00": ""})


@dataclass(frozen=True, slots=True)
class Exchange:
    """One fetch. `body`: as received, with its content coding. `fetched_at`: aware.

    `reason`: the HTTP reason phrase. `truncated`: a value of WARC-Truncated ("length", "time" ...)
    if the body may be cut, else "".
    """

    url: str
    fetched_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    reason: str = ""
    method: str = "GET"
    request_headers: tuple[tuple[str, str], ...] = ()
    request_body: bytes = b""
    ip: str = ""
    truncated: str = ""
    sha256: str = ""
    """Digest of the body in hex, if it is already known."""


class WarcWriter:
    """Appends records to one file.

    Writes are unbuffered: if the process is killed, at most the last record is cut. What finds no
    room is not written at all.
    """

    def __init__(self, path: Path, software: str = "nkwire") -> None:
        make_folders(path.parent)
        self.path = path
        self._file = append_file(path)
        info = f"software: {software}\r\nformat: WARC File Format 1.1\r\n".encode()
        fields = [("WARC-Filename", path.name), ("Content-Type", "application/warc-fields")]
        try:
            append_whole(self._file, _pack_record("warcinfo", datetime.now(UTC), fields, info))
        except OSError:
            is_empty = not self._file.seek(0, os.SEEK_END)
            self._file.close()
            if is_empty:
                path.unlink(missing_ok=True)
            raise

    def write(self, exchange: Exchange) -> int:
        """Appends a response and its request; returns the response's offset. Raises OSError."""
        offset = self._file.seek(0, os.SEEK_END)
        response_id = _record_id()
        common_fields = [("WARC-Target-URI", exchange.url.translate(_LINE_BREAKS))]
        if exchange.ip:
            common_fields.append(("WARC-IP-Address", exchange.ip))
        fields = [
            *common_fields,
            ("WARC-Payload-Digest", payload_digest(exchange.body, exchange.sha256)),
            ("Content-Type", "application/http; msgtype=response"),
        ]
        if exchange.truncated:
            fields.append(("WARC-Truncated", exchange.truncated))
        response = _pack_record(
            "response", exchange.fetched_at, fields, _response_block(exchange), response_id
        )
        fields = [
            *common_fields,
            ("WARC-Concurrent-To", response_id),
            ("Content-Type", "application/http; msgtype=request"),
        ]
        request = _pack_record("request", exchange.fetched_at, fields, _request_block(exchange))
        append_whole(self._file, response + request)
        return offset

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


def _pack_record(
    kind: str,
    time: datetime,
    fields: list[tuple[str, str]],
    block: bytes,
    record_id: str = "",
) -> bytes:
    """Returns one record as a gzip member."""
    header_fields = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", record_id or _record_id()),
        ("WARC-Date", format_utc(time, "microseconds")),
        *fields,
        ("Content-Length", str(len(block))),
    ]
    record = b"WARC/1.1\r\n" + _format_headers(header_fields) + b"\r\n" + block + b"\r\n\r\n"
    packed: bytes = isal_zlib.compress(record, COMPRESSION_LEVEL, wbits=_GZIP_WINDOW_BITS)
    return packed


def _response_block(exchange: Exchange) -> bytes:
    reason = exchange.reason.translate(_LINE_BREAKS)
    status_line = f"HTTP/1.1 {exchange.status} {reason}\r\n".encode("latin-1", "replace")
    headers = [pair for pair in exchange.headers if pair[0].lower() not in _TRANSFER_HEADERS]
    return (
        status_line
        + _format_headers([*headers, ("Content-Length", str(len(exchange.body)))])
        + b"\r\n"
        + exchange.body
    )


def _request_block(exchange: Exchange) -> bytes:
    parts = urlsplit(exchange.url.translate(_LINE_BREAKS))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    request_head = f"{exchange.method} {target} HTTP/1.1\r\nHost: {parts.netloc}\r\n".encode()
    return (
        request_head + _format_headers(exchange.request_headers) + b"\r\n" + exchange.request_body
    )


def _format_headers(pairs: Iterable[tuple[str, str]]) -> bytes:
    text = "".join(f"{name}: {value.translate(_LINE_BREAKS)}\r\n" for name, value in pairs)
    return text.encode("utf-8", "surrogateescape")


def payload_digest(body: bytes, known_hex: str = "", algorithm: str = "sha256") -> str:
    """Returns a body's WARC-Payload-Digest, in base 32. `known_hex`: the known digest, in hex."""
    value = bytes.fromhex(known_hex) or hashlib.new(algorithm, body, usedforsecurity=False).digest()
    return f"{algorithm}:{base64.b32encode(value).decode()}"


def _record_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"
