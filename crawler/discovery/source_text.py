"""Unpacks and decodes the answer of a source piece by piece, so that a large one costs little memory.

The bytes are decoded as those of pages are.
"""

import codecs
from collections.abc import Iterator, Sequence

from crawler.extract.page.charset import codec_name, decode
from crawler.extract.page.gzip_members import MAGIC, gunzip, iter_unpacked

MAX_SOURCE_BYTES = 50 * 1024 * 1024  # the limit of the sitemaps.org protocol
_HEAD_BYTES = 16 * 1024
_SAMPLE_BYTES = 1024 * 1024  # what the charset of a larger answer is told by


def iter_source_text(
    body: bytes, languages: Sequence[str], problems: list[str], content_type: str = ""
) -> Iterator[str]:
    """Yields the text of an answer that may be packed with gzip, at most `MAX_SOURCE_BYTES`.

    An answer of at most 1 MiB is one piece. `languages`: those that the outlet writes in.
    `content_type`: the HTTP header. A fault of the packing is added to `problems`.
    """
    pieces = iter_unpacked(body, MAX_SOURCE_BYTES, problems)
    sample = b""
    for piece in pieces:
        sample += piece
        if len(sample) > _SAMPLE_BYTES:
            break
    else:
        yield decode(sample, content_type, languages).text
        return
    # Half a character at the end would speak against the right charset.
    whole = sample[: sample.rfind(b">") + 1] or sample
    charset = codec_name(decode(whole, content_type, languages).charset) or "utf-8"
    decoder = codecs.getincrementaldecoder(charset)("replace")
    yield decoder.decode(sample).removeprefix("\ufeff")
    for piece in pieces:
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def decode_source(
    body: bytes, languages: Sequence[str], problems: list[str], content_type: str = ""
) -> str:
    """Returns the same text in one piece."""
    return "".join(iter_source_text(body, languages, problems, content_type))


def source_head(body: bytes) -> str:
    """Returns the start of an answer, unpacked, with its ASCII characters readable."""
    # Without its zero bytes, UTF-16 is as readable as ASCII.
    head = unpack_head(body, _HEAD_BYTES).replace(b"\x00", b"")
    return head.decode("utf-8", "replace").lstrip("\ufeff\ufffd \t\r\n")


def unpack_head(body: bytes, size: int) -> bytes:
    """Returns the first bytes of an answer, unpacked if it is gzip."""
    return gunzip(body, size)[0][:size] if body.startswith(MAGIC) else body[:size]
