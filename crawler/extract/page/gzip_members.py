"""Unpacks gzip (RFC 1952) in pieces: all its members, within a limit."""

import zlib
from collections.abc import Iterable, Iterator

MAGIC = b"\x1f\x8b"
MAX_MEMBERS = 10_000
MAX_LAYERS = 2  # a packed file that a server packs again
_BLOCK_SIZE = 16 * 1024
_PIECE_SIZE = 256 * 1024


def gunzip(body: bytes, limit: int) -> tuple[bytes, str]:
    """Returns the unpacked body, at most `limit` bytes, and what is wrong with it; "" if nothing.

    A body that is not gzip comes back unchanged. Of a damaged one the readable part comes back.
    Bytes behind the last member that are no gzip are left out, as gzip(1) does.
    """
    if not body.startswith(MAGIC):
        return body, ""
    problems: list[str] = []
    unpacked = b"".join(iter_unpacked(body, limit, problems))
    return unpacked, problems[0] if problems else ""


def iter_unpacked(body: bytes, limit: int, problems: list[str]) -> Iterator[bytes]:
    """Yields the same in pieces of at most 256 KiB; what is wrong is added to `problems`."""
    blocks = _Blocks(body[i : i + _PIECE_SIZE] for i in range(0, len(body), _PIECE_SIZE))
    for _ in range(MAX_LAYERS):
        if not blocks.starts_with_magic():
            break
        blocks = _Blocks(_iter_layer(blocks, limit, problems))
    while block := blocks.take(_PIECE_SIZE):
        yield block


class _Blocks:
    """Bytes that come in pieces, and of which a part can be put back."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""

    def take(self, size: int) -> bytes:
        """Returns the next bytes, at most `size`; b"" at the end."""
        self._fill(1)
        block, self._held = self._held[:size], self._held[size:]
        return block

    def put_back(self, block: bytes) -> None:
        self._held = block + self._held

    def starts_with_magic(self) -> bool:
        self._fill(len(MAGIC))
        return self._held.startswith(MAGIC)

    def skip_zeros(self) -> None:
        while self._fill(1):
            self._held = self._held.lstrip(b"\x00")
            if self._held:
                return

    def _fill(self, size: int) -> bool:
        while len(self._held) < size and (piece := next(self._pieces, None)) is not None:
            self._held += piece
        return bool(self._held)


def _iter_layer(packed: _Blocks, limit: int, problems: list[str]) -> Iterator[bytes]:
    size = 0
    for _ in range(MAX_MEMBERS):
        unpacker = zlib.decompressobj(wbits=31)
        while not unpacker.eof:
            block = packed.take(_BLOCK_SIZE)
            if not block:
                problems.append("gzip is cut: the part read was used")
                return
            if size >= limit:
                problems.append(f"gzip is larger than {limit // 2**20} MiB: the part read was used")
                return
            before = unpacker.copy()
            try:
                piece = unpacker.decompress(block, min(limit - size, _PIECE_SIZE))
            except zlib.error as error:
                yield _readable_part(before, block)[: limit - size]
                problems.append(f"gzip is damaged: {error}")
                return
            packed.put_back(unpacker.unconsumed_tail or unpacker.unused_data)
            size += len(piece)
            yield piece
        packed.skip_zeros()
        if not packed.starts_with_magic():
            return
    problems.append(f"gzip of more than {MAX_MEMBERS} members: the part read was used")


def _readable_part(unpacker: "zlib._Decompress", block: bytes) -> bytes:
    """Returns what a block holds before its fault."""
    part = bytearray()
    for i in range(len(block)):
        try:
            part += unpacker.decompress(block[i : i + 1], _BLOCK_SIZE)
        except zlib.error:
            break
    return bytes(part)
