"""Candidates of a whole corpus at once: what `MemoryIndex.candidates` would answer for each document
in turn, from two sorted arrays instead of dictionaries.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.index import rank
from dedup.records import Features
from dedup.scheme import Scheme

_BLOCK = 1024
"""Documents whose pairs are held in memory at a time."""

_PART_BITS = 4
"""Keys are sorted in 16 parts."""


@dataclass(frozen=True, slots=True)
class Postings:
    """Who holds which key, sorted by key, then by document.

    `holders`; `start`: where the holders of the same key begin; `order`: the places of these rows
    when sorted by document instead; `ends`: where each document's rows end in `order`.
    """

    holders: NDArray[np.int32]
    start: NDArray[np.int32]
    order: NDArray[np.int32]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, keys: Sequence[NDArray[np.int64]]) -> "Postings":
        """The postings of documents 0, 1, 2 ... with these keys; ValueError for over 2**31 keys."""
        sizes = np.array([len(each) for each in keys], np.int64)
        flat = np.concatenate([np.empty(0, np.int64), *keys])
        if len(flat) >= 2**31:
            raise ValueError("too many documents for one batch: put them into a database")
        by_key, first = _sorted(flat)
        del flat
        places = np.arange(len(by_key), dtype=np.int32)
        start = np.maximum.accumulate(np.where(first, places, np.int32(0)))
        order = np.empty(len(by_key), np.int32)
        order[by_key] = places
        owners = np.repeat(np.arange(len(keys), dtype=np.int32), sizes)
        return cls(owners[by_key], start, order, np.cumsum(sizes))

    def pairs(self, low: int, high: int, scheme: Scheme) -> NDArray[np.int64]:
        """[n, 2] each document from `low` to `high` with each earlier holder of each of its keys."""
        begin = self.ends[low - 1] if low else 0
        rows = self.order[begin : self.ends[high - 1]]
        earlier = rows - self.start[rows]
        taken = np.where(earlier > scheme.hot_key, scheme.hot_sample, earlier)
        rows, taken = rows[taken > 0], taken[taken > 0]
        if not len(rows):
            return np.empty((0, 2), np.int64)
        taken = taken.astype(np.int64)
        within = np.arange(taken.sum()) - np.repeat(np.cumsum(taken) - taken, taken)
        early = self.holders[np.repeat(self.start[rows], taken) + within]
        return np.stack([np.repeat(self.holders[rows], taken), early], axis=1).astype(np.int64)


def _sorted(keys: NDArray[np.int64]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """The places of the keys in ascending order (equal ones by place), and which of them are new.

    Part by part of the key space, for a sort of all at once needs twice the memory of the keys.
    """
    by_key = np.empty(len(keys), np.int32)
    first = np.ones(len(keys), np.bool_)
    done = 0
    parts = (keys >> (64 - _PART_BITS)).astype(np.int8)
    for part in range(-(1 << (_PART_BITS - 1)), 1 << (_PART_BITS - 1)):
        places = np.flatnonzero(parts == part).astype(np.int32)
        values = keys[places]
        order = np.argsort(values, kind="stable")
        values = values[order]
        end = done + len(places)
        by_key[done:end] = places[order]
        np.not_equal(values[1:], values[:-1], out=first[done + 1 : end])
        done = end
    return by_key, first


def candidates(features: Sequence[Features], scheme: Scheme) -> Iterator[list[int]]:
    """For each document the places of earlier ones that may hold the same words, best first.

    The same as asking an index for each in turn, in this order, and then putting it in.
    """
    bands = Postings.of([each.bands for each in features])
    fingerprints = Postings.of([each.fingerprints for each in features])
    prints = _Prints(scheme.prints)
    for low in range(0, len(features), _BLOCK):
        high = min(low + _BLOCK, len(features))
        hits = _hits(bands.pairs(low, high, scheme), fingerprints.pairs(low, high, scheme), scheme)
        for late in range(low, high):
            text = features[late].text_hash
            own, near = prints.add(text, late), hits.get(late)
            if not own and not near:
                yield []
                continue
            found = dict.fromkeys(own, (0, text))
            for early, number in (near or {}).items():
                found[early] = (number, features[early].text_hash)
            yield rank(found, text, scheme)


class _Prints:
    """Who came first with which text; most texts come once, and need no list."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._first: dict[bytes, int] = {}
        self._all: dict[bytes, list[int]] = {}

    def add(self, text: bytes, late: int) -> Sequence[int]:
        """Note one more; the first that came before it."""
        if not text or self._first.setdefault(text, late) == late:
            return ()
        held = self._all.setdefault(text, [self._first[text]])
        before = held[: self._most]
        if len(held) < self._most:
            held.append(late)
        return before


def _hits(
    bands: NDArray[np.int64], fingerprints: NDArray[np.int64], scheme: Scheme
) -> dict[int, dict[int, int]]:
    """Later document -> earlier one -> number of hits, of those that count."""
    both = np.concatenate([bands, fingerprints])
    if not len(both):
        return {}
    width = both.max() + 1
    pairs, inverse = np.unique(both[:, 0] * width + both[:, 1], return_inverse=True)
    hits = np.bincount(inverse, minlength=len(pairs))
    of_bands = np.bincount(inverse[: len(bands)], minlength=len(pairs))
    worthy = (of_bands > 0) | (hits >= scheme.min_fingerprints)
    late, early = np.divmod(pairs[worthy], width)
    found: dict[int, dict[int, int]] = {}
    rows = zip(late.tolist(), early.tolist(), hits[worthy].tolist(), strict=True)
    for one, other, number in rows:
        found.setdefault(one, {})[other] = number
    return found
