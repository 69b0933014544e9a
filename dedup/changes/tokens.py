"""Splits texts into the units in which changes are counted. Linear in the length of the text."""

import re

# Korean is split by syllable too, because endings change while the word stays.
_CJK = "\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+|\s+|[^\w\s]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？])[」』”’）]*\s*|\n+")
_LETTER = re.compile(r"[^\W_]")


def tokens(text: str) -> list[str]:
    """Splits a text into words, runs of white space and single marks.

    Chinese, Japanese and Korean are split into characters. The joined tokens equal the text.
    """
    return _TOKEN.findall(text)


def sentences(text: str) -> list[str]:
    """Returns the sentences without the white space between them; empty ones are left out."""
    return [s for part in _SENTENCE_END.split(text) if (s := part.strip())]


def paragraphs(text: str) -> list[str]:
    """Returns the paragraphs (lines); empty ones are left out."""
    return [line for part in text.splitlines() if (line := part.strip())]


def count_letters(text: str) -> int:
    """Returns the number of letters and digits, the unit for the size of a change."""
    return len(_LETTER.findall(text))


def has_word(token: str) -> bool:
    """Returns whether a token has a letter or digit."""
    return _LETTER.search(token) is not None
