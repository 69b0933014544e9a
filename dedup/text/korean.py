"""Removes Korean sentence endings: agencies print `-다` where broadcasters say `-습니다`."""

import numpy as np
from numpy.typing import NDArray

_FIRST_SYLLABLE, _SYLLABLE_COUNT, _FINAL_COUNT = 0xAC00, 11172, 28
_NIEUN, _BIEUP = 4, 17  # finals ㄴ and ㅂ
_DA, _NI, _SEUP, _NEUN, _GEOP = map(ord, "다니습는겁")
_GEOT, _I = map(ord, "것이")


def stem(
    letters: NDArray[np.uint32], offsets: NDArray[np.int64], begins: NDArray[np.bool_]
) -> tuple[NDArray[np.uint32], NDArray[np.int64], NDArray[np.bool_]]:
    """Removes the endings of declarative sentences, so that both styles give the same word.

    밝혔다 and 밝혔습니다 become 밝혔, 한다 and 합니다 become 하, 것이다 and 겁니다 become 것이. `offsets`: the position of
    each letter in the text. `begins`: whether a word begins at the letter. A word never becomes
    empty.
    """
    ends = np.flatnonzero(letters == _DA) + 1
    ends = ends[(ends == len(letters)) | begins[np.minimum(ends, len(letters) - 1)]]
    ends = ends[(ends >= 2) & ~begins[ends - 1]]
    if not len(ends):
        return letters, offsets, begins
    letters, keep = letters.copy(), np.ones(len(letters), np.bool_)
    before = letters[ends - 2]
    has_three_letters = ~begins[ends - 2]
    has_four_letters = has_three_letters & ~begins[ends - 3]
    third = np.where(has_three_letters, letters[ends - 3], 0)
    polite = (before == _NI) & has_three_letters
    seup, geop = polite & has_four_letters & (third == _SEUP), polite & (third == _GEOP)
    bieup = polite & ~geop & (third != _SEUP) & (_final_consonant(third) == _BIEUP)
    neun = (before == _NEUN) & has_three_letters
    nieun = ~polite & ~neun & (_final_consonant(before) == _NIEUN)
    letters[ends[geop] - 3], letters[ends[geop] - 2] = _GEOT, _I
    letters[ends[bieup] - 3] -= _BIEUP
    letters[ends[nieun] - 2] -= _NIEUN
    keep[ends - 1] = False
    keep[ends[seup | bieup | neun] - 2] = False
    keep[ends[seup] - 3] = False
    return letters[keep], offsets[keep], begins[keep]


def _final_consonant(syllables: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Returns the final consonant of each syllable, 0 if it has none or is no syllable."""
    codes = syllables.astype(np.int64) - _FIRST_SYLLABLE
    is_syllable = (codes >= 0) & (codes < _SYLLABLE_COUNT)
    return np.where(is_syllable, codes % _FINAL_COUNT, 0).astype(np.uint32)
