"""The passages that two texts share: where they are in each, and how much of it they cover."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.records import Span
from dedup.text.normalise import NormalisedText

_MAX_GAP_UNITS = 4
"""Units that may differ inside of a passage: a corrected word does not cut it in two."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Units `a_start` to `a_end` of one text are, nearly all, `b_start` to `b_end` of another."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int

    @property
    def length(self) -> int:
        return self.a_end - self.a_start


def isin_sorted(values: NDArray[np.uint64], members: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each value is among the members, which are sorted."""
    if not len(members):
        return np.zeros(len(values), np.bool_)
    at = np.minimum(np.searchsorted(members, values), len(members) - 1)
    found: NDArray[np.bool_] = members[at] == values
    return found


def find_passages(
    a: NDArray[np.uint64],
    b: NDArray[np.uint64],
    first_positions: NDArray[np.int64],
    *,
    size: int,
    min_units: int,
) -> list[Passage]:
    """Shared passages of at least `least` units, longest first. Cost: O(n log n).

    `a`: hashes of all runs of `size` units of one text, in order. `b`: the distinct ones of another
    text, sorted, and `firsts`: where in it each comes first; a run that it has twice counts there.
    """
    if not len(b) or not len(a):
        return []
    found = np.minimum(np.searchsorted(b, a), len(b) - 1)
    hits = np.flatnonzero(b[found] == a)
    if not len(hits):
        return []
    other = first_positions[found[hits]]
    jumps = (
        (np.diff(hits) > _MAX_GAP_UNITS)
        | (np.abs(np.diff(other - hits)) > _MAX_GAP_UNITS)
        | (np.diff(other) <= 0)
    )
    edges = np.concatenate([[0], np.flatnonzero(jumps) + 1, [len(hits)]])
    first, last = edges[:-1], edges[1:] - 1
    lengths = hits[last] + size - hits[first]
    runs = [
        Passage(int(hits[i]), int(hits[j]) + size, int(other[i]), int(other[j]) + size)
        for i, j in zip(first[lengths >= min_units], last[lengths >= min_units], strict=True)
    ]
    return sorted(runs, key=lambda run: (-run.length, run.a_start))


def coverage(shared: NDArray[np.bool_], size: int) -> float:
    """The share of a text's units that lie in a shared run; `shared`: one flag per run."""
    if not len(shared):
        return 0.0
    changes = np.zeros(len(shared) + size, np.int64)
    at = np.flatnonzero(shared)
    changes[at] += 1
    changes[at + size] -= 1
    return float(np.count_nonzero(np.cumsum(changes)[:-1])) / (len(shared) + size - 1)


def to_span(passage: Passage, a: NormalisedText, b: NormalisedText) -> Span:
    """The passage in character offsets of the two texts as printed."""
    return Span(
        int(a.spans[passage.a_start, 0]),
        int(a.spans[passage.a_end - 1, 1]),
        int(b.spans[passage.b_start, 0]),
        int(b.spans[passage.b_end - 1, 1]),
    )
