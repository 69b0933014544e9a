"""A text as the words that are compared, each with its place in the text as printed.

What differs between two prints of one report and means nothing goes: case, width, punctuation,
quotes, agency and copyright lines, datelines, bylines, mail addresses, captions, Korean sentence
endings, number styles. Offsets into the original stay, so that shared passages can be shown.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from unicodedata import is_normalized, normalize

import numpy as np
from numpy.typing import NDArray

from dedup import boilerplate, korean

MAX_CHARS = 400_000  # longer texts are compared by their beginning
_WORD = re.compile(r"[^\W_]+")
_THOUSANDS = re.compile(r"(?<=\d)[,.](?=\d{3}(?!\d))")
_SYLLABLE = re.compile(r"[぀-ヿ㐀-䶿一-鿿가-힣豈-﫿]")
_HANGUL = re.compile(r"[가-힣]")


class Script(StrEnum):
    """How a text is cut into shingles."""

    WORDS = "words"
    SYLLABLES = "syllables"  # Korean, Chinese, Japanese: spaces are unsure or absent


@dataclass(frozen=True)
class Normal:
    """The words of a text that count, as compared, with their offsets in the text as printed."""

    script: Script
    words: list[str]
    starts: list[int]
    ends: list[int]

    @cached_property
    def joined(self) -> str:
        """The words in one string: without spaces where spaces say nothing."""
        return ("" if self.script is Script.SYLLABLES else " ").join(self.words)

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """For syllables: where in `joined` each word ends."""
        return np.cumsum([len(word) for word in self.words], dtype=np.int64)


def script_of(text: str) -> Script:
    """Syllables if at least a third of the letters are Korean, Chinese or Japanese."""
    sample = text[:4000]
    letters = sum(map(len, _WORD.findall(sample)))
    return Script.SYLLABLES if len(_SYLLABLE.findall(sample)) * 3 > letters else Script.WORDS


def normalise(text: str, title: str = "") -> Normal:
    """Words of `text` without what outlets add to it. Linear in the text; never raises."""
    text = text[:MAX_CHARS]
    script = script_of(text)
    is_korean = script is Script.SYLLABLES and bool(_HANGUL.search(text))
    masked = boilerplate.mask(text, title=title, korean=is_korean)
    masked = _THOUSANDS.sub("\x01", masked)
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in re.finditer(r"[^\W_]+(?:\x01\d{3})*", masked):
        word = fold(match.group().replace("\x01", ""))
        if is_korean:
            word = korean.stem(word)
        if word:
            words.append(word)
            starts.append(match.start())
            ends.append(match.end())
    return Normal(script, words, starts, ends)


def fold(word: str) -> str:
    """Case, width and composition folded: NFKC and casefold."""
    if word.isascii():
        return word.lower()
    if not is_normalized("NFKC", word):
        word = normalize("NFKC", word)
    return word.casefold()
