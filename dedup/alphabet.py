"""Every character as it is compared: folded in case, width and composition, or no part of a word."""

from dataclasses import dataclass
from functools import cache
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

_PLANE = 0x10000
SEVERAL = 0xFFFFFFFF
"""Stands for a character that folds to more than one."""


@dataclass(frozen=True, slots=True)
class Folding:
    """`one[c]`: what character c of the basic plane is compared as, 0 if it is no part of a word.

    Where that is `SEVERAL`, `several[c]` are the characters it stands for.
    """

    one: NDArray[np.uint32]
    several: dict[int, tuple[int, ...]]


@cache
def folding() -> Folding:
    """NFKC and casefold of the basic plane; takes some 50 ms, once in a process."""
    one = np.zeros(_PLANE, np.uint32)
    several: dict[int, tuple[int, ...]] = {}
    for code in range(_PLANE):
        parts = fold(code)
        if len(parts) == 1:
            one[code] = parts[0]
        elif parts:
            one[code] = SEVERAL
            several[code] = parts
    return Folding(one, several)


def fold(code: int) -> tuple[int, ...]:
    """What one character is compared as: the letters and digits of its compatibility form."""
    folded = normalize("NFKC", chr(code)).casefold()
    return tuple(ord(part) for part in folded if part.isalnum())


def fold_all(codes: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Folded characters, and for each the place of the one it comes from. Non-letters are 0."""
    table = folding()
    folded = table.one[np.minimum(codes, _PLANE - 1)]
    astral = codes >= _PLANE
    if astral.any():
        _fold_astral(codes, folded, astral)
    places = np.arange(len(codes))
    wide = np.flatnonzero(folded == SEVERAL)
    return _spread(codes, folded, wide, table.several) if len(wide) else (folded, places)


def _fold_astral(
    codes: NDArray[np.uint32], folded: NDArray[np.uint32], astral: NDArray[np.bool_]
) -> None:
    for code in np.unique(codes[astral]).tolist():
        parts = fold(code)
        folded[codes == code] = parts[0] if parts else 0


def _spread(
    codes: NDArray[np.uint32],
    folded: NDArray[np.uint32],
    wide: NDArray[np.int64],
    several: dict[int, tuple[int, ...]],
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    lengths = np.ones(len(codes), np.int64)
    parts = [several[code] for code in codes[wide].tolist()]
    lengths[wide] = [len(part) for part in parts]
    spread = np.repeat(folded, lengths)
    spread[np.repeat(folded == SEVERAL, lengths)] = [code for part in parts for code in part]
    return spread, np.repeat(np.arange(len(codes)), lengths)
