"""Finds the encoding of a file from a sample, and decodes strictly.

A mark at the beginning decides, then the zeros of UTF-16, then UTF-8. Otherwise the words beyond
ASCII are decoded by each encoding of `scripts.RATINGS`, and the best one is taken if it is clearly
the best. Of longer samples in doubt, charset-normalizer decides, among those of several bytes.
"""

import codecs
import re
from collections.abc import Iterable

from storage.importers.tables.scripts import RATINGS, rate

UNREADABLE = "\udc80"
"""Stands for bytes that the encoding does not have. No encoding decodes to this half of a pair."""

HEAD_BYTES = 2**16
_MAX_SAMPLE_BYTES = 2**16
_MAX_RATED_BYTES = 2**14
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The codes that begin the double bytes of ISO-2022, which is ASCII otherwise.
_SHIFTS = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$B", "iso2022_jp"), (b"\x1b$@", "iso2022_jp"))
# No encoding has these bytes within a character of several bytes, so words can be cut here.
_BETWEEN_WORDS = re.compile(rb"[\x00-\x2f:;<=>?]+")
_MIN_RATE, _MIN_LEAD, _LEAD_OF_ONE_CHARACTER = 0.5, 0.1, 1.0
# Texts in an encoding of the other Chinese script: any bytes are a text in those of single bytes.
_OF_SEVERAL_BYTES = ["cp949", "cp932", "euc_jp", "gb18030", "cp950", "big5hkscs"]
_MIN_BYTES_OF_NORMALIZER, _MIN_DOUBTFUL_RATE = 200, 0.25
_UTF8_PER_BROKEN = 10
_ERRORS = "nkwire.unreadable"


def take_sample(blocks: Iterable[bytes]) -> bytes:
    """Returns the head of a file, and further blocks with bytes beyond ASCII: about 128 KiB.

    `blocks`: of the file, of about 64 KiB. They are read to the end only if all of them are ASCII.
    """
    sample = b""
    beyond_ascii = 0
    for block in blocks:
        is_ascii = block.isascii()
        if not sample or not is_ascii:
            sample += block
            beyond_ascii += 0 if is_ascii else len(block)
        if beyond_ascii >= _MAX_SAMPLE_BYTES:
            break
    return sample


def find_encoding(sample: bytes) -> str:
    """Returns the name of the encoding, as Python has it; "" if it is not recognised."""
    for mark, encoding in _MARKS:
        if sample.startswith(mark):
            return encoding
    for shift, encoding in _SHIFTS:
        if shift in sample and sample.isascii():
            return encoding
    if wide := _find_wide(sample[:HEAD_BYTES]):
        return wide
    if sample.isascii() or _is_utf8(sample):
        return "utf-8-sig"
    return _find_by_words(_words_beyond_ascii(sample))


def check_encoding(name: str) -> str:
    """Returns the name under which Python decodes text; "" if it has no such encoding for files."""
    try:
        found = codecs.lookup(name)
        "".encode(name)
        found.decode(b"a", strict_errors())  # those of host names take no handler of errors
    except (LookupError, ValueError):
        return ""
    return "utf-8-sig" if found.name == "utf-8" else found.name


def strict_errors() -> str:
    """Returns the name of the handler that puts `UNREADABLE` in place of bytes that do not fit."""
    codecs.register_error(_ERRORS, lambda error: (UNREADABLE, _end_of(error)))
    return _ERRORS


def _end_of(error: UnicodeError) -> int:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.end


def _find_wide(head: bytes) -> str:
    """Returns the UTF-16 of a text without a mark: half of the bytes of its ASCII are zeros."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if (even + odd) * 50 < len(head) or min(even, odd) * 2 > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_utf8(sample: bytes) -> bool:
    """Whether the sample is UTF-8, but for a few bytes, which are reported with their rows."""
    decoded = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    broken = decoded.count("\ufffd")
    beyond_ascii = sum(1 for each in decoded if each > "\x7f") - broken
    return beyond_ascii >= _UTF8_PER_BROKEN * broken


def _words_beyond_ascii(sample: bytes) -> bytes:
    words = (each for each in _BETWEEN_WORDS.split(sample) if not each.isascii())
    joined = b" ".join(dict.fromkeys(words))
    if len(joined) <= _MAX_RATED_BYTES:
        return joined
    cut = joined[:_MAX_RATED_BYTES]
    return cut.rpartition(b" ")[0] or cut


def _find_by_words(words: bytes) -> str:
    decoded = {encoding: words.decode(encoding, "replace") for encoding in RATINGS}
    rates = {encoding: rate(text, encoding) for encoding, text in decoded.items()}
    best = max(rates, key=lambda each: rates[each])
    text = decoded[best]
    others = [rates[each] for each in rates if decoded[each] != text]
    characters = sum(1 for each in text if each > "\x7f") or 1
    lead = _MIN_LEAD + _LEAD_OF_ONE_CHARACTER / characters
    if rates[best] >= _MIN_RATE and all(rates[best] - each >= lead for each in others):
        return best
    doubtful = _ask_normalizer(words) if len(words) >= _MIN_BYTES_OF_NORMALIZER else ""
    return doubtful if rates.get(doubtful, 0.0) >= _MIN_DOUBTFUL_RATE else ""


def _ask_normalizer(words: bytes) -> str:
    from charset_normalizer import from_bytes

    found = from_bytes(words, cp_isolation=_OF_SEVERAL_BYTES).best()
    encoding = found.encoding if found else ""
    is_known = encoding in _OF_SEVERAL_BYTES
    return encoding if is_known and "\ufffd" not in words.decode(encoding, "replace") else ""
