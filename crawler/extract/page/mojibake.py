"""Tells whether a decoded text looks broken, and undoes a decoding that was done once too often."""

import re
from collections.abc import Sequence

from crawler.extract.writing_systems import SCRIPTS_OF_LANGUAGE, fits_languages, plausibility

MAX_BAD_SHARE = 0.001
_MIN_BAD_CHARS = 4
_MAX_BAD_SHARE_OF_FOREIGN = 0.1
_MIN_FOREIGN_CHARS = 12
_SAMPLE_CHARS = 50_000
_MIN_GAIN = 0.3  # of plausibility, that an undone decoding must bring
_ESCAPES = re.compile(r"\x1b(?:\$[@A-B]|\$?\([A-Z]|\$\)[AC])|~\{(?:[!-w][!-~])+~\}")
_MIN_ESCAPES = 3
# Of UTF-8: C1 controls without U+0085, a line end of some programs, and U+FFFD.
_CONTROLS = re.compile(b"\xc2[\x80-\x84\x86-\x9f]|\xef\xbf\xbd")
_ASCII_TO_SPACE = b" " * 0x80 + bytes(range(0x80, 0x100))
# First bytes of characters in UTF-8: only of those beyond cp1252; of the letters from U+00C0 on.
_LEADS_BEYOND_LATIN = bytes({*range(0xC4, 0xF5)} - {0xC5, 0xC6, 0xCB, 0xE2})
_LEAD_OF_LETTERS = b"\xc3"
_CP1252 = {
    ord(char): byte
    for byte in range(0x80, 0xA0)
    if (char := bytes([byte]).decode("cp1252", "ignore"))
}
_BEYOND_LATIN = re.compile(f"[^\x00-\xff{''.join(map(chr, _CP1252))}]")
# UTF-8 that was read as cp1252 or latin-1: a first byte and what the next ones become.
_NEXT = f"[\x80-\xbf{''.join(map(chr, _CP1252))}]"
_UTF8_AS_LATIN = re.compile(f"[\xc2-\xdf]{_NEXT}|[\xe0-\xef]{_NEXT}{{2}}")
_C1_CONTROL = re.compile(b"\xc2[\x80-\x84\x86-\x9f]")
_LEAD_OF_CONTROLS = b"\xc2"
_HIGH_BYTES = bytes(range(0x80, 0x100))
_QUICK_SAMPLE_BYTES = 8_192
_MIN_FOREIGN_SHARE = 20  # one in so many bytes: a charset of seven bits has hardly any
_QUICK_SAMPLE_CHARS, _MIN_SAMPLE_LETTERS = 20_000, 100
_MIN_SHARE = 0.5
_MAX_UTF8_BYTES = 4  # of a character


def may_have_escapes(source: bytes) -> bool:
    """Returns whether bytes can hold sequences of ISO 2022 or HZ; most pages cannot."""
    if b"\x1b" in source or b"\x0e" in source:
        return True
    if b"~" not in source:
        return False
    middle = len(source) // 2
    sample = source[middle : middle + _QUICK_SAMPLE_BYTES]
    foreign = len(sample) - len(sample.translate(None, _HIGH_BYTES))
    return foreign * _MIN_FOREIGN_SHARE <= len(sample) and b"~{" in source


def is_sound(source: bytes, text: str, languages: Sequence[str]) -> bool:
    """Returns whether a text in UTF-8 holds no trace at all of a wrong decoding.

    It takes a tenth of the time of `looks_broken` and `undo_latin`, which decide about the others.
    `source`: its bytes. `languages`: those that the outlet writes in.
    """
    if may_have_escapes(source) or b"\x00" in source or "\ufffd" in text:
        return False
    # One byte is found far faster than it is counted.
    if _LEAD_OF_LETTERS in source and source.count(_LEAD_OF_LETTERS) >= _MIN_BAD_CHARS:
        return False
    if _LEAD_OF_CONTROLS in source and _C1_CONTROL.search(source):
        return False
    if not SCRIPTS_OF_LANGUAGE.keys() & set(languages):
        return True
    middle = len(text) // 2
    runs = foreign_runs(text[middle : middle + _QUICK_SAMPLE_CHARS])
    foreign = b"".join(runs).decode("utf-8", "surrogatepass")
    return len(foreign) >= _MIN_SAMPLE_LETTERS and fits_languages(foreign, languages)


