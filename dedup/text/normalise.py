"""Normalises texts for comparison and keeps the position of each letter in the original text.

Differences without meaning are removed: case, width, punctuation, quotes, hidden characters,
thousands separators, agency and copyright lines, datelines, bylines, mail addresses, captions,
Korean sentence endings. Positions are kept so that shared passages can be shown.
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
from dedup.text.hidden import strip_hidden, strip_hidden_with_origins
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
    `is_caption`: whether the text is only a photo caption.
    """

    script: Script
    letters: NDArray[np.uint32]
    offsets: NDArray[np.int64]
    word_starts: NDArray[np.int64]
    is_caption: bool = False

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


def detect_script(letter_counts: Mapping[Alphabet, int]) -> Script:
    """Returns SYLLABLES if more than a third of the letters are Korean, Chinese or Japanese."""
    syllables = letter_counts[Alphabet.HANGUL] + letter_counts[Alphabet.HAN]
    return Script.SYLLABLES if syllables * 3 > sum(letter_counts.values()) else Script.WORDS


def normalise(text: str, title: str = "") -> NormalisedText:
    """Returns the normalised text. Linear in the length of the text; never raises.

    A photo caption gives an empty result, unless `captions` is true.
    """
    text, origins = strip_hidden_with_origins(text[:MAX_CHARS])
    letter_counts = (
        _LATIN_ONLY
        if text.isascii()
        else count_letters_by_alphabet(codes_of(text[:_SCRIPT_SAMPLE_CHARS]))
    )
    alphabets = {Alphabet.ANY, *(alphabet for alphabet, count in letter_counts.items() if count)}
    masked = boilerplate.mask(text, strip_hidden(title), alphabets, captions=True)
    is_caption = boilerplate.is_caption(text, masked)
    script = detect_script(letter_counts)
    normal = fold_words_compiled(masked, script) or fold_words(masked, script)
    if origins is None and not is_caption:
        return normal
    offsets = normal.offsets if origins is None else origins[normal.offsets]
    return replace(normal, offsets=offsets, is_caption=is_caption)


def fold_words(text: str, script: Script) -> NormalisedText:
    """Returns the folded words of a text whose boilerplate is already removed."""
    origins = None
    try:
        codes = codes_of(text)
        folded, offsets = fold_all(codes)
    except DecomposedTextError:
        text, origins = _compose(text)
        codes = codes_of(text)
        folded, offsets = _fold_composed(codes)
    normal = _split_words(script, text, codes, folded, offsets)
    return normal if origins is None else replace(normal, offsets=origins[normal.offsets])


def fold_words_compiled(text: str, script: Script) -> NormalisedText | None:
    """Does the same as `fold_words` with the compiled kernel.

    Returns None if the kernel is not loaded or the text has rare characters.
    """
    kernel = load_kernel()
    if kernel is None:
        return None
    missing_spaces = np.array(_find_missing_spaces(text), np.int64)
    strip_endings = script is Script.SYLLABLES
    letter_count, letters, offsets, starts = kernel.split_words(
        codes_of(text), folding().single, missing_spaces, strip_endings
    )
    return NormalisedText(script, letters, offsets, starts) if letter_count >= 0 else None


def normalise_cached(text: str, title: str = "") -> NormalisedText:
    """Calls `normalise` with a small cache: a text is soon compared once signed."""
    if len(text) > MAX_CACHED_CHARS:
        return normalise(text, title)
    return _normalise_lru(text, title)


@lru_cache(maxsize=16)
def _normalise_lru(text: str, title: str) -> NormalisedText:
    return normalise(text, title)


def _split_words(
    script: Script,
    text: str,
    codes: NDArray[np.uint32],
    folded: NDArray[np.uint32],
    offsets: NDArray[np.int64] | None,
) -> NormalisedText:
    """Splits folded characters into words."""
    inner_punctuation = _find_inner_punctuation(codes)
    folded[
        inner_punctuation if offsets is None else np.searchsorted(offsets, inner_punctuation)
    ] = _INNER_PUNCTUATION
    in_word = folded != 0
    begins = in_word.copy()
    begins[1:] &= ~in_word[:-1]
    for position in _find_missing_spaces(text):
        begins[position if offsets is None else np.searchsorted(offsets, position)] = True
    letter_positions = (
        np.flatnonzero(in_word & (folded != _INNER_PUNCTUATION))
        if len(inner_punctuation)
        else np.flatnonzero(in_word)
    )
    letters, begins = folded[letter_positions], begins[letter_positions]
    offsets = letter_positions if offsets is None else offsets[letter_positions]
    if script is Script.SYLLABLES:
        letters, offsets, begins = korean.stem(letters, offsets, begins)
    return NormalisedText(script, letters, offsets, np.flatnonzero(begins))


def _compose(text: str) -> tuple[str, NDArray[np.int64]]:
    """Returns the NFKC text with letters and marks composed, and the origin of each character."""
    pieces: list[str] = []
    origins: list[int] = []
    for match in _CLUSTER.finditer(text):
        piece = normalize("NFKC", match.group())
        pieces.append(piece)
        origins.extend([match.start()] * len(piece))
    return "".join(pieces), np.array(origins, np.int64)


def _fold_composed(
    codes: NDArray[np.uint32],
) -> tuple[NDArray[np.uint32], NDArray[np.int64] | None]:
    """Folds composed text; marks and jamo without a letter are not part of a word."""
    try:
        return fold_all(codes)
    except DecomposedTextError:
        is_lone = np.array([bool(combining(chr(code))) or code in _JAMO for code in codes.tolist()])
        return fold_all(np.where(is_lone, np.uint32(0x20), codes))


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
    inner_points: NDArray[np.int64] = points[thousands | (initials & (codes[points] == 0x2E))]
    return inner_points


def _is_digit(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = codes - np.uint32(0x30) <= 9
    return flags


def _is_capital(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = codes - np.uint32(0x41) <= 25
    return flags


def _is_letter(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    flags: NDArray[np.bool_] = _is_capital(codes & np.uint32(0xFFDF)) | (codes >= 0xC0)
    return flags
