"""Writes a WARC file with the recorded pages of the selected articles.

It copies the gzip members byte for byte, so digests and dates do not change. The records come in
order of article and capture. Records of other pages in the same WARC files are not copied. A
recorded page is a whole text, so only pages whose rights are "full" are copied.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import select

from dedup.errors import NkwireError
from storage.archive.places import RecordingPlace, find_local, local_folders, open_archived
from storage.export.formats.selection import Selection
from storage.rights import allowed_level
from storage.tables.articles import article, capture, version

_CHUNK_BYTES = 1 << 16
_PIECE_BYTES = 1 << 20
_MAX_RECORD_BYTES = 128 << 20
_WARCINFO_FIELDS = (
    b"software: nkwire\r\nformat: WARC File Format 1.1\r\ndescription: subset of a corpus\r\n"
)


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where a page of an article is recorded. `is_allowed`: its rights allow the whole text."""

    outlet: str
    url: str
    warc_file: str
    warc_offset: int
    is_allowed: bool


def write(
    file: IO[bytes],
    selection: Selection,
    recordings: Sequence[RecordingPlace],
    on_problem: Callable[[str], None],
) -> int:
    """Copies the response records of all captures of the selected articles; returns their number.

    `recordings`: the folders of the WARC files, and the archive. `on_problem`: called with one line for each record
    that is missing or damaged; the others are copied. Pages that their rights withhold are left out.
    Raises ArchiveError if the archive cannot be asked.
    """
    copied_count = 0
    file.write(_make_warcinfo())
    seen: set[tuple[str, int]] = set()
    for place in _iter_record_places(selection):
        if not place.is_allowed or (place.warc_file, place.warc_offset) in seen:
            continue
        seen.add((place.warc_file, place.warc_offset))
        try:
            file.write(_read_record(recordings, place.outlet, place.warc_file, place.warc_offset))
            copied_count += 1
        except UnreadableRecord as error:
            on_problem(f"{place.url}: {place.warc_file} at byte {place.warc_offset}: {error}")
    return copied_count


def copy_record(recordings: Sequence[RecordingPlace], outlet: str, name: str, offset: int) -> bytes:
    """Returns one record as a WARC file of its own. Raises UnreadableRecord."""
    return _make_warcinfo() + _read_record(recordings, outlet, name, offset)


class UnreadableRecord(NkwireError):
    """A record cannot be copied. The message says why."""


def _iter_record_places(selection: Selection) -> Iterator[RecordPlace]:
    shown, current = version.alias(), version.alias()
    query = (
        select(
            article.c.outlet,
            capture.c.url,
            capture.c.warc_file,
            capture.c.warc_offset,
            shown.c.rights.label("shown_rights"),
            current.c.rights.label("current_rights"),
        )
        .join_from(capture, article, article.c.id == capture.c.article_id)
        .join(current, current.c.id == article.c.version_id)
        .outerjoin(shown, shown.c.id == capture.c.version_id)
        .where(*selection.conditions, capture.c.warc_file != "", capture.c.warc_offset >= 0)
        .order_by(article.c.id, capture.c.fetched_at)
    )
    for row in selection.stream(query):
        rights = (row.current_rights, row.shown_rights or "full")
        levels = {selection.level_of(row.outlet), *map(allowed_level, rights)}
        yield RecordPlace(
            row.outlet, row.url, row.warc_file, row.warc_offset, is_allowed=levels == {"full"}
        )


def _read_record(
    recordings: Sequence[RecordingPlace], outlet: str, name: str, offset: int
) -> bytes:
    """Returns the gzip member at an offset, still compressed. Raises UnreadableRecord."""
    try:
        with _open_recording(recordings, outlet, name) as file:
            file.seek(offset)
            return _read_member(file)
    except OSError as error:
        raise UnreadableRecord(error.strerror or "the recording cannot be read") from None
    except (ValueError, RuntimeError):  # a NUL in the name, links in a circle
        raise UnreadableRecord("the recording is gone") from None


def _read_member(file: IO[bytes]) -> bytes:
    """Reads a member to its end, and holds one piece of what it unpacks to at a time."""
    unpacker = zlib.decompressobj(wbits=31)
    compressed = bytearray()
    unpacked_bytes = 0
    while not unpacker.eof:
        block = unpacker.unconsumed_tail
        if not block:
            block = file.read(_CHUNK_BYTES)
            compressed += block
        if not block or len(compressed) > _MAX_RECORD_BYTES:
            raise UnreadableRecord("the recording is damaged")
        if compressed[:2] != b"\x1f\x8b":
            raise UnreadableRecord("not a gzipped WARC file")
        try:
            unpacked_bytes += len(unpacker.decompress(block, _PIECE_BYTES))
        except zlib.error:
            raise UnreadableRecord("the recording is damaged") from None
        if unpacked_bytes > _MAX_RECORD_BYTES:
            raise UnreadableRecord("the record unpacks to more than 128 MiB")
    return bytes(compressed[: len(compressed) - len(unpacker.unused_data)])


def _open_recording(recordings: Sequence[RecordingPlace], outlet: str, name: str) -> IO[bytes]:
    """Opens a WARC file. Raises UnreadableRecord if no place of recordings has it."""
    path = find_local(recordings, outlet, name)
    if path is None:
        if found := open_archived(recordings, outlet, name):
            return found[1]
        raise UnreadableRecord("the recording is gone")
    if any(_leads_into(path, folder) for folder in local_folders(recordings)):
        return path.open("rb")
    raise UnreadableRecord("the recording lies outside the folder of recordings")


def _leads_into(path: Path, folder: Path) -> bool:
    """Whether a path is in a folder after all links are followed."""
    return path.resolve().is_relative_to(folder.resolve())


def _make_warcinfo() -> bytes:
    header = (
        b"WARC/1.1\r\nWARC-Type: warcinfo\r\n"
        b"WARC-Record-ID: <urn:uuid:00000000-0000-5000-8000-6e6b77697265>\r\n"
        b"WARC-Date: 1970-01-01T00:00:00Z\r\nContent-Type: application/warc-fields\r\n"
        b"Content-Length: " + str(len(_WARCINFO_FIELDS)).encode() + b"\r\n\r\n"
    )
    compressor = zlib.compressobj(6, zlib.DEFLATED, 31)
    return compressor.compress(header + _WARCINFO_FIELDS + b"\r\n\r\n") + compressor.flush()
