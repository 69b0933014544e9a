"""Inner loops of normalising and signing, compiled by Numba. Results equal NumPy's bit for bit.

`dedup.text.kernel_loader` imports this module only if the extra `fast` is installed.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from dedup.text.shingles import GOLDEN_RATIO

F = TypeVar("F", bound=Callable[..., Any])

_FIRST_SPECIAL = np.uint32(0xFFFFFFFE)
_EMPTY_SLOT = np.uint64(0)
_FIRST_SYLLABLE, _SYLLABLE_COUNT, _FINAL_COUNT = np.uint32(0xAC00), np.uint32(11172), np.uint32(28)
_NIEUN, _BIEUP = np.uint32(4), np.uint32(17)
_DA, _NI, _SEUP, _NEUN, _GEOP, _GEOT, _I = (np.uint32(ord(c)) for c in "다니습는겁것이")


def _compiled(function: F) -> F:
    return cast("F", numba.njit(cache=True, nogil=True)(function))


@_compiled
def find_flagged_pairs(codes: NDArray[np.uint32], flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Compiled `dedup.text.substring_matcher.find_flagged_pairs`."""
    positions = np.empty(len(codes), np.int64)
    count = 0
    for at in range(len(codes) - 1):
        if flags[(codes[at] * np.uint32(31) + codes[at + 1]) & np.uint32(0xFFFF)]:
            positions[count] = at
            count += 1
    return positions[:count]


@_compiled
def split_words(
    codes: NDArray[np.uint32],
    table: NDArray[np.uint32],
    missing_spaces: NDArray[np.int64],
    strip_endings: bool,
) -> tuple[int, NDArray[np.uint32], NDArray[np.int64], NDArray[np.int64]]:
    """Returns number of letters, letters, offsets and word starts, as in `NormalisedText`.

    `missing_spaces`: positions, in order, at which a word begins without a space before it.
    `strip_endings`: whether Korean endings are removed. The number is -1 if a character folds to
    several characters or must be composed first.
    """
    letters = np.empty(len(codes), np.uint32)
    offsets = np.empty(len(codes), np.int64)
    begins = np.empty(len(codes), np.bool_)
    letter_count, next_space, in_word = 0, 0, False
    for at in range(len(codes)):
        code = codes[at]
        if code >= len(table) or table[code] >= _FIRST_SPECIAL:
            return -1, letters, offsets, offsets
        starts_word = next_space < len(missing_spaces) and missing_spaces[next_space] == at
        next_space += starts_word
        if (code == 0x2C or code == 0x2E) and _is_inner_punctuation(codes, at):
            in_word = True
            continue
        folded = table[code]
        if folded:
            letters[letter_count], offsets[letter_count] = folded, at
            begins[letter_count] = starts_word or not in_word
            letter_count += 1
        in_word = folded != 0
    if strip_endings:
        letter_count = _stem(letters, offsets, begins, letter_count)
    starts = np.flatnonzero(begins[:letter_count])
    return letter_count, letters[:letter_count].copy(), offsets[:letter_count].copy(), starts


@_compiled
def _is_inner_punctuation(codes: NDArray[np.uint32], at: int) -> bool:
    """Returns whether a comma or point is inside a number (1,200) or initials (U.S.)."""
    if at == 0 or at == len(codes) - 1:
        return False
    before, after = codes[at - 1], codes[at + 1]
    if _is_digit(before) and _is_digit(after):
        thousands = _is_digit(_code_at(codes, at + 2)) and _is_digit(_code_at(codes, at + 3))
        return thousands and not _is_digit(_code_at(codes, at + 4))
    if codes[at] == 0x2E and _is_capital(before) and _is_capital(after):
        return not _is_letter(_code_at(codes, at - 2)) and not _is_letter(_code_at(codes, at + 2))
    return False


@_compiled
def _code_at(codes: NDArray[np.uint32], at: int) -> np.uint32:
    return codes[at] if 0 <= at < len(codes) else np.uint32(0)


@_compiled
def _is_digit(code: np.uint32) -> bool:
    return bool(0x30 <= code <= 0x39)


@_compiled
def _is_capital(code: np.uint32) -> bool:
    return bool(0x41 <= code <= 0x5A)


@_compiled
def _is_letter(code: np.uint32) -> bool:
    return bool(_is_capital(code & np.uint32(0xFFDF)) or code >= 0xC0)


@_compiled
def _stem(
    letters: NDArray[np.uint32],
    offsets: NDArray[np.int64],
    begins: NDArray[np.bool_],
    letter_count: int,
) -> int:
    """Removes the endings of declarative sentences in place; returns the number of letters left."""
    kept_count = 0
    for at in range(letter_count):
        letters[kept_count], offsets[kept_count], begins[kept_count] = (
            letters[at],
            offsets[at],
            begins[at],
        )
        kept_count += 1
        is_word_end = at + 1 == letter_count or begins[at + 1]
        if (
            is_word_end
            and letters[kept_count - 1] == _DA
            and not begins[kept_count - 1]
            and kept_count >= 2
        ):
            kept_count -= _restore_stem(letters, begins, kept_count)
    return kept_count


