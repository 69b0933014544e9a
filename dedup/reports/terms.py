"""Splits headlines and leads into the terms that are compared, in any of seven languages.

A term is a word (Latin), the first six letters of a word (Cyrillic, which inflects), a pair of
neighbouring characters within a word (Hangul and Han, which have no stable word borders), a word of
Katakana, or a number. Hiragana only spells endings and particles, so it is left out.
Traditional and Japanese forms of Chinese characters count as simplified ones.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import lru_cache

from dedup.lexicon.han import fold_variants


class Writing(StrEnum):
    """The system of writing of a text."""

    HANGUL = "hangul"
    HAN = "han"
    KANA = "kana"
    CYRILLIC = "cyrillic"
    LATIN = "latin"


LEAD_CHARS: Mapping[Writing, int] = {
    Writing.HANGUL: 300,
    Writing.HAN: 200,
    Writing.KANA: 250,
    Writing.CYRILLIC: 600,
    Writing.LATIN: 600,
}
"""The lead of a text is its first characters. It holds about as much in each system of writing."""

_STEM_CHARS = 6
_SAMPLE_CHARS = 600
_TERM = re.compile(
    r"[가-힣]+|[㐀-鿿々]+|[ァ-ヴー]+|[a-zà-öø-ÿ]+(?:['’][a-z]+)?|[а-яё]+|\d[\d,.]*\d|\d"
)
_LETTERS: tuple[tuple[Writing, re.Pattern[str], int], ...] = (
    # A character of Hangul or Han says as much as two letters; Kana proves that a text is Japanese.
    (Writing.HANGUL, re.compile(r"[가-힣]"), 2),
    (Writing.HAN, re.compile(r"[㐀-鿿]"), 2),
    (Writing.KANA, re.compile(r"[ぁ-んァ-ヴ]"), 6),
    (Writing.CYRILLIC, re.compile(r"[а-яёА-ЯЁ]"), 1),
    (Writing.LATIN, re.compile(r"[A-Za-zÀ-ÿ]"), 1),
)


def find_writing(text: str) -> Writing:
    """Returns the system of writing of the beginning of a text; Latin if it has no letters."""
    sample = text[:_SAMPLE_CHARS]
    counts = {
        writing: weight * len(pattern.findall(sample)) for writing, pattern, weight in _LETTERS
    }
    best = max(counts, key=counts.__getitem__)
    return best if counts[best] else Writing.LATIN


def count_terms(text: str) -> Counter[int]:
    """Returns how often a text has each term; the keys are `hash_term` of the terms."""
    return Counter(map(hash_term, iter_terms(text)))


@lru_cache(maxsize=50_000)
def hash_term(term: str) -> int:
    """Returns the CRC-32 of a term: an integer of 32 bits that is the same everywhere."""
    return zlib.crc32(term.encode("utf-8", "surrogatepass"))


def iter_terms(text: str) -> Iterator[str]:
    """Yields the terms of a text in their order. Linear in the text."""
    for found in _TERM.finditer(fold_variants(text.casefold())):
        word = found.group()
        first = word[0]
        if "가" <= first <= "힣" or "㐀" <= first <= "鿿" or first == "々":
            if len(word) == 1:
                yield word
            yield from (word[i : i + 2] for i in range(len(word) - 1))
        elif "а" <= first <= "ё":
            yield word[:_STEM_CHARS]
        elif first.isdigit():
            yield word.replace(",", "")
        else:
            yield word.replace("’", "'").removesuffix("'s")
