"""Which of many short strings occur in a text, in one pass over it instead of one for each."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.text.alphabet import codes_of
from dedup.text.compiled import kernel

_RARELY = " etaoinsrhldcumfpgwybvkxjqz"
"""English letters, commonest first; whatever is not among them is rarer still."""


@dataclass(frozen=True, slots=True)
class Hints:
    """Strings made ready to be looked for. `pairs`: a flag for the hash of each string's rarest two
    neighbours; `at`: these two -> the strings that have them, and where.
    """

    single: tuple[str, ...]
    pairs: NDArray[np.bool_]
    at: dict[str, list[tuple[str, int]]]

    @classmethod
    def of(cls, strings: Collection[str]) -> "Hints":
        """Strings of one character or more."""
        pairs = np.zeros(1 << 16, np.bool_)
        at: dict[str, list[tuple[str, int]]] = {}
        for string in strings:
            if len(string) > 1:
                offset = min(range(len(string) - 1), key=lambda i: -_rarity(string[i : i + 2]))
                pair = string[offset : offset + 2]
                at.setdefault(pair, []).append((string, offset))
                pairs[_hashes(codes_of(pair))] = True
        return cls(tuple(each for each in strings if len(each) == 1), pairs, at)

    def within(self, text: str) -> set[str]:
        """Those that occur in the text."""
        found = {each for each in self.single if each in text}
        machine, codes = kernel(), codes_of(text)
        places = machine.flagged(codes, self.pairs) if machine else flagged(codes, self.pairs)
        for place in places.tolist():
            for string, offset in self.at.get(text[place : place + 2], ()):
                if place >= offset and text.startswith(string, place - offset):
                    found.add(string)
        return found


def flagged(codes: NDArray[np.uint32], flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Where two neighbours have a hash that is flagged."""
    places: NDArray[np.int64] = np.flatnonzero(flags.take(_hashes(codes)))
    return places


def _rarity(pair: str) -> int:
    return sum(_RARELY.find(each) % (len(_RARELY) + 1) for each in pair)


def _hashes(codes: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """A number for each two neighbours."""
    hashed: NDArray[np.uint16] = (codes[:-1] * np.uint32(31) + codes[1:]).astype(np.uint16)
    return hashed
