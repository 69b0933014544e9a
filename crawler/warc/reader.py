"""Reads WARC files that may be cut, damaged or badly packed; all undamaged records are read."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from isal import isal_zlib

from crawler.warc.records import (
    MAX_HEADER_BYTES,
    Damage,
    Record,
    WarcError,
    parse_record,
    parse_record_header,
)

CHUNK_BYTES = 1 << 20
# Most records fill less: what is read behind a record is read again with the next one.
_MEMBER_CHUNK_BYTES = 1 << 16
_MEMBER_START_BYTES = 4096  # unpacked, they hold the first bytes of a record
_HEADER_CHUNK_BYTES = 1 << 14
_MAX_GAP_BYTES = 4096  # line ends between two records; the standard has four bytes
_OVERLAP_BYTES = 8
_FIRST_WINDOW_BYTES = 4096
MAX_RECORD_BYTES = 128 * 1024 * 1024
# The cast is for mypy: isal declares its error class as an instance.
_GzipError = cast("type[Exception]", isal_zlib.error)
_GZIP = b"\x1f\x8b\x08"
_GZIP_START = re.compile(re.escape(_GZIP))
_RECORD_OR_HEADER_END = re.compile(rb"WARC/1\.|\n\r?\n")
_RECORD_LINE = re.compile(rb"\nWARC/1\.[01]\r?\n")
_ZSTD = b"\x28\xb5\x2f\xfd"


def iter_records(path: Path, start: int = 0) -> Iterator[Record | Damage]:
    """Yields all records in file order, and one Damage for each part that cannot be read.

    `start`: the offset of the first record to read, as `Record.offset`. Reading goes on after a
    damaged part. Raises OSError if the file cannot be read.
    """
    with path.open("rb") as file:
        magic = file.read(4)
        if magic.startswith(_GZIP[:2]):
            yield from _iter_gzip_records(file, start)
        elif magic == _ZSTD:
            yield Damage(0, "zstd-packed WARC: unpack it first (zstd -d)")
        elif magic:
            yield from _iter_plain_records(file, start)
        else:
            yield Damage(0, "the file is empty")


def read_record(path: Path, offset: int, member_offset: int = 0) -> Record:
    """Returns the record at the offsets that `Record` holds. Raises WarcError or OSError."""
    with path.open("rb") as file:
        return read_record_of(file, offset, member_offset)


def read_record_of(file: BinaryIO, offset: int, member_offset: int = 0) -> Record:
    """Does the same in an open file. Of a packed one it reads no more than the one member."""
    file.seek(offset)
    if file.read(3) == _GZIP:
        return parse_record(offset, _read_member(file, offset)[0], member_offset)[0]
    return _read_plain_record(file, offset, _size(file))[0]


def _iter_gzip_records(file: BinaryIO, offset: int) -> Iterator[Record | Damage]:
    size = _size(file)
    while offset < size:
        try:
            data, end = _read_member(file, offset)
        except WarcError as error:
            yield Damage(offset, str(error))
            offset = _find_next_member(file, offset + 1, size)
            continue
        yield from _iter_member_records(offset, data)
        offset = end


def _iter_member_records(offset: int, data: bytes) -> Iterator[Record | Damage]:
    position = 0
    while position < len(data):
        try:
            record, next_position = parse_record(offset, data, position)
        except WarcError as error:
            yield Damage(offset, str(error))
            next_record = _RECORD_LINE.search(data, position + 1)
            if next_record is None:
                return
            next_position = next_record.start() + 1
        else:
            yield record
        position = next_position


def _read_member(file: BinaryIO, offset: int) -> tuple[bytes, int]:
    """Returns one gzip member, unpacked, and the offset after it. Raises WarcError."""
    file.seek(offset)
    unpacker = isal_zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    total = read = 0
    while not unpacker.eof:
        chunk = file.read(_MEMBER_CHUNK_BYTES)
        if not chunk:
            raise WarcError(f"cut in the middle: the record at byte {offset} has no end")
        read += len(chunk)
        try:
            part = unpacker.decompress(chunk, MAX_RECORD_BYTES)
        except _GzipError as error:
            raise WarcError(f"damaged record at byte {offset}: {error}") from error
        total += len(part)
        if unpacker.unconsumed_tail or total > MAX_RECORD_BYTES:
            raise WarcError(f"record at byte {offset} is larger than {MAX_RECORD_BYTES >> 20} MiB")
        parts.append(part)
    return b"".join(parts), offset + read - len(unpacker.unused_data)


def _find_next_member(file: BinaryIO, start: int, size: int) -> int:
    """Returns the offset of the next gzip member that holds a WARC record; `size` if none."""
    for position, chunk in _iter_windows(file, start, size, _MEMBER_START_BYTES):
        for found in _GZIP_START.finditer(chunk):
            if _is_record_start(chunk[found.start() : found.start() + _MEMBER_START_BYTES]):
                return position + found.start()
    return size


def _iter_windows(
    file: BinaryIO, start: int, size: int, overlap: int
) -> Iterator[tuple[int, bytes]]:
    """Yields offsets and data from `start` on; each part holds `overlap` bytes of the next too.

    The first part is small, since most damages are short.
    """
    position, step = start, _FIRST_WINDOW_BYTES
    while position < size:
        file.seek(position)
        yield position, file.read(step + overlap)
        position, step = position + step, min(2 * step, CHUNK_BYTES)


def _is_record_start(packed: bytes) -> bool:
    try:
        return isal_zlib.decompressobj(wbits=31).decompress(packed, 8).startswith(b"WARC/")
    except _GzipError:
        return False


def _iter_plain_records(file: BinaryIO, offset: int) -> Iterator[Record | Damage]:
    size = _size(file)
    while offset < size:
        try:
            record, offset_after = _read_plain_record(file, offset, size)
        except WarcError as error:
            yield Damage(offset, f"{error} (at byte {offset})")
            offset = _find_next_plain_record(file, offset + 1, size)
            continue
        yield record
        offset = offset_after


def _read_plain_record(file: BinaryIO, offset: int, size: int) -> tuple[Record, int]:
    """Returns the record at an offset of a file of `size` bytes, and the offset after it.

    A block is read only if the file holds all of it. Raises WarcError.
    """
    file.seek(offset)
    data = file.read(_HEADER_CHUNK_BYTES)
    if len(data) == _HEADER_CHUNK_BYTES and b"\n\r\n" not in data and b"\n\n" not in data:
        data += file.read(MAX_HEADER_BYTES)
    header = parse_record_header(data)
    stop = header.block_start + header.block_bytes
    if stop > size - offset:
        there = size - offset - header.block_start
        raise WarcError(f"cut: {there} of {header.block_bytes} bytes")
    if stop > MAX_RECORD_BYTES:
        raise WarcError(f"record is larger than {MAX_RECORD_BYTES >> 20} MiB")
    if stop + _MAX_GAP_BYTES > len(data):
        data += file.read(stop + _MAX_GAP_BYTES - len(data))
    record, length = parse_record(offset, data)
    return record, offset + length


def _find_next_plain_record(file: BinaryIO, start: int, size: int) -> int:
    """Returns the offset of the next record that has a header with an end; `size` if none.

    A header holds no second "WARC/1." line. So the last one before an end is the only candidate,
    and each byte is looked at once.
    """
    candidate = -1
    for position, chunk in _iter_windows(file, start, size, _OVERLAP_BYTES):
        for found in _RECORD_OR_HEADER_END.finditer(chunk):
            if found[0].startswith(b"WARC"):
                candidate = position + found.start()
            elif candidate >= 0:
                return candidate
    return size


def _size(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size
