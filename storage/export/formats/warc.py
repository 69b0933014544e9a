"""A WARC file with the pages that the selected articles were read from, as they were recorded.

The gzip members are copied byte for byte, so that digests and dates stay what they were. In order of
article and capture; what is recorded of other pages in the same files stays there.
"""

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sqlalchemy import select

from storage.export.formats.selection import Selection
from storage.tables.articles import article, capture

_CHUNK = 1 << 16
_LARGEST = 128 * 2**20
_INFO = b"software: nkwire\r\nformat: WARC File Format 1.1\r\ndescription: subset of a corpus\r\n"


@dataclass(slots=True)
class Copied:
    """What was copied, and what could not be, counted by cause."""

    pages: int = 0
    missing: Counter[str] = field(default_factory=Counter)


def write(file: IO[bytes], selection: Selection, recordings: Path) -> Copied:
    """Copy the response records of all captures of the selected articles from the folder `recordings`.

    A recording that is gone or damaged is counted in the answer, and the rest is copied.
    """
    copied = Copied()
    file.write(_information())
    done: set[tuple[str, int]] = set()
    for outlet, name, offset in _places(selection):
        if (name, offset) in done:
            continue
        done.add((name, offset))
        try:
            file.write(_member(_found(recordings, outlet, name), offset))
            copied.pages += 1
        except _Unreadable as error:
            copied.missing[str(error)] += 1
    return copied


class _Unreadable(Exception):
    """Why a record cannot be copied."""


def _places(selection: Selection) -> Iterator[tuple[str, str, int]]:
    asked = (
        select(article.c.outlet, capture.c.warc_file, capture.c.warc_offset)
        .join_from(capture, article, article.c.id == capture.c.article_id)
        .where(*selection.where, capture.c.warc_file != "", capture.c.warc_offset >= 0)
        .order_by(article.c.id, capture.c.fetched_at)
    )
    for row in selection.connection.execution_options(yield_per=500).execute(asked):
        yield row.outlet, row.warc_file, row.warc_offset


def _member(path: Path, offset: int) -> bytes:
    """The gzip member at an offset."""
    with path.open("rb") as file:
        file.seek(offset)
        if file.read(2) != b"\x1f\x8b":
            raise _Unreadable("not a gzipped WARC file")
        file.seek(offset)
        return _whole_member(file)


def _whole_member(file: IO[bytes]) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    read = bytearray()
    while not unpacker.eof:
        chunk = file.read(_CHUNK)
        if not chunk or len(read) > _LARGEST:
            raise _Unreadable("the recording is damaged")
        read += chunk
        try:
            rest = unpacker.decompress(chunk, _LARGEST)
        except zlib.error:
            raise _Unreadable("the recording is damaged") from None
        if len(rest) == _LARGEST:
            raise _Unreadable("the recording is damaged")
    return bytes(read[: len(read) - len(unpacker.unused_data)])


def _found(recordings: Path, outlet: str, name: str) -> Path:
    """The file, in the outlet's folder or beside; no name may lead out of the folder."""
    root = recordings.resolve()
    paths = [(root / name).resolve(), (root / outlet / name).resolve()]
    if not all(path.is_relative_to(root) for path in paths):
        raise _Unreadable("the recording lies outside the folder of recordings")
    for path in paths:
        if path.is_file():
            return path
    raise _Unreadable("the recording is gone")


def _information() -> bytes:
    head = (
        b"WARC/1.1\r\nWARC-Type: warcinfo\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-5000-8000-6e6b77697265>\r\n"
        b"WARC-Date: 1970-01-01T00:00:00Z\r\nContent-Type: application/warc-fields\r\n"
        b"Content-Length: " + str(len(_INFO)).encode() + b"\r\n\r\n"
    )
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(head + _INFO + b"\r\n\r\n") + packer.flush()
