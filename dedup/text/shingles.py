"""Hashes shingles: overlapping sequences of words or syllables, each as one 64-bit hash."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dedup.text.normalise import NormalisedText, Script

SHINGLE_SIZE = {Script.WORDS: 3, Script.SYLLABLES: 5}
"""Units of a shingle in the comparison of two texts."""

MIN_SHINGLES = 12
"""Texts with fewer shingles match nothing; else stubs and menus would match each other."""

MIN_DISTINCTIVE_SHINGLES = 40
"""Equal texts with at least this many shingles are one text whatever their headlines and dates."""

GOLDEN_RATIO = np.uint64(0x9E3779B97F4A7C15)
"""2**64 divided by the golden ratio: its multiples are spread evenly."""


def shingle_hashes(normal: NormalisedText, size: int, key: int) -> NDArray[np.uint64]:
    """Returns the uint64 hash of each sequence of `size` units, in text order; `key` is 64 bits."""
    return ngram_hashes(unit_hashes(normal, key), size, key)


def ngram_hashes(units: NDArray[np.uint64], size: int, key: int) -> NDArray[np.uint64]:
    """Returns the uint64 hash of each sequence of `size` unit hashes, in order."""
    if len(units) < size:
        return np.empty(0, np.uint64)
    # Polynomial hash with a secret odd base: without the key, nobody can build collisions.
    return mix(np.convolve(units, _powers(key | 1, size), "valid"))


def unit_hashes(normal: NormalisedText, key: int) -> NDArray[np.uint64]:
    """Returns the uint64 hash of each word or syllable, in text order."""
    letters = normal.letters.astype(np.uint64)
    if normal.script is Script.SYLLABLES:
        return mix(letters + np.uint64(key))
    if not len(letters):
        return letters
    # Polynomial hash per word: difference of prefix sums, divided by the power at its start.
    base = key | 1
    powers, inverses = _powers(base, len(letters)), _powers(pow(base, -1, 2**64), len(letters))
    sums = np.zeros(len(letters) + 1, np.uint64)
    np.cumsum(letters * powers, out=sums[1:])
    ends = np.append(normal.word_starts[1:], len(letters))
    raw = (sums[ends] - sums[normal.word_starts]) * inverses[normal.word_starts]
    return mix(raw + (ends - normal.word_starts).astype(np.uint64) * GOLDEN_RATIO)


def sorted_unique(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Returns the distinct values, sorted; much faster than `numpy.unique` on short arrays."""
    if len(values) < 2:
        return values.copy()
    ordered = np.sort(values)
    is_first = np.empty(len(ordered), np.bool_)
    is_first[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    return ordered[is_first]


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Applies the 64-bit MurmurHash3 finaliser (Appleby), a bijection that spreads every bit."""
    values = values ^ (values >> np.uint64(33))
    values *= np.uint64(0xFF51AFD7ED558CCD)
    values ^= values >> np.uint64(33)
    values *= np.uint64(0xC4CEB9FE1A85EC53)
    values ^= values >> np.uint64(33)
    return values


@lru_cache(maxsize=8)
def _power_table(base: int, size: int) -> NDArray[np.uint64]:
    table = np.full(size, base, np.uint64)
    table[0] = 1
    return np.cumprod(table)


def _powers(base: int, size: int) -> NDArray[np.uint64]:
    """Returns `base ** 0 ... base ** (size - 1)` modulo 2**64."""
    return _power_table(base, 1 << max(12, (size - 1).bit_length()))[:size]
