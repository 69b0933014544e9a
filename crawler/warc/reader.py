"""Reading WARC files that may be cut, damaged or badly packed: what is whole comes out."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from crawler.warc.records import Damage, Record, WarcError, parse_record

CHUNK = 1 << 20
MAX_RECORD = 128 * 1024 * 1024
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"


def read_warc(path: Path) -> Iterator[Record | Damage]:
    """All records in file order; a damaged part is one Damage, and reading goes on behind it.

    Raises OSError if the file cannot be opened.
    """
    with path.open("rb") as file:
        magic = file.read(4)
        if magic.startswith(_GZIP[:2]):
            yield from _packed(file)
        elif magic == _ZSTD:
            yield Damage(0, "zstd-packed WARC: unpack it first (zstd -d)")
        elif magic:
            yield from _plain(file)
        else:
            yield Damage(0, "the file is empty")


def read_at(path: Path, offset: int, inner: int = 0) -> Record:
    """The one record at an offset, as `Record` names it. Raises WarcError or OSError."""
    with path.open("rb") as file:
        file.seek(offset)
        packed = file.read(3) == _GZIP
        if packed:
            return parse_record(offset, _member(file, offset)[0], inner)[0]
        file.seek(offset)
        return _plain_record(file, offset)[0]


def _packed(file: BinaryIO) -> Iterator[Record | Damage]:
    offset, size = 0, _size(file)
    while offset < size:
        try:
            data, end = _member(file, offset)
        except WarcError as error:
            yield Damage(offset, str(error))
            offset = _next_member(file, offset + 1, size)
            continue
        yield from _records(offset, data)
        offset = end


def _records(offset: int, data: bytes) -> Iterator[Record | Damage]:
    position = 0
    while position < len(data):
        try:
            record, position = parse_record(offset, data, position)
        except WarcError as error:
            yield Damage(offset, str(error))
            return
        yield record


def _member(file: BinaryIO, offset: int) -> tuple[bytes, int]:
    """One gzip member unpacked, and the offset behind it."""
    file.seek(offset)
    unpacker = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    total = read = 0
    while not unpacker.eof:
        chunk = file.read(CHUNK)
        if not chunk:
            raise WarcError(f"cut in the middle: the record at byte {offset} has no end")
        read += len(chunk)
        try:
            part = unpacker.decompress(chunk, MAX_RECORD)
        except zlib.error as error:
            raise WarcError(f"damaged record at byte {offset}: {error}") from error
        total += len(part)
        if unpacker.unconsumed_tail or total > MAX_RECORD:
            raise WarcError(f"record at byte {offset} is larger than {MAX_RECORD >> 20} MiB")
        parts.append(part)
    return b"".join(parts), offset + read - len(unpacker.unused_data)


def _next_member(file: BinaryIO, start: int, size: int) -> int:
    """Where the next gzip member that holds a WARC record begins; the end if there is none."""
    position = start
    while position < size:
        file.seek(position)
        chunk = file.read(CHUNK + len(_GZIP))
        found = chunk.find(_GZIP)
        if found < 0:
            position += CHUNK
            continue
        if _begins_record(file, position + found):
            return position + found
        position += found + 1
    return size


def _begins_record(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        return zlib.decompressobj(wbits=31).decompress(file.read(4096), 8).startswith(b"WARC/")
    except zlib.error:
        return False


def _plain(file: BinaryIO) -> Iterator[Record | Damage]:
    offset, size = 0, _size(file)
    while offset < size:
        try:
            record, offset_after = _plain_record(file, offset)
        except WarcError as error:
            yield Damage(offset, f"{error} (at byte {offset})")
            offset = _next_plain(file, offset + 1, size)
            continue
        yield record
        offset = offset_after


def _plain_record(file: BinaryIO, offset: int) -> tuple[Record, int]:
    file.seek(offset)
    data = file.read(CHUNK)
    while True:
        try:
            record, length = parse_record(offset, data)
        except WarcError:
            more = file.read(CHUNK) if data.startswith(b"WARC/") and len(data) < MAX_RECORD else b""
            if not more:
                raise
            data += more
            continue
        return record, offset + length


def _next_plain(file: BinaryIO, start: int, size: int) -> int:
    position = start
    while position < size:
        file.seek(position)
        found = file.read(CHUNK + 8).find(b"WARC/1.")
        if found >= 0:
            return position + found
        position += CHUNK
    return size


def _size(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size
