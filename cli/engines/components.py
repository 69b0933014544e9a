"""Connected components of pairs of articles, in 16 bytes for each article that has a relation."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Pairs = NDArray[np.int64]
"""int64[n, 2]."""

_MAX_WAITING_PAIRS = 1 << 22


def find_roots(pairs: Pairs) -> Pairs:
    """Returns each article of these pairs, in order, with the first article of its component."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ids, places = np.unique(pairs, return_inverse=True)
    ends = places.reshape(-1, 2)
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), (len(ids), len(ids)))
    _, labels = connected_components(graph, directed=False)
    _, firsts = np.unique(labels, return_index=True)
    return np.stack([ids, ids[firsts[labels]]], axis=1)


def merge_roots(chunks: Iterable[Pairs]) -> Pairs:
    """Returns the result of `find_roots` for all pairs of some chunks, in bounded memory."""
    known = np.empty((0, 2), np.int64)
    waiting: list[Pairs] = []
    for chunk in chunks:
        waiting.append(chunk)
        if sum(map(len, waiting)) > _MAX_WAITING_PAIRS:
            known = find_roots(np.concatenate([known, *waiting]))
            waiting = []
    return find_roots(np.concatenate([known, *waiting]))


def save_roots(path: Path, roots: Pairs) -> None:
    """Writes the result of `merge_roots` for `load_roots`. Raises OSError if it cannot."""
    np.save(path, np.ascontiguousarray(roots.T), allow_pickle=False)


@lru_cache(maxsize=1)
def load_roots(path: str) -> Pairs:
    """Returns the roots as int64[2, n]. All processes of a machine share the memory of the file."""
    roots: Pairs = np.load(path, mmap_mode="r", allow_pickle=False)
    return roots


def look_up(roots: Pairs, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Returns the root of each article, itself if it is alone, and whether it has others.

    `roots`: that of `load_roots`.
    """
    if not roots.shape[1]:
        return ids, np.zeros(len(ids), np.bool_)
    places = np.minimum(np.searchsorted(roots[0], ids), roots.shape[1] - 1)
    is_known = np.asarray(roots[0][places] == ids)
    return np.where(is_known, roots[1][places], ids), is_known
