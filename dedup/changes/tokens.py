"""Texts cut into the units in which changes are told. Linear in the length of the text."""

import re

# Korean too goes by syllable: its endings change where the word stays.
_CJK = "\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+|\s+|[^\w\s]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？])[」』”’）]*\s*|\n+")
_LETTER = re.compile(r"[^\W_]")


def tokens(text: str) -> list[str]:
    """Words, runs of white space, single marks; Chinese, Japanese and Korean by character.

    The tokens joined are the text.
    """
    return _TOKEN.findall(text)


def sentences(text: str) -> list[str]:
    """The sentences without the space between them, empty ones left out."""
    return [s for part in _SENTENCE_END.split(text) if (s := part.strip())]


def paragraphs(text: str) -> list[str]:
    """The paragraphs (lines), empty ones left out."""
    return [line for part in text.splitlines() if (line := part.strip())]


def count_letters(text: str) -> int:
    """How many letters and digits there are: what the size of a change is counted in."""
    return len(_LETTER.findall(text))


def has_word(token: str) -> bool:
    """Whether a token is more than space and marks."""
    return _LETTER.search(token) is not None
