"""Cleans the characters of all text that is read from pages, by the rule of all stored text.

No-break and other special spaces become a space, and private-use characters are removed: they are
icons of a web font. For the rest see `storage.clean`: quotes, dashes, full-width forms and the
spelling of names stay as printed.
"""

import re

from storage import clean as stored

# Written as escapes, because the characters are invisible in a source file.
_NOT_TEXT = re.compile("[\ud800-\udfff\ue000-\uf8ff]")
_SPACES = re.compile(r"[^\S\n]+")


def clean_line(text: str) -> str:
    """Returns the cleaned text on one line, with single spaces."""
    line = " ".join(text.split())
    if line.isprintable() and "\x85" not in text:
        return line
    return " ".join(clean_text(text).split())


def clean_text(text: str) -> str:
    """Returns the cleaned text with its line breaks, each line stripped and with single spaces."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = stored.clean_text(_NOT_TEXT.sub("", text))
    return "\n".join(_SPACES.sub(" ", line).strip() for line in text.split("\n"))
