"""Reads WARC files that may be cut, damaged or badly packed; all undamaged records are read."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from isal import isal_zlib

from crawler.warc.records import Damage, Record, WarcError, parse_record

CHUNK_BYTES = 1 << 20
# Most records fill less: what is read behind a record is read again with the next one.
_MEMBER_CHUNK_BYTES = 1 << 16
MAX_RECORD_BYTES = 128 * 1024 * 1024
# The cast is for mypy: isal declares its error class as an instance.
_GzipError = cast("type[Exception]", isal_zlib.error)
_GZIP = b"\x1f\x8b\x08"
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
        file.seek(offset)
        is_gzip = file.read(3) == _GZIP
        if is_gzip:
            return parse_record(offset, _read_member(file, offset)[0], member_offset)[0]
        file.seek(offset)
        return _read_plain_record(file, offset)[0]


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
            record, position = parse_record(offset, data, position)
        except WarcError as error:
            yield Damage(offset, str(error))
            return
        yield record


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
    position = start
    while position < size:
        file.seek(position)
        chunk = file.read(CHUNK_BYTES + len(_GZIP))
        gzip_start = chunk.find(_GZIP)
        if gzip_start < 0:
            position += CHUNK_BYTES
            continue
        if _is_record_start(file, position + gzip_start):
            return position + gzip_start
        position += gzip_start + 1
    return size


def _is_record_start(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        return isal_zlib.decompressobj(wbits=31).decompress(file.read(4096), 8).startswith(b"WARC/")
    except _GzipError:
        return False


def _iter_plain_records(file: BinaryIO, offset: int) -> Iterator[Record | Damage]:
    size = _size(file)
    while offset < size:
        try:
            record, offset_after = _read_plain_record(file, offset)
        except WarcError as error:
            yield Damage(offset, f"{error} (at byte {offset})")
            offset = _find_next_plain_record(file, offset + 1, size)
            continue
        yield record
        offset = offset_after


def _read_plain_record(file: BinaryIO, offset: int) -> tuple[Record, int]:
    file.seek(offset)
    data = file.read(CHUNK_BYTES)
    while True:
        try:
            record, length = parse_record(offset, data)
        except WarcError:
            chunk = (
                file.read(CHUNK_BYTES)
                if data.startswith(b"WARC/") and len(data) < MAX_RECORD_BYTES
                else b""
            )
            if not chunk:
                raise
            data += chunk
            continue
        return record, offset + length


def _find_next_plain_record(file: BinaryIO, start: int, size: int) -> int:
    position = start
    while position < size:
        file.seek(position)
        record_start = file.read(CHUNK_BYTES + 8).find(b"WARC/1.")
        if record_start >= 0:
            return position + record_start
        position += CHUNK_BYTES
    return size


def _size(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size