@_compiled
def _restore_stem(letters: NDArray[np.uint32], begins: NDArray[np.bool_], end: int) -> int:
    """Restores the stem of a word that ends at `end`; returns how many letters to drop."""
    before, has_three_letters = letters[end - 2], not begins[end - 2]
    third = letters[end - 3] if has_three_letters else np.uint32(0)
    if has_three_letters and before == _NI:
        if third == _GEOP:
            letters[end - 3], letters[end - 2] = _GEOT, _I
            return 1
        if third == _SEUP:
            return 1 if begins[end - 3] else 3
        if _final_consonant(third) == _BIEUP:
            letters[end - 3] -= _BIEUP
            return 2
        return 1
    if has_three_letters and before == _NEUN:
        return 2
    if _final_consonant(before) == _NIEUN:
        letters[end - 2] -= _NIEUN
    return 1


@_compiled
def _final_consonant(syllable: np.uint32) -> np.uint32:
    if syllable < _FIRST_SYLLABLE or syllable >= _FIRST_SYLLABLE + _SYLLABLE_COUNT:
        return np.uint32(0)
    return (syllable - _FIRST_SYLLABLE) % _FINAL_COUNT


@_compiled
def _mix(value: np.uint64) -> np.uint64:
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    value = (value ^ (value >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ (value >> np.uint64(33))


@_compiled
def _mix32(value: np.uint32) -> np.uint32:
    value = np.uint32((value ^ (value >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    value = np.uint32((value ^ (value >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return value ^ (value >> np.uint32(16))


@_compiled
def syllable_hashes(letters: NDArray[np.uint32], key: np.uint64) -> NDArray[np.uint64]:
    """Compiled `dedup.text.shingles.unit_hashes` for syllables."""
    units = np.empty(len(letters), np.uint64)
    for at in range(len(letters)):
        units[at] = _mix(np.uint64(letters[at]) + key)
    return units


@_compiled
def word_hashes(
    letters: NDArray[np.uint32], starts: NDArray[np.int64], key: np.uint64
) -> NDArray[np.uint64]:
    """Compiled `dedup.text.shingles.unit_hashes` for words."""
    base = key | np.uint64(1)
    units = np.empty(len(starts), np.uint64)
    for word in range(len(starts)):
        end = starts[word + 1] if word + 1 < len(starts) else len(letters)
        value, power = np.uint64(0), np.uint64(1)
        for at in range(starts[word], end):
            value += np.uint64(letters[at]) * power
            power *= base
        units[word] = _mix(value + np.uint64(end - starts[word]) * GOLDEN_RATIO)
    return units


@_compiled
def ngram_hashes(units: NDArray[np.uint64], size: int, key: np.uint64) -> NDArray[np.uint64]:
    """Compiled `dedup.text.shingles.ngram_hashes`."""
    if len(units) < size:
        return np.empty(0, np.uint64)
    base = key | np.uint64(1)
    runs = np.empty(len(units) - size + 1, np.uint64)
    for at in range(len(runs)):
        value = np.uint64(0)
        for unit in range(at, at + size):
            value = value * base + units[unit]
        runs[at] = _mix(value)
    return runs


@_compiled
def count_distinct(hashes: NDArray[np.uint64]) -> int:
    """Returns the number of distinct values."""
    slot_count = 16
    while slot_count < 2 * len(hashes):
        slot_count *= 2
    slots = np.zeros(slot_count, np.uint64)
    count, has_zero = 0, False
    for value in hashes:
        if value == _EMPTY_SLOT:
            has_zero = True
            continue
        at = np.int64(value & np.uint64(slot_count - 1))
        while slots[at] != _EMPTY_SLOT and slots[at] != value:
            at = (at + 1) & (slot_count - 1)
        if slots[at] == _EMPTY_SLOT:
            slots[at] = value
            count += 1
    return count + has_zero


@_compiled
def minhash_signature(
    hashes: NDArray[np.uint64], a: NDArray[np.uint32], b: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """Compiled `dedup.signature.features.minhash_signature`; values may repeat."""
    signature = np.full(len(a), 0xFFFFFFFF, np.uint32)
    for value in hashes:
        mixed = _mix32(np.uint32(value))
        for row in range(len(a)):
            signature[row] = min(signature[row], np.uint32(a[row] * mixed + b[row]))
    return signature


@_compiled
def band_keys(signature: NDArray[np.uint32], bands: int, rows: int) -> NDArray[np.uint64]:
    """Compiled `dedup.signature.features.band_keys` for one signature; keys are unsigned."""
    keys = np.empty(bands, np.uint64)
    for band in range(bands):
        key = np.uint64(band + 1) * GOLDEN_RATIO
        for row in range(rows):
            key = _mix(key) + np.uint64(signature[band * rows + row])
        keys[band] = _mix(key)
    return keys


@_compiled
def winnow(hashes: NDArray[np.uint64], window: int) -> NDArray[np.uint64]:
    """Returns the minimum of every `window` neighbouring hashes, once if neighbours share it."""
    window = min(window, len(hashes))
    minima = np.empty(len(hashes), np.uint64)
    count, min_index = 0, -1
    for end in range(window, len(hashes) + 1):
        start = end - window
        if min_index < start:
            min_index = start
            for at in range(start + 1, end):
                if hashes[at] <= hashes[min_index]:
                    min_index = at
        elif hashes[end - 1] <= hashes[min_index]:
            min_index = end - 1
        else:
            continue
        minima[count] = hashes[min_index]
        count += 1
    return minima[:count]
