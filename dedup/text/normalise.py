"""A text as what is compared of it, each piece with its place in the text as printed.

What differs between two prints of one report and means nothing goes: case, width, punctuation,
quotes, thousands separators, agency and copyright lines, datelines, bylines, mail addresses,
captions, Korean sentence endings. Places in the original stay, so that shared passages can be shown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import pairwise
from unicodedata import combining, normalize

import numpy as np
from numpy.typing import NDArray

from dedup.text import boilerplate, korean
from dedup.text.alphabet import (
    DecomposedTextError,
    codes_of,
    count_letters_by_alphabet,
    fold_all,
    folding,
)
from dedup.text.boilerplate_rules import Alphabet
from dedup.text.kernel_loader import load_kernel

MAX_CHARS = 400_000
"""Longer texts are compared by their beginning."""

_SCRIPT_SAMPLE_CHARS = 2000
_LATIN_ONLY = dict.fromkeys(Alphabet, 0) | {Alphabet.LATIN: 1}
_JAMO = range(0x1100, 0x1200)
_INNER_PUNCTUATION = 0xFFFFFFFD
_PADDING = np.zeros(4, np.uint32)
_CLUSTER = re.compile(r"[\s\S](?:[\u0300-\u036f\u3099\u309a]|[\u1160-\u11ff])*")
_LEADER = r"Kim (?:Jong (?:Un|Il|Suk)|Il Sung)"
# KCNA prints its leaders in bold; pages lose the spaces around the tags.
_MISSING_SPACE = re.compile(
    rf"(?<=[a-z])(?={_LEADER})|(?<=Jong )(?:Un|Il|Suk)(?=[a-z])|(?<=Il )Sung(?=[a-z])"
)
_MISSING_SPACE_HINT = re.compile(rf"{_LEADER}[a-z]|[a-z]{_LEADER}")


MAX_CACHED_CHARS = 20_000
"""Longer texts are worked out again rather than remembered, which bounds memory."""


class Script(StrEnum):
    """How a text is cut into shingles."""

    WORDS = "words"
    SYLLABLES = "syllables"  # Korean, Chinese, Japanese: spaces are unsure or absent


@dataclass(frozen=True)
class NormalisedText:
    """What is compared of a text.

    `letters`: uint32[n] folded letters and digits; `places`: int64[n] where each is in the text as
    printed; `starts`: int64[m] where in `letters` each word begins.
    """

    script: Script
    letters: NDArray[np.uint32]
    offsets: NDArray[np.int64]
    word_starts: NDArray[np.int64]

    @property
    def unit_count(self) -> int:
        """Words, or syllables where spaces say nothing."""
        return len(self.word_starts if self.script is Script.WORDS else self.letters)

    @cached_property
    def comparison_key(self) -> bytes:
        """Equal for two texts if all that is compared of them is equal."""
        if self.script is Script.SYLLABLES:
            return self.letters.tobytes()
        return self.letters.tobytes() + self.word_starts.tobytes()

    @property
    def words(self) -> list[str]:
        """The words as strings, for people."""
        text = self.letters.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        edges = [*self.word_starts.tolist(), len(text)]
        return [text[a:b] for a, b in pairwise(edges)]

    @cached_property
    def spans(self) -> NDArray[np.int64]:
        """[units, 2] start and end of each unit in the text as printed."""
        if self.script is Script.SYLLABLES:
            return np.stack([self.offsets, self.offsets + 1], axis=1)
        if not len(self.word_starts):
            return np.empty((0, 2), np.int64)
        lasts = np.append(self.word_starts[1:], len(self.letters)) - 1
        return np.stack([self.offsets[self.word_starts], self.offsets[lasts] + 1], axis=1)


def detect_script(found: Mapping[Alphabet, int]) -> Script:
    """Syllables if at least a third of the letters are Korean, Chinese or Japanese."""
    syllables = found[Alphabet.HANGUL] + found[Alphabet.HAN]
    return Script.SYLLABLES if syllables * 3 > sum(found.values()) else Script.WORDS


def normalise(text: str, title: str = "", *, captions: bool = False) -> NormalisedText:
    """What is compared of a text. Linear in it; never raises.

    Nothing is compared of a photo caption, unless `captions` are asked for.
    """
    text = text[:MAX_CHARS]
    found = (
        _LATIN_ONLY
        if text.isascii()
        else count_letters_by_alphabet(codes_of(text[:_SCRIPT_SAMPLE_CHARS]))
    )
    alphabets = {Alphabet.ANY, *(name for name, letters in found.items() if letters)}
    masked = boilerplate.mask(text, title, alphabets, captions=captions)
    script = detect_script(found)
    return fold_words_compiled(masked, script) or fold_words(masked, script)


def fold_words(text: str, script: Script) -> NormalisedText:
    """The folded words of a text without boilerplate."""
    origin = None
    try:
        codes = codes_of(text)
        folded, places = fold_all(codes)
    except DecomposedTextError:
        text, origin = _compose(text)
        codes = codes_of(text)
        folded, places = _fold_composed(codes)
    normal = _split_words(script, text, codes, folded, places)
    return normal if origin is None else replace(normal, offsets=origin[normal.offsets])


def fold_words_compiled(text: str, script: Script) -> NormalisedText | None:
    """The same by the compiled kernel; None without one, or for a text with rare characters."""
    machine = load_kernel()
    if machine is None:
        return None
    glued = np.array(_find_missing_spaces(text), np.int64)
    stems = script is Script.SYLLABLES
    number, letters, places, starts = machine.split_words(
        codes_of(text), folding().single, glued, stems
    )
    return NormalisedText(script, letters, places, starts) if number >= 0 else None


def normalise_cached(text: str, title: str = "") -> NormalisedText:
    """`normalise`, remembered for the last texts: one is signed, then compared, in short order."""
    return _normalise_lru(text, title) if len(text) <= MAX_CACHED_CHARS else normalise(text, title)


@lru_cache(maxsize=16)
def _normalise_lru(text: str, title: str) -> NormalisedText:
    return normalise(text, title)


def _split_words(
    script: Script,
    text: str,
    codes: NDArray[np.uint32],
    folded: NDArray[np.uint32],
    places: NDArray[np.int64] | None,
) -> NormalisedText:
    """Words out of folded characters."""
    joints = _find_inner_punctuation(codes)
    folded[joints if places is None else np.searchsorted(places, joints)] = _INNER_PUNCTUATION
    word = folded != 0
    begins = word.copy()
    begins[1:] &= ~word[:-1]
    for at in _find_missing_spaces(text):
        begins[at if places is None else np.searchsorted(places, at)] = True
    index = (
        np.flatnonzero(word & (folded != _INNER_PUNCTUATION))
        if len(joints)
        else np.flatnonzero(word)
    )
    letters, begins = folded[index], begins[index]
    places = index if places is None else places[index]
    if script is Script.SYLLABLES:
        letters, places, begins = korean.stem(letters, places, begins)
    return NormalisedText(script, letters, places, np.flatnonzero(begins))


def _compose(text: str) -> tuple[str, NDArray[np.int64]]:
    """The text with letters and their marks in one, and where each was."""
    pieces: list[str] = []
    origin: list[int] = []
    for match in _CLUSTER.finditer(text):
        piece = normalize("NFKC", match.group())
        pieces.append(piece)
        origin.extend([match.start()] * len(piece))
    return "".join(pieces), np.array(origin, np.int64)


def _fold_composed(
    codes: NDArray[np.uint32],
) -> tuple[NDArray[np.uint32], NDArray[np.int64] | None]:
    """Marks that go with no letter are no part of a word."""
    try:
        return fold_all(codes)
    except DecomposedTextError:
        lone = np.array([bool(combining(chr(code))) or code in _JAMO for code in codes.tolist()])
        return fold_all(np.where(lone, np.uint32(0x20), codes))


def _find_missing_spaces(text: str) -> list[int]:
    """Where a word begins without a space before it."""
    if "Kim " not in text or not _MISSING_SPACE_HINT.search(text):
        return []
    return [match.end() for match in _MISSING_SPACE.finditer(text)]


def _find_inner_punctuation(codes: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Where a comma or point is inside of a number (1,200) or of initials (U.S.)."""
    points = np.flatnonzero((codes == 0x2C) | (codes == 0x2E))
    points = points[(points > 0) & (points < len(codes) - 1)]
    after = codes[points + 1]
    points = points[_is_digit(after) | _is_capital(after)]
    if not len(points):
        return points
    padded = np.concatenate([_PADDING, codes, _PADDING])
    around = padded[points[:, None] + (np.array([-2, -1, 1, 2, 3, 4]) + len(_PADDING))]
    two_before, before, after, two_after, three_after, four_after = around.T
    thousands = _is_digit(before) & _is_digit(after) & _is_digit(two_after) & _is_digit(three_after)
    thousands &= ~_is_digit(four_after)
    initials = (
        _is_capital(before) & _is_capital(after) & ~_is_letter(two_before) & ~_is_letter(two_after)
    )
    inside: NDArray[np.int64] = points[thousands | (initials & (codes[points] == 0x2E))]
    return inside


def _is_digit(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = codes - np.uint32(0x30) <= 9
    return found


def _is_capital(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = codes - np.uint32(0x41) <= 25
    return found


def _is_letter(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = _is_capital(codes & np.uint32(0xFFDF)) | (codes >= 0xC0)
    return found
