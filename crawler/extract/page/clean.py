"""Cleans the characters of all text that is stored.

No-break and other special spaces become a space. Zero-width marks, control characters,
bidirectional overrides, lone surrogates and private-use characters are removed. Nothing else
changes: quotes, dashes, full-width forms and the spelling of names stay as printed.
"""

import re

# Written as escapes, because the characters are invisible in a source file.
_REMOVED_CHARS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ud800-\udfff\ue000-\uf8ff\ufeff\ufff9-\ufffb]"
)
_SPACES = re.compile(r"[^\S\n]+")
_LINE_BREAKS = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_JOINERS = re.compile("[\u200c\u200d]")
_NEEDS_JOINERS = re.compile("[\u0600-\u06ff\u0900-\u0dff\u1000-\u109f\U0001f000-\U0001faff]")


def clean_line(text: str) -> str:
    """Returns the cleaned text on one line, with single spaces."""
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(clean_text(line).split())


def clean_text(text: str) -> str:
    """Returns the cleaned text with its line breaks, each line stripped and with single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = _LINE_BREAKS.sub("\n", text)
    text = _remove_invisible_chars(text)
    return "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n"))


def _remove_invisible_chars(text: str) -> str:
    if not _JOINERS.search(text) or not _NEEDS_JOINERS.search(text):
        return _REMOVED_CHARS.sub("", text)
    # Persian, the Indic scripts and emoji need joiners.
    return _REMOVED_CHARS.sub(lambda match: match[0] if match[0] in "\u200c\u200d" else "", text)
