"""Normalises texts for comparison and keeps the position of each letter in the original text.

Differences without meaning are removed: case, width, punctuation, quotes, thousands separators,
agency and copyright lines, datelines, bylines, mail addresses, captions, Korean sentence endings.
Positions are kept so that shared passages can be shown.
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
"""Of longer texts, only the beginning is compared."""

_SCRIPT_SAMPLE_CHARS = 2000
_LATIN_ONLY = dict.fromkeys(Alphabet, 0) | {Alphabet.LATIN: 1}
_JAMO = range(0x1100, 0x1200)
_INNER_PUNCTUATION = 0xFFFFFFFD
_PADDING = np.zeros(4, np.uint32)
_CLUSTER = re.compile(r"[\s\S](?:[\u0300-\u036f\u3099\u309a]|[\u1160-\u11ff])*")
_LEADER = r"Kim (?:Jong (?:Un|Il|Suk)|Il Sung)"
# KCNA prints leaders' names in bold; pages often lack the spaces around the tags.
_MISSING_SPACE = re.compile(
    rf"(?<=[a-z])(?={_LEADER})|(?<=Jong )(?:Un|Il|Suk)(?=[a-z])|(?<=Il )Sung(?=[a-z])"
)
_MISSING_SPACE_HINT = re.compile(rf"{_LEADER}[a-z]|[a-z]{_LEADER}")


MAX_CACHED_CHARS = 20_000
"""Longer texts are not cached, which bounds memory."""


class Script(StrEnum):
    """The units into which a text is cut."""

    WORDS = "words"
    SYLLABLES = "syllables"  # Korean, Chinese, Japanese: spaces are unreliable or absent


@dataclass(frozen=True)
class NormalisedText:
    """The part of a text that is compared.

    `letters`: uint32[n], folded letters and digits. `offsets`: int64[n], the position of each in
    the original text. `word_starts`: int64[m], the index in `letters` where each word begins.
    """

    script: Script
    letters: NDArray[np.uint32]
    offsets: NDArray[np.int64]
    word_starts: NDArray[np.int64]

    @property
    def unit_count(self) -> int:
        """The number of words, or of syllables for `Script.SYLLABLES`."""
        return len(self.word_starts if self.script is Script.WORDS else self.letters)

    @cached_property
    def comparison_key(self) -> bytes:
        """Bytes that are equal for two texts if their compared parts are equal."""
        if self.script is Script.SYLLABLES:
            return self.letters.tobytes()
        return self.letters.tobytes() + self.word_starts.tobytes()

    @property
    def words(self) -> list[str]:
        """The words as strings, for display."""
        text = self.letters.astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
        edges = [*self.word_starts.tolist(), len(text)]
        return [text[a:b] for a, b in pairwise(edges)]

    @cached_property
    def spans(self) -> NDArray[np.int64]:
        """int64[units, 2]: start and end of each unit in the original text."""
        if self.script is Script.SYLLABLES:
            return np.stack([self.offsets, self.offsets + 1], axis=1)
        if not len(self.word_starts):
            return np.empty((0, 2), np.int64)
        lasts = np.append(self.word_starts[1:], len(self.letters)) - 1
        return np.stack([self.offsets[self.word_starts], self.offsets[lasts] + 1], axis=1)


def detect_script(found: Mapping[Alphabet, int]) -> Script:
    """Returns SYLLABLES if more than a third of the letters are Korean, Chinese or Japanese."""
    syllables = found[Alphabet.HANGUL] + found[Alphabet.HAN]
    return Script.SYLLABLES if syllables * 3 > sum(found.values()) else Script.WORDS


def normalise(text: str, title: str = "", *, captions: bool = False) -> NormalisedText:
    """Returns the normalised text. Linear in the length of the text; never raises.

    A photo caption gives an empty result, unless `captions` is true.
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
    """Returns the folded words of a text whose boilerplate is already removed."""
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
    """Does the same as `fold_words` with the compiled kernel.

    Returns None if the kernel is not loaded or the text has rare characters.
    """
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
    """Calls `normalise` with a small cache, since a text is signed and compared in short order."""
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
    """Splits folded characters into words."""
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
    """Returns the NFKC text with letters and marks composed, and the origin of each character."""
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
    """Folds composed text; marks and jamo without a letter are not part of a word."""
    try:
        return fold_all(codes)
    except DecomposedTextError:
        lone = np.array([bool(combining(chr(code))) or code in _JAMO for code in codes.tolist()])
        return fold_all(np.where(lone, np.uint32(0x20), codes))


def _find_missing_spaces(text: str) -> list[int]:
    """Returns the positions where a word begins without a space before it."""
    if "Kim " not in text or not _MISSING_SPACE_HINT.search(text):
        return []
    return [match.end() for match in _MISSING_SPACE.finditer(text)]


def _find_inner_punctuation(codes: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Returns the positions of commas and points inside numbers (1,200) or initials (U.S.)."""
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
