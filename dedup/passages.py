"""The passages that two texts share: where they are in each, and how much of it they cover."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.normalise import Normal
from dedup.records import Span

_GAP = 4
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


def passages(a: NDArray[np.uint64], b: NDArray[np.uint64], size: int, least: int) -> list[Passage]:
    """Shared passages of at least `least` units, longest first.

    `a`, `b`: hashes of all runs of `size` units, in order of the text. A run that a text has twice
    counts where it comes first. Cost: O(n log n).
    """
    firsts, where = np.unique(b, return_index=True)
    if not len(firsts) or not len(a):
        return []
    found = np.minimum(np.searchsorted(firsts, a), len(firsts) - 1)
    hits = np.flatnonzero(firsts[found] == a)
    if not len(hits):
        return []
    other = where[found[hits]]
    jumps = (np.diff(hits) > _GAP) | (np.abs(np.diff(other - hits)) > _GAP) | (np.diff(other) <= 0)
    edges = np.concatenate([[0], np.flatnonzero(jumps) + 1, [len(hits)]])
    runs = [
        Passage(
            int(hits[first]),
            int(hits[last - 1]) + size,
            int(other[first]),
            int(other[last - 1]) + size,
        )
        for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]
    return sorted(
        (run for run in runs if run.length >= least), key=lambda run: (-run.length, run.a_start)
    )


def covered(shared: NDArray[np.bool_], size: int) -> float:
    """The share of a text's units that lie in a shared run; `shared`: one flag per run."""
    if not len(shared):
        return 0.0
    changes = np.zeros(len(shared) + size, np.int64)
    at = np.flatnonzero(shared)
    changes[at] += 1
    changes[at + size] -= 1
    return float(np.count_nonzero(np.cumsum(changes)[:-1])) / (len(shared) + size - 1)


def to_span(passage: Passage, a: Normal, b: Normal) -> Span:
    """The passage in character offsets of the two texts as printed."""
    return Span(
        int(a.spans[passage.a_start, 0]),
        int(a.spans[passage.a_end - 1, 1]),
        int(b.spans[passage.b_start, 0]),
        int(b.spans[passage.b_end - 1, 1]),
    )
