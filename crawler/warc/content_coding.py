"""Decodes the bodies of recorded answers: the bytes decide, since archives keep headers that lie.

CC-NEWS files from before May 2019 state the coding of bodies that are stored without one; other
archives store coded bodies without the header.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from importlib import import_module

from crawler.warc.records import HttpMessage, WarcError, join_chunks
from storage.export.formats.output_files import import_zstd

MAX_DECODED_BYTES = 64 * 1024 * 1024
_MAX_LAYERS = 4  # some servers pack a body twice
_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_PACKERS = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd"})
_BINARY_CHARS = re.compile(rb"[\x00-\x08\x10-\x1a\x1c-\x1f]")  # 0e, 0f, 1b: ISO-2022
_TEXT_BYTES = 4096
_BLOCK_BYTES = 64 * 1024  # unpackers copy what they leave over of their input
_WIDE_TEXT = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")  # UTF-16, with a mark or without

# Takes a packed body and the most bytes to unpack; returns what it holds, and whether that is all.
_Unpacker = Callable[[bytes, int], tuple[bytes, bool]]


def decode_body(message: HttpMessage, limit: int = MAX_DECODED_BYTES) -> bytes:
    """Returns the body without chunks and content codings, whatever the header says of them.

    A body that ends too early gives what it holds. `limit`: bytes after which unpacking may stop.
    Raises WarcError for a body that is neither text nor packed as it states, and for one that
    unpacks to more than MAX_DECODED_BYTES.
    """
    names = {name.strip() for name in message.header("content-encoding").lower().split(",")}
    joined, has_all_chunks = join_chunks(message.body)
    body = first = joined if has_all_chunks else message.body
    for _ in range(_MAX_LAYERS):
        unpacked = _unpack_layer(body, names, limit)
        if not unpacked:
            break
        body = unpacked
    if body is not first and len(body) > MAX_DECODED_BYTES:
        raise WarcError(f"the body unpacks to more than {MAX_DECODED_BYTES >> 20} MiB")
    is_packed = body.startswith((_GZIP, _ZSTD)) or (body is first and names & _PACKERS)
    if is_packed and not looks_like_text(body):
        stated = ", ".join(sorted(names & _PACKERS)) or "none stated"
        raise WarcError(f"the body cannot be unpacked (content coding {stated})")
    return body


def _unpack_layer(body: bytes, names: set[str], limit: int) -> bytes:
    """Returns the body without one coding; b"" if it has none."""
    for unpack, is_sure in _iter_unpackers(body, names):
        try:
            unpacked, is_whole = unpack(body, limit + 1)
        except Exception:  # noqa: BLE001, S112 - each packer raises errors of its own
            continue
        # A cut body may be read to its end only if no text could begin like it.
        if unpacked and (is_whole or (is_sure and not looks_like_text(body))):
            return unpacked
    return b""


def _iter_unpackers(body: bytes, names: set[str]) -> Iterator[tuple[_Unpacker, bool]]:
    """Yields the unpackers to try, and whether the first bytes or the header name each of them."""
    if body.startswith(_GZIP):
        yield _gunzip, True
    elif body.startswith(_ZSTD):
        yield _unzstd, True
    elif not looks_like_text(body) or names & {"br", "deflate"}:
        yield _unzlib, _has_zlib_header(body)
        yield _inflate, "deflate" in names
        yield _unbrotli, "br" in names


def _has_zlib_header(body: bytes) -> bool:
    """Method 8, and a check sum that 31 divides (RFC 1950, 2.2)."""
    return len(body) > 2 and body[0] & 0x8F == 8 and not int.from_bytes(body[:2], "big") % 31


def looks_like_text(body: bytes) -> bool:
    """Returns whether the start of a body has no bytes that no charset uses for text."""
    return body.startswith(_WIDE_TEXT) or not _BINARY_CHARS.search(body, 0, _TEXT_BYTES)


def _gunzip(body: bytes, limit: int) -> tuple[bytes, bool]:
    """Unpacks the members (RFC 1952, 2.2); what is no member after them is left out."""
    unpacked = bytearray()
    position, is_whole = 0, True
    while body.startswith(_GZIP, position) and len(unpacked) < limit:
        unpacker = zlib.decompressobj(31)
        while not unpacker.eof and position < len(body) and len(unpacked) < limit:
            block = body[position : position + _BLOCK_BYTES]
            unpacked += unpacker.decompress(block, limit - len(unpacked))
            position += len(block) - len(unpacker.unused_data) - len(unpacker.unconsumed_tail)
        is_whole = unpacker.eof
    return bytes(unpacked), is_whole


def _unzlib(body: bytes, limit: int) -> tuple[bytes, bool]:
    unpacker = zlib.decompressobj(15)
    return unpacker.decompress(body, limit), unpacker.eof


def _inflate(body: bytes, limit: int) -> tuple[bytes, bool]:
    unpacker = zlib.decompressobj(-15)  # some servers send `deflate` without the zlib header
    return unpacker.decompress(body, limit), unpacker.eof and not unpacker.unused_data


def _unbrotli(body: bytes, limit: int) -> tuple[bytes, bool]:
    unpacker = import_module("brotli").Decompressor()  # Scrapy depends on it
    parts = [unpacker.process(body, output_buffer_limit=limit)]
    while (left := limit - sum(map(len, parts))) > 0 and parts[-1]:
        parts.append(unpacker.process(b"", output_buffer_limit=left))
    return b"".join(parts), unpacker.is_finished()


def _unzstd(body: bytes, limit: int) -> tuple[bytes, bool]:
    """Unpacks the frames (RFC 8878, 3.1); what is no frame after them is left out."""
    unpacked = bytearray()
    position, is_whole = 0, True
    while body.startswith(_ZSTD, position) and len(unpacked) < limit:
        unpacker = import_zstd().ZstdDecompressor()
        while not unpacker.eof and len(unpacked) < limit:
            block = body[position : position + _BLOCK_BYTES] if unpacker.needs_input else b""
            if unpacker.needs_input and not block:
                break
            unpacked += unpacker.decompress(block, limit - len(unpacked))
            position += len(block)
        position -= len(unpacker.unused_data)
        is_whole = unpacker.eof
    return bytes(unpacked), is_whole
