"""Finds the passages that two texts share, and measures how much of a text they cover."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.records import Span
from dedup.text.normalise import NormalisedText

_MAX_GAP_UNITS = 4
"""Units that may differ inside a passage, so that a corrected word does not split it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A shared passage: units `a_start` to `a_end` nearly equal units `b_start` to `b_end`."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int

    @property
    def length(self) -> int:
        """Units of the passage in the first text."""
        return self.a_end - self.a_start


def isin_sorted(values: NDArray[np.uint64], members: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Returns whether each value is among `members`, which must be sorted."""
    if not len(members):
        return np.zeros(len(values), np.bool_)
    positions = np.minimum(np.searchsorted(members, values), len(members) - 1)
    matches: NDArray[np.bool_] = members[positions] == values
    return matches


def find_common(
    a: NDArray[np.uint64], b: NDArray[np.uint64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns where the common values are in `a` and where in `b`: int64[k] each, ascending.

    Both must be sorted and have no value twice.
    """
    if len(a) > len(b):
        in_b, in_a = find_common(b, a)
        return in_a, in_b
    if not len(a):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    positions = np.minimum(np.searchsorted(b, a), len(b) - 1)
    in_a = np.flatnonzero(b[positions] == a)
    return in_a, positions[in_a]


def find_passages(
    places: NDArray[np.int64],
    first_positions: NDArray[np.int64],
    *,
    size: int,
    min_units: int,
) -> list[Passage]:
    """Returns the shared passages of at least `min_units` units, longest first, in O(n log n).

    `places`: of each shingle of one text, in order, its place in `first_positions`; -1 if the other
    text does not have it. `first_positions`: where each distinct shingle of the other text first
    occurs; later occurrences do not count. `size`: units of a shingle.
    """
    positions_in_a = np.flatnonzero(places >= 0)
    if not len(positions_in_a):
        return []
    positions_in_b = first_positions[places[positions_in_a]]
    jumps = (
        (np.diff(positions_in_a) > _MAX_GAP_UNITS)
        | (np.abs(np.diff(positions_in_b - positions_in_a)) > _MAX_GAP_UNITS)
        | (np.diff(positions_in_b) <= 0)
    )
    edges = np.concatenate([[0], np.flatnonzero(jumps) + 1, [len(positions_in_a)]])
    first, last = edges[:-1], edges[1:] - 1
    lengths = positions_in_a[last] + size - positions_in_a[first]
    runs = [
        Passage(
            int(positions_in_a[i]),
            int(positions_in_a[j]) + size,
            int(positions_in_b[i]),
            int(positions_in_b[j]) + size,
        )
        for i, j in zip(first[lengths >= min_units], last[lengths >= min_units], strict=True)
    ]
    return sorted(runs, key=lambda run: (-run.length, run.a_start))


def coverage(shared: NDArray[np.bool_], size: int) -> float:
    """Returns the share of a text's units that lie in shared shingles, 0 to 1.

    `shared`: one flag per shingle, in text order. `size`: units of a shingle.
    """
    positions = np.flatnonzero(shared)
    if not len(positions):
        return 0.0
    covered = size + np.minimum(np.diff(positions), size).sum()
    return float(covered) / (len(shared) + size - 1)


def to_span(passage: Passage, a: NormalisedText, b: NormalisedText) -> Span:
    """Converts a passage from units to character offsets in the original texts."""
    return Span(
        int(a.spans[passage.a_start, 0]),
        int(a.spans[passage.a_end - 1, 1]),
        int(b.spans[passage.b_start, 0]),
        int(b.spans[passage.b_end - 1, 1]),
    )
