"""Candidates of a whole corpus at once: what an index would answer for each document in turn.

Keys are set aside by parts of the key space, each part is sorted by itself, and who shares a key with
whom is set aside by blocks of documents. So memory does not grow with the number of keys.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dedup.bulk.spill import Spill
from dedup.copies.index import rank
from dedup.records import Features
from dedup.signature.scheme import Scheme

_POSTING = np.dtype([("key", "<i8"), ("owner", "<i4")])
_HITS = np.dtype([("pair", "<i8"), ("hits", "<i8")])
_BAND = 1 << 20
"""A hit by a band counts so much besides, so that one number tells both."""

_PARTS = 4
"""The key space is cut into 16 parts, by so many bits."""

_AT_ONCE = 4096
"""Documents whose keys are cut into parts together."""

_PAIRS = 1 << 21
"""Pairs of documents that are worked on together."""

_BLOCK = 1 << 12
"""Documents whose candidates are told together, fewer where they have many."""


class Postings:
    """Who holds which key. Documents are numbered from 0, in the order in which they are added."""

    def __init__(self, scheme: Scheme, folder: Path) -> None:
        self._scheme = scheme
        self._keys = (Spill(folder, "bands", _POSTING), Spill(folder, "fingerprints", _POSTING))
        self._hits = Spill(folder, "hits", _HITS)
        self._waiting: tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]] = ([], [])
        self._first = 0
        self._texts = bytearray()

    def __len__(self) -> int:
        return len(self._texts) // 16

    def add(self, features: Features) -> None:
        """Add the next document. Raises OSError if there is no room."""
        self._waiting[0].append(features.bands)
        self._waiting[1].append(features.fingerprints)
        self._texts += features.text_hash or bytes(16)
        if len(self._waiting[0]) >= _AT_ONCE:
            self._part()

    def text_hash(self, document: int) -> bytes:
        """The hash that a document was added with."""
        held = bytes(self._texts[16 * document : 16 * document + 16])
        return held if any(held) else b""

    def candidates(self, alone: Collection[int] = ()) -> Iterator[tuple[int, dict[int, list[int]]]]:
        """For each document that has any, the earlier ones that may hold the same words, best first.

        Document -> candidates, for some documents at a time, in order, with the number of the first one
        that is not among them. The same as asking an index for each in turn and then putting it in; but of a document that comes after `Scheme.prints` of
        its very words only these are told, unless the first of them is in `alone`. May be asked once.
        """
        self._part()
        prints = _Prints.of(
            np.frombuffer(bytes(self._texts), np.uint64).reshape(-1, 2), self._scheme
        )
        told = prints.crowded & ~np.isin(prints.first, np.fromiter(alone, np.int64, len(alone)))
        self._count(~told)
        for low, high, pairs, hits in self._blocks():
            near = _near(pairs, hits, self._scheme)
            found: dict[int, list[int]] = {}
            for late in sorted({*near, *prints.later(low, high)}):
                text = self.text_hash(late)
                own = dict.fromkeys(prints.before(late), (0, text))
                given = {i: (number, self.text_hash(i)) for i, number in near.get(late, {}).items()}
                found[late] = rank(own | given, text, self._scheme)
            yield high, found

    def _part(self) -> None:
        """Set aside the keys that wait."""
        for spill, waiting in zip(self._keys, self._waiting, strict=True):
            keys = np.concatenate([np.empty(0, np.int64), *waiting])
            records = np.empty(len(keys), _POSTING)
            records["key"] = keys
            sizes = [len(each) for each in waiting]
            records["owner"] = np.repeat(np.arange(self._first, self._first + len(sizes)), sizes)
            parts = keys >> (64 - _PARTS)
            for part in range(-(1 << (_PARTS - 1)), 1 << (_PARTS - 1)):
                spill.add(part, records[parts == part])
            waiting.clear()
        self._first = len(self)

    def _count(self, asking: NDArray[np.bool_]) -> None:
        """Set aside who of those that ask shares how many keys with whom before it."""
        for spill, weight in zip(self._keys, (_BAND + 1, 1), strict=True):
            for part in spill.buckets:
                postings = _sorted(spill.all_of(part))
                spill.drop(part)
                for pairs, hits in postings.pairs(asking, weight, self._scheme):
                    self._set_aside(pairs, hits)

    def _set_aside(self, pairs: NDArray[np.int64], hits: NDArray[np.int64]) -> None:
        records = np.empty(len(pairs), _HITS)
        records["pair"], records["hits"] = pairs, hits
        blocks = (pairs >> 32) // _BLOCK
        starts = np.flatnonzero(np.diff(blocks, prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(pairs)], strict=True):
            self._hits.add(int(blocks[start]), records[start:end])

    def _blocks(self) -> Iterator[tuple[int, int, NDArray[np.int64], NDArray[np.int64]]]:
        """From which document to which, their pairs in order, and the hits of each."""
        for low in range(0, len(self), _BLOCK):
            block = low // _BLOCK
            width = _BLOCK >> (self._hits.size(block) // (4 * _PAIRS)).bit_length()
            for start in range(low, min(low + _BLOCK, len(self)), max(width, 1)):
                end = min(start + max(width, 1), low + _BLOCK, len(self))
                inside = [np.empty(0, _HITS)]
                for records in self._hits.read(block):
                    late = records["pair"] >> 32
                    inside.append(records[(late >= start) & (late < end)])
                records = np.concatenate(inside)
                yield start, end, *_summed(records["pair"], records["hits"])
            self._hits.drop(block)


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Who holds each key of a part, by key, then by document. `earlier`: holders before this one."""

    holders: NDArray[np.int32]
    earlier: NDArray[np.int64]

    def pairs(
        self, asking: NDArray[np.bool_], weight: int, scheme: Scheme
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Pairs as `later << 32 | earlier`, in order, with their hits; not all at once, so that a pair
        may come again. Of a hot key the first few holders count.
        """
        rows = np.flatnonzero((self.earlier > 0) & asking[self.holders])
        earlier = self.earlier[rows]
        taken = np.where(earlier > scheme.hot_key, scheme.hot_sample, earlier)
        ends = np.cumsum(taken)
        done = 0
        while done < len(rows):
            end = max(done + 1, int(np.searchsorted(ends, ends[done] - taken[done] + _PAIRS)))
            some, number = rows[done:end], taken[done:end]
            within = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
            early = self.holders[np.repeat(some - self.earlier[some], number) + within]
            late = np.repeat(self.holders[some], number)
            pairs = late.astype(np.int64) << 32 | early
            yield _summed(pairs, np.full(len(pairs), weight))
            done = end


def _sorted(records: NDArray[np.void]) -> _Sorted:
    keys = np.ascontiguousarray(records["key"])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    places = np.arange(len(keys))
    earlier = places - np.maximum.accumulate(np.where(first, places, 0))
    return _Sorted(records["owner"][order], earlier)


def _summed(
    pairs: NDArray[np.int64], hits: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each pair once, in order, with the sum of its hits."""
    if not len(pairs):
        return pairs, hits
    order = np.argsort(pairs)
    pairs = pairs[order]
    starts = np.flatnonzero(np.diff(pairs, prepend=pairs[0] - 1))
    return pairs[starts], np.add.reduceat(hits[order], starts)


def _near(
    pairs: NDArray[np.int64], hits: NDArray[np.int64], scheme: Scheme
) -> Mapping[int, dict[int, int]]:
    """Later document -> earlier one -> number of hits, of those that count."""
    number = hits % _BAND
    worthy = (hits >= _BAND) | (number >= scheme.min_fingerprints)
    late, early = pairs[worthy] >> 32, pairs[worthy] & 0xFFFFFFFF
    found: dict[int, dict[int, int]] = {}
    rows = zip(late.tolist(), early.tolist(), number[worthy].tolist(), strict=True)
    for one, other, hit in rows:
        found.setdefault(one, {})[other] = hit
    return found


@dataclass(frozen=True, slots=True)
class _Prints:
    """Who came first with which text. `order`: documents by text; `start`: where in it those of the
    same text begin; `number`: how many came before; `first`: the first of them, itself if none.
    """

    order: NDArray[np.int64]
    start: NDArray[np.int64]
    number: NDArray[np.int64]
    first: NDArray[np.int64]
    most: int

    @classmethod
    def of(cls, texts: NDArray[np.uint64], scheme: Scheme) -> "_Prints":
        """`texts`: [n, 2] the hashes, zero for a text too short to be told from others."""
        order = np.lexsort((texts[:, 1], texts[:, 0]))
        ordered = texts[order]
        new = np.ones(len(order), np.bool_)
        new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1) | ~ordered[1:].any(axis=1)
        places = np.arange(len(order))
        begin = np.maximum.accumulate(np.where(new, places, 0))
        start, number = np.empty_like(order), np.empty_like(order)
        start[order], number[order] = begin, places - begin
        return cls(order, start, number, order[start], scheme.prints)

    @property
    def crowded(self) -> NDArray[np.bool_]:
        """Who comes after as many prints of its text as are told."""
        return self.number >= self.most

    def later(self, low: int, high: int) -> list[int]:
        """The documents from `low` to `high` of whose text a print came before."""
        later: list[int] = (low + np.flatnonzero(self.number[low:high])).tolist()
        return later

    def before(self, document: int) -> Sequence[int]:
        """The first prints of a text that came before."""
        start = int(self.start[document])
        end = start + min(int(self.number[document]), self.most)
        before: list[int] = self.order[start:end].tolist()
        return before
