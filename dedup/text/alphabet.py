"""Every character as it is compared: folded in case, width and composition, or no part of a word."""

from dataclasses import dataclass
from functools import cache
from unicodedata import combining, normalize

import numpy as np
from numpy.typing import NDArray

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


class DecomposedTextError(ValueError):
    """Letters and their marks are characters of their own; they must be composed first."""


@dataclass(frozen=True, slots=True)
class Folding:
    """`one[c]`: what character c of the basic plane is compared as, 0 if it is no part of a word.

    `_FOLDS_TO_SEVERAL` there stands for the characters in `several[c]`, `_COMBINING_MARK` for a part of a letter.
    """

    single: NDArray[np.uint32]
    expansions: dict[int, tuple[int, ...]]


@cache
def folding() -> Folding:
    """NFKC and casefold of the basic plane; takes some 20 ms, once in a process."""
    one = np.zeros(_PLANE, np.uint32)
    several: dict[int, tuple[int, ...]] = {}
    for start in range(0, _PLANE, _BLOCK):
        block = range(start, start + _BLOCK)
        if (quiet := _fold_identity_block(block)) is not None:
            one[start : start + _BLOCK] = quiet
            continue
        for code in block:
            parts = fold(code)
            if code in _JAMO or combining(chr(code)):
                one[code] = _COMBINING_MARK
            elif len(parts) == 1:
                one[code] = parts[0]
            elif parts:
                one[code] = _FOLDS_TO_SEVERAL
                several[code] = parts
    one[_PLANE - 1] = (
        _FOLDS_TO_SEVERAL  # no character: all beyond the basic plane are looked up here
    )
    return Folding(one, several)


def _fold_identity_block(block: range) -> NDArray[np.uint32] | None:
    """A row of `Folding.one` for characters that all fold to themselves or to nothing, as most do.

    None if one does not: a text that is in NFKC has no part that is not (UAX #15, 9.1).
    """
    text = "".join(map(chr, block))
    if block.start in _JAMO or normalize("NFKC", text).casefold() != text:
        return None
    if any(map(combining, text)):
        return None
    return codes_of("".join([each if each.isalnum() else "\0" for each in text]))


def codes_of(text: str) -> NDArray[np.uint32]:
    """The characters of a text as numbers; lone surrogates stay."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def count_letters_by_alphabet(codes: NDArray[np.uint32]) -> dict[Alphabet, int]:
    """How many letters of each alphabet there are."""
    numbers = _alphabets().take(codes, mode="clip")
    found = np.bincount(numbers, minlength=len(_RANGES) + 1)
    return dict(zip(_RANGES, found[1:].tolist(), strict=True))


@cache
def _alphabets() -> NDArray[np.uint8]:
    """The number of its alphabet for each character of the basic plane, 0 for none of them."""
    table = np.zeros(_PLANE, np.uint8)
    for number, ranges in enumerate(_RANGES.values(), start=1):
        for low, high in ranges:
            table[low : high + 1] = number
    return table


def fold(code: int) -> tuple[int, ...]:
    """What one character is compared as: the letters and digits of its compatibility form."""
    folded = normalize("NFKC", chr(code)).casefold()
    return tuple(ord(part) for part in folded if part.isalnum())


def fold_all(codes: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.int64] | None]:
    """Folded characters, 0 for what is no letter or digit, and the place each comes from.

    The places are None if every character stays where it is. Raises Decomposed.
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
    """Fold what lies outside of the basic plane; returns the places of what else is special."""
    outside = codes[special] >= _PLANE - 1
    astral = special[outside]
    folded[astral] = [(fold(code) or (0,))[0] for code in codes[astral].tolist()]
    return special[~outside]


def _expand_folded(
    codes: NDArray[np.uint32],
    folded: NDArray[np.uint32],
    wide: NDArray[np.int64],
    several: dict[int, tuple[int, ...]],
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    lengths = np.ones(len(codes), np.int64)
    parts = [several[code] for code in codes[wide].tolist()]
    lengths[wide] = [len(part) for part in parts]
    spread = np.repeat(folded, lengths)
    spread[np.repeat(folded == _FOLDS_TO_SEVERAL, lengths)] = [
        code for part in parts for code in part
    ]
    return spread, np.repeat(np.arange(len(codes)), lengths)
