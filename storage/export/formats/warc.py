"""Writes a WARC file with the recorded pages of the selected articles.

It copies the gzip members byte for byte, so digests and dates do not change. The records come in
order of article and capture. Records of other pages in the same WARC files are not copied.
"""

import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sqlalchemy import select

from dedup.errors import NkwireError
from storage.export.formats.selection import Selection
from storage.tables.articles import article, capture

_CHUNK_BYTES = 1 << 16
_MAX_RECORD_BYTES = 128 * 2**20
_WARCINFO_FIELDS = (
    b"software: nkwire\r\nformat: WARC File Format 1.1\r\ndescription: subset of a corpus\r\n"
)


@dataclass(slots=True)
class CopyResult:
    """The number of copied pages. `missing`: the number of pages not copied, by cause."""

    pages: int = 0
    missing: Counter[str] = field(default_factory=Counter)


def write(file: IO[bytes], selection: Selection, recordings: Path) -> CopyResult:
    """Copies the response records of all captures of the selected articles.

    `recordings`: the folder of the WARC files. A record that is missing or damaged is counted in
    the result, and the others are copied.
    """
    result = CopyResult()
    file.write(_make_warcinfo())
    copied_places: set[tuple[str, int]] = set()
    for outlet, name, offset in _iter_record_places(selection):
        if (name, offset) in copied_places:
            continue
        copied_places.add((name, offset))
        try:
            file.write(_read_member(_find_recording(recordings, outlet, name), offset))
            result.pages += 1
        except UnreadableRecord as error:
            result.missing[str(error)] += 1
    return result


def copy_record(recordings: Path, outlet: str, name: str, offset: int) -> bytes:
    """Returns one record as a WARC file of its own. Raises UnreadableRecord."""
    return _make_warcinfo() + _read_member(_find_recording(recordings, outlet, name), offset)


class UnreadableRecord(NkwireError):
    """A record cannot be copied. The message says why."""


def _iter_record_places(selection: Selection) -> Iterator[tuple[str, str, int]]:
    query = (
        select(article.c.outlet, capture.c.warc_file, capture.c.warc_offset)
        .join_from(capture, article, article.c.id == capture.c.article_id)
        .where(*selection.conditions, capture.c.warc_file != "", capture.c.warc_offset >= 0)
        .order_by(article.c.id, capture.c.fetched_at)
    )
    for row in selection.stream(query):
        yield row.outlet, row.warc_file, row.warc_offset


def _read_member(path: Path, offset: int) -> bytes:
    """Returns the gzip member at an offset, still compressed."""
    with path.open("rb") as file:
        file.seek(offset)
        if file.read(2) != b"\x1f\x8b":
            raise UnreadableRecord("not a gzipped WARC file")
        file.seek(offset)
        return _read_whole_member(file)


def _read_whole_member(file: IO[bytes]) -> bytes:
    decompressor = zlib.decompressobj(wbits=31)
    compressed = bytearray()
    while not decompressor.eof:
        chunk = file.read(_CHUNK_BYTES)
        if not chunk or len(compressed) > _MAX_RECORD_BYTES:
            raise UnreadableRecord("the recording is damaged")
        compressed += chunk
        try:
            output = decompressor.decompress(chunk, _MAX_RECORD_BYTES)
        except zlib.error:
            raise UnreadableRecord("the recording is damaged") from None
        if len(output) == _MAX_RECORD_BYTES:
            raise UnreadableRecord("the recording is damaged")
    return bytes(compressed[: len(compressed) - len(decompressor.unused_data)])


def _find_recording(recordings: Path, outlet: str, name: str) -> Path:
    """Returns the path of a WARC file, in `recordings` or in the folder of the outlet there.

    Raises UnreadableRecord if the path is outside `recordings` or does not exist.
    """
    root = recordings.resolve()
    paths = [(root / name).resolve(), (root / outlet / name).resolve()]
    if not all(path.is_relative_to(root) for path in paths):
        raise UnreadableRecord("the recording lies outside the folder of recordings")
    for path in paths:
        if path.is_file():
            return path
    raise UnreadableRecord("the recording is gone")


def _make_warcinfo() -> bytes:
    header = (
        b"WARC/1.1\r\nWARC-Type: warcinfo\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-5000-8000-6e6b77697265>\r\n"
        b"WARC-Date: 1970-01-01T00:00:00Z\r\nContent-Type: application/warc-fields\r\n"
        b"Content-Length: " + str(len(_WARCINFO_FIELDS)).encode() + b"\r\n\r\n"
    )
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    return compressor.compress(header + _WARCINFO_FIELDS + b"\r\n\r\n") + compressor.flush()
