"""Unpacks gzip (RFC 1952): all its members, within a limit."""

import re
import zlib

MAGIC = b"\x1f\x8b"
MAX_MEMBERS = 10_000
MAX_LAYERS = 2  # a packed file that a server packs again
_BLOCK_SIZE = 16 * 1024
_PADDING = re.compile(rb"\x00*")


def gunzip(body: bytes, limit: int) -> tuple[bytes, str]:
    """Returns the unpacked body, at most `limit` bytes, and what is wrong with it; "" if nothing.

    A body that is not gzip comes back unchanged. Of a damaged one the readable part comes back.
    Bytes behind the last member that are no gzip are left out, as gzip(1) does.
    """
    problem = ""
    for _ in range(MAX_LAYERS):
        if not body.startswith(MAGIC):
            break
        body, new_problem = _unpack(memoryview(body), limit)
        problem = problem or new_problem
    return body, problem


def _unpack(packed: memoryview, limit: int) -> tuple[bytes, str]:
    unpacked = bytearray()
    offset = 0
    for _ in range(MAX_MEMBERS):
        offset, problem = _unpack_member(packed, offset, unpacked, limit)
        if problem:
            return bytes(unpacked), problem
        padding = _PADDING.match(packed, offset)
        offset = padding.end() if padding else offset
        if packed[offset : offset + 2] != MAGIC:
            return bytes(unpacked), ""
    return bytes(unpacked), f"gzip of more than {MAX_MEMBERS} members: the part read was used"


def _unpack_member(
    packed: memoryview, offset: int, unpacked: bytearray, limit: int
) -> tuple[int, str]:
    """Appends a member to `unpacked`; returns the offset after it, and what is wrong with it."""
    unpacker = zlib.decompressobj(wbits=31)
    while not unpacker.eof:
        block = packed[offset : offset + _BLOCK_SIZE]
        if not block:
            return offset, "gzip is cut: the part read was used"
        if len(unpacked) >= limit:
            return offset, f"gzip is larger than {limit // 2**20} MiB: the part read was used"
        before = unpacker.copy()
        try:
            unpacked += unpacker.decompress(block, limit - len(unpacked))
        except zlib.error as error:
            unpacked += _readable_part(before, block)[: limit - len(unpacked)]
            return offset, f"gzip is damaged: {error}"
        offset += len(block) - len(unpacker.unused_data) - len(unpacker.unconsumed_tail)
    return offset, ""


def _readable_part(unpacker: "zlib._Decompress", block: memoryview) -> bytes:
    """Returns what a block holds before its fault."""
    part = bytearray()
    for i in range(len(block)):
        try:
            part += unpacker.decompress(block[i : i + 1], _BLOCK_SIZE)
        except zlib.error:
            break
    return bytes(part)
