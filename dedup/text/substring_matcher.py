"""Finds which of many short strings occur in a text, in a single pass over it."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.text.alphabet import codes_of
from dedup.text.kernel_loader import load_kernel

_LETTERS_BY_FREQUENCY = " etaoinsrhldcumfpgwybvkxjqz"
"""English letters, most frequent first; all other characters are rarer."""


@dataclass(frozen=True, slots=True)
class SubstringMatcher:
    """A set of strings, indexed by their rarest pair of neighbouring characters.

    `single_chars`: the strings of one character. `pair_flags`: bool[65536], true for the hash of
    each such pair. `strings_by_pair`: pair -> strings that have it, with its position in them.
    """

    single_chars: tuple[str, ...]
    pair_flags: NDArray[np.bool_]
    strings_by_pair: dict[str, list[tuple[str, int]]]

    @classmethod
    def from_strings(cls, strings: Collection[str]) -> "SubstringMatcher":
        """Builds a matcher of non-empty strings."""
        pair_flags = np.zeros(1 << 16, np.bool_)
        strings_by_pair: dict[str, list[tuple[str, int]]] = {}
        for string in strings:
            if len(string) > 1:
                offset = min(range(len(string) - 1), key=lambda i: -_pair_rarity(string[i : i + 2]))
                pair = string[offset : offset + 2]
                strings_by_pair.setdefault(pair, []).append((string, offset))
                pair_flags[_pair_hashes(codes_of(pair))] = True
        return cls(tuple(each for each in strings if len(each) == 1), pair_flags, strings_by_pair)

    def find_in(self, text: str) -> set[str]:
        """Returns the strings that occur in the text."""
        found = {each for each in self.single_chars if each in text}
        kernel, codes = load_kernel(), codes_of(text)
        positions = (
            kernel.find_flagged_pairs(codes, self.pair_flags)
            if kernel
            else find_flagged_pairs(codes, self.pair_flags)
        )
        for position in positions.tolist():
            for string, offset in self.strings_by_pair.get(text[position : position + 2], ()):
                if position >= offset and text.startswith(string, position - offset):
                    found.add(string)
        return found


def find_flagged_pairs(codes: NDArray[np.uint32], flags: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Returns the positions of character pairs whose hash is flagged."""
    positions: NDArray[np.int64] = np.flatnonzero(flags.take(_pair_hashes(codes)))
    return positions


def _pair_rarity(pair: str) -> int:
    return sum(_LETTERS_BY_FREQUENCY.find(each) % (len(_LETTERS_BY_FREQUENCY) + 1) for each in pair)


def _pair_hashes(codes: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Returns a 16-bit hash of each pair of neighbouring characters."""
    hashes: NDArray[np.uint16] = (codes[:-1] * np.uint32(31) + codes[1:]).astype(np.uint16)
    return hashes
