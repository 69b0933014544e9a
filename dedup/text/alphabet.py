"""Folds characters for comparison: case, width and composition are unified, other signs dropped."""

from dataclasses import dataclass
from functools import cache
from unicodedata import combining, normalize

import numpy as np
from numpy.typing import NDArray

from dedup.errors import DedupError
from dedup.text.boilerplate_rules import Alphabet

_RANGES = {
    Alphabet.HANGUL: ((0xAC00, 0xD7A3), (0x1100, 0x11FF)),
    Alphabet.HAN: ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x3040, 0x30FF)),
    Alphabet.CYRILLIC: ((0x400, 0x4FF),),
    Alphabet.LATIN: ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F)),
}
_PLANE, _BLOCK = 0x10000, 0x100
_FOLDS_TO_SEVERAL, _COMBINING_MARK = 0xFFFFFFFF, 0xFFFFFFFE
_JAMO = range(0x1100, 0x1200)


class DecomposedTextError(DedupError):
    """Raised for text with combining marks or jamo as separate characters; compose it first."""


@dataclass(frozen=True, slots=True)
class Folding:
    """Lookup table that folds the characters of the basic plane.

    `single[c]`: the folded character, 0 if `c` is not part of a word, `_COMBINING_MARK` if it is a
    part of a letter, `_FOLDS_TO_SEVERAL` if `expansions[c]` has its folded characters.
    """

    single: NDArray[np.uint32]
    expansions: dict[int, tuple[int, ...]]


@cache
def folding() -> Folding:
    """Returns the NFKC and casefold table of the basic plane; built once per process in 20 ms."""
    single = np.zeros(_PLANE, np.uint32)
    expansions: dict[int, tuple[int, ...]] = {}
    for start in range(0, _PLANE, _BLOCK):
        block = range(start, start + _BLOCK)
        if (identity_row := _fold_identity_block(block)) is not None:
            single[start : start + _BLOCK] = identity_row
            continue
        for code in block:
            parts = fold(code)
            if code in _JAMO or combining(chr(code)):
                single[code] = _COMBINING_MARK
            elif len(parts) == 1:
                single[code] = parts[0]
            elif parts:
                single[code] = _FOLDS_TO_SEVERAL
                expansions[code] = parts
    single[_PLANE - 1] = (
        _FOLDS_TO_SEVERAL  # not a character; codes beyond the basic plane are clipped to it
    )
    return Folding(single, expansions)


def _fold_identity_block(block: range) -> NDArray[np.uint32] | None:
    """Returns the table row of a block whose characters fold to themselves or to nothing.

    Returns None for other blocks. Checking the joined text is enough: the parts of a text in NFKC
    are in NFKC too (UAX #15).
    """
    text = "".join(map(chr, block))
    if block.start in _JAMO or normalize("NFKC", text).casefold() != text:
        return None
    if any(map(combining, text)):
        return None
    return codes_of("".join([each if each.isalnum() else "\0" for each in text]))


def codes_of(text: str) -> NDArray[np.uint32]:
    """Returns the code points of a text as uint32; lone surrogates are kept."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def count_letters_by_alphabet(codes: NDArray[np.uint32]) -> dict[Alphabet, int]:
    """Returns the number of letters of each alphabet."""
    numbers = _alphabets().take(codes, mode="clip")
    counts = np.bincount(numbers, minlength=len(_RANGES) + 1)
    return dict(zip(_RANGES, counts[1:].tolist(), strict=True))


@cache
def _alphabets() -> NDArray[np.uint8]:
    """Returns the alphabet number of each character of the basic plane, 0 for no alphabet."""
    table = np.zeros(_PLANE, np.uint8)
    for number, ranges in enumerate(_RANGES.values(), start=1):
        for first, last in ranges:
            table[first : last + 1] = number
    return table


def fold(code: int) -> tuple[int, ...]:
    """Returns the letters and digits to which one character folds (NFKC, then casefold)."""
    folded = normalize("NFKC", chr(code)).casefold()
    return tuple(ord(part) for part in folded if part.isalnum())


def fold_all(codes: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.int64] | None]:
    """Returns the folded characters and the index of each one's origin.

    A character is 0 if it is no letter or digit. The indexes are None if every character keeps its
    position. Raises DecomposedTextError if the text has combining marks or jamo.
    """
    table = folding()
    folded: NDArray[np.uint32] = table.single.take(codes, mode="clip")
    special = np.flatnonzero(folded >= _COMBINING_MARK)
    if len(special):
        special = _fold_astral(codes, folded, special)
    if not len(special):
        return folded, None
    if (folded[special] == _COMBINING_MARK).any():
        raise DecomposedTextError
    return _expand_folded(codes, folded, special, table.expansions)


def _fold_astral(
    codes: NDArray[np.uint32], folded: NDArray[np.uint32], special: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Folds characters outside the basic plane in place; returns the other special positions."""
    outside = codes[special] >= _PLANE - 1
    astral = special[outside]
    folded[astral] = [(fold(code) or (0,))[0] for code in codes[astral].tolist()]
    return special[~outside]


def _expand_folded(
    codes: NDArray[np.uint32],
    folded: NDArray[np.uint32],
    positions: NDArray[np.int64],
    expansions: dict[int, tuple[int, ...]],
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    lengths = np.ones(len(codes), np.int64)
    parts = [expansions[code] for code in codes[positions].tolist()]
    lengths[positions] = [len(part) for part in parts]
    expanded = np.repeat(folded, lengths)
    expanded[np.repeat(folded == _FOLDS_TO_SEVERAL, lengths)] = [
        code for part in parts for code in part
    ]
    return expanded, np.repeat(np.arange(len(codes)), lengths)