def looks_broken(
    text: str, languages: Sequence[str] = (), runs: Sequence[bytes] | None = None
) -> bool:
    """Returns whether a text holds traces of a wrong decoding, or no script of its languages.

    The traces: escape sequences of ISO 2022 and HZ, U+FFFD, NUL, C1 control characters, UTF-8 that was
    read as Latin letters. `languages`: those that the outlet writes in. `runs`: `foreign_runs(text)`.
    """
    if ("\x1b" in text or "~{" in text) and len(_ESCAPES.findall(text)) >= _MIN_ESCAPES:
        return True
    if text.isascii():
        return False
    runs = foreign_runs(text) if runs is None else runs
    high = b"".join(runs)
    foreign = high.decode("utf-8", "surrogatepass")
    bad = len(_CONTROLS.findall(high)) + text.count("\x00")
    return (
        (bad >= _MIN_BAD_CHARS and bad > _MAX_BAD_SHARE_OF_FOREIGN * len(foreign))
        or bad > max(_MIN_BAD_CHARS, MAX_BAD_SHARE * len(text))
        or _is_utf8_as_latin(runs)
        or not fits_languages(foreign[:_SAMPLE_CHARS], languages)
    )


def undo_latin(text: str, runs: Sequence[bytes] | None = None) -> bytes | None:
    """Returns the bytes of a text that seems to have been read as cp1252 or latin-1; else None.

    `runs`: `foreign_runs(text)`.
    """
    if text.isascii():
        return None
    runs = foreign_runs(text) if runs is None else runs
    high = b"".join(runs)
    beyond = len(high) - len(high.translate(None, _LEADS_BEYOND_LATIN))
    if beyond * 50 > len(high):  # most texts end here; a character has a byte at least
        return None
    foreign = high.decode("utf-8", "surrogatepass")
    # Letters of two bytes and more stand in runs; accented letters of Latin languages do not.
    in_runs = sum(len(run) for run in _decoded(runs) if len(run) > 1)
    if in_runs < max(_MIN_FOREIGN_CHARS, _MIN_SHARE * len(foreign)):
        return None
    if len(_BEYOND_LATIN.findall(foreign)) * 50 > len(foreign):
        return None
    return text.translate(_CP1252).encode("latin-1", "replace")


def is_better(text: str, before: str, languages: Sequence[str]) -> bool:
    """Returns whether a text is far more like a language than it was before."""
    if looks_broken(text, languages):
        return False
    if _is_utf8_as_latin(foreign_runs(before)):
        return True
    # Capitals with accents stand in runs too, so only an outlet of another script has proof.
    if not SCRIPTS_OF_LANGUAGE.keys() & set(languages):
        return False
    return plausibility(text[:_SAMPLE_CHARS]) - plausibility(before[:_SAMPLE_CHARS]) >= _MIN_GAIN


def _is_utf8_as_latin(runs: Sequence[bytes]) -> bool:
    # A pair or a triple begins with such a letter, so most texts need no closer look.
    high = b"".join(runs)
    letters = high.count(_LEAD_OF_LETTERS)
    if letters < _MIN_FOREIGN_CHARS // 3 or letters * 3 * _MAX_UTF8_BYTES <= _MIN_SHARE * len(high):
        return False
    texts = _decoded(runs)
    found = sum(len(pair) for run in texts for pair in _UTF8_AS_LATIN.findall(run))
    return found >= _MIN_FOREIGN_CHARS and found > _MIN_SHARE * sum(map(len, texts))


def foreign_runs(text: str) -> list[bytes]:
    """Returns the runs of characters that are not ASCII, each as UTF-8."""
    return text.encode("utf-8", "surrogatepass").translate(_ASCII_TO_SPACE).split()


def _decoded(runs: Sequence[bytes]) -> list[str]:
    return b" ".join(runs).decode("utf-8", "surrogatepass").split(" ")
