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
from dedup.copies.index import rank_candidates
from dedup.records import Features
from dedup.signature.scheme import Scheme

_POSTING = np.dtype([("key", "<i8"), ("owner", "<i4")])
_HITS = np.dtype([("pair", "<i8"), ("hits", "<i8")])
_BAND_WEIGHT = 1 << 20
"""A hit by a band counts so much besides, so that one number tells both."""

_PARTITION_BITS = 4
"""The key space is cut into 16 parts, by so many bits."""

_DOCUMENTS_PER_FLUSH = 4096
"""Documents whose keys are cut into parts together."""

_MAX_PAIRS = 1 << 21
"""Pairs of documents that are worked on together."""

_DOCUMENTS_PER_BLOCK = 1 << 12
"""Documents whose candidates are told together, fewer where they have many."""


class Postings:
    """Who holds which key. Documents are numbered from 0, in the order in which they are added."""

    def __init__(self, scheme: Scheme, folder: Path) -> None:
        self._scheme = scheme
        self._keys = (Spill(folder, "bands", _POSTING), Spill(folder, "fingerprints", _POSTING))
        self._hits = Spill(folder, "hits", _HITS)
        self._pending: tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]] = ([], [])
        self._first = 0
        self._text_hashes = bytearray()

    def __len__(self) -> int:
        return len(self._text_hashes) // 16

    def add(self, features: Features) -> None:
        """Add the next document. Raises OSError if there is no room."""
        self._pending[0].append(features.bands)
        self._pending[1].append(features.fingerprints)
        self._text_hashes += features.text_hash or bytes(16)
        if len(self._pending[0]) >= _DOCUMENTS_PER_FLUSH:
            self._flush_pending()

    def text_hash(self, document: int) -> bytes:
        """The hash that a document was added with."""
        held = bytes(self._text_hashes[16 * document : 16 * document + 16])
        return held if any(held) else b""

    def iter_candidates(
        self, alone: Collection[int] = ()
    ) -> Iterator[tuple[int, dict[int, list[int]]]]:
        """For each document that has any, the earlier ones that may hold the same words, best first.

        Document -> candidates, for some documents at a time, in order, with the number of the first one
        that is not among them. The same as asking an index for each in turn and then putting it in; but of a document that comes after `Scheme.prints` of
        its very words only these are told, unless the first of them is in `alone`. May be asked once.
        """
        self._flush_pending()
        prints = _ExactDuplicates.from_hashes(
            np.frombuffer(bytes(self._text_hashes), np.uint64).reshape(-1, 2), self._scheme
        )
        told = prints.is_surplus & ~np.isin(
            prints.first_document, np.fromiter(alone, np.int64, len(alone))
        )
        self._count_hits(~told)
        for low, high, pairs, hits in self._iter_blocks():
            near = _select_candidates(pairs, hits, self._scheme)
            found: dict[int, list[int]] = {}
            for late in sorted({*near, *prints.repeated_between(low, high)}):
                text = self.text_hash(late)
                own = dict.fromkeys(prints.earlier_duplicates(late), (0, text))
                given = {i: (number, self.text_hash(i)) for i, number in near.get(late, {}).items()}
                found[late] = rank_candidates(own | given, text, self._scheme)
            yield high, found

    def _flush_pending(self) -> None:
        """Set aside the keys that wait."""
        for spill, waiting in zip(self._keys, self._pending, strict=True):
            keys = np.concatenate([np.empty(0, np.int64), *waiting])
            records = np.empty(len(keys), _POSTING)
            records["key"] = keys
            sizes = [len(each) for each in waiting]
            records["owner"] = np.repeat(np.arange(self._first, self._first + len(sizes)), sizes)
            parts = keys >> (64 - _PARTITION_BITS)
            for part in range(-(1 << (_PARTITION_BITS - 1)), 1 << (_PARTITION_BITS - 1)):
                spill.add(part, records[parts == part])
            waiting.clear()
        self._first = len(self)

    def _count_hits(self, asking: NDArray[np.bool_]) -> None:
        """Set aside who of those that ask shares how many keys with whom before it."""
        for spill, weight in zip(self._keys, (_BAND_WEIGHT + 1, 1), strict=True):
            for part in spill.buckets:
                postings = _sort_postings(spill.read_all(part))
                spill.drop(part)
                for pairs, hits in postings.iter_pairs(asking, weight, self._scheme):
                    self._spill_hits(pairs, hits)

    def _spill_hits(self, pairs: NDArray[np.int64], hits: NDArray[np.int64]) -> None:
        records = np.empty(len(pairs), _HITS)
        records["pair"], records["hits"] = pairs, hits
        blocks = (pairs >> 32) // _DOCUMENTS_PER_BLOCK
        starts = np.flatnonzero(np.diff(blocks, prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(pairs)], strict=True):
            self._hits.add(int(blocks[start]), records[start:end])

    def _iter_blocks(self) -> Iterator[tuple[int, int, NDArray[np.int64], NDArray[np.int64]]]:
        """From which document to which, their pairs in order, and the hits of each."""
        for low in range(0, len(self), _DOCUMENTS_PER_BLOCK):
            block = low // _DOCUMENTS_PER_BLOCK
            width = (
                _DOCUMENTS_PER_BLOCK >> (self._hits.size(block) // (4 * _MAX_PAIRS)).bit_length()
            )
            for start in range(low, min(low + _DOCUMENTS_PER_BLOCK, len(self)), max(width, 1)):
                end = min(start + max(width, 1), low + _DOCUMENTS_PER_BLOCK, len(self))
                inside = [np.empty(0, _HITS)]
                for records in self._hits.read(block):
                    late = records["pair"] >> 32
                    inside.append(records[(late >= start) & (late < end)])
                records = np.concatenate(inside)
                yield start, end, *_sum_hits(records["pair"], records["hits"])
            self._hits.drop(block)


@dataclass(frozen=True, slots=True)
class _SortedPostings:
    """Who holds each key of a part, by key, then by document. `earlier`: holders before this one."""

    holders: NDArray[np.int32]
    earlier_count: NDArray[np.int64]

    def iter_pairs(
        self, asking: NDArray[np.bool_], weight: int, scheme: Scheme
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Pairs as `later << 32 | earlier`, in order, with their hits; not all at once, so that a pair
        may come again. Of a hot key the first few holders count.
        """
        rows = np.flatnonzero((self.earlier_count > 0) & asking[self.holders])
        earlier = self.earlier_count[rows]
        taken = np.where(earlier > scheme.hot_key, scheme.hot_sample, earlier)
        ends = np.cumsum(taken)
        done = 0
        while done < len(rows):
            end = max(done + 1, int(np.searchsorted(ends, ends[done] - taken[done] + _MAX_PAIRS)))
            some, number = rows[done:end], taken[done:end]
            within = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
            early = self.holders[np.repeat(some - self.earlier_count[some], number) + within]
            late = np.repeat(self.holders[some], number)
            pairs = late.astype(np.int64) << 32 | early
            yield _sum_hits(pairs, np.full(len(pairs), weight))
            done = end


def _sort_postings(records: NDArray[np.void]) -> _SortedPostings:
    keys = np.ascontiguousarray(records["key"])
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.ones(len(keys), np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    places = np.arange(len(keys))
    earlier = places - np.maximum.accumulate(np.where(first, places, 0))
    return _SortedPostings(records["owner"][order], earlier)


def _sum_hits(
    pairs: NDArray[np.int64], hits: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each pair once, in order, with the sum of its hits."""
    if not len(pairs):
        return pairs, hits
    order = np.argsort(pairs)
    pairs = pairs[order]
    starts = np.flatnonzero(np.diff(pairs, prepend=pairs[0] - 1))
    return pairs[starts], np.add.reduceat(hits[order], starts)


def _select_candidates(
    pairs: NDArray[np.int64], hits: NDArray[np.int64], scheme: Scheme
) -> Mapping[int, dict[int, int]]:
    """Later document -> earlier one -> number of hits, of those that count."""
    number = hits % _BAND_WEIGHT
    worthy = (hits >= _BAND_WEIGHT) | (number >= scheme.min_fingerprints)
    late, early = pairs[worthy] >> 32, pairs[worthy] & 0xFFFFFFFF
    found: dict[int, dict[int, int]] = {}
    rows = zip(late.tolist(), early.tolist(), number[worthy].tolist(), strict=True)
    for one, other, hit in rows:
        found.setdefault(one, {})[other] = hit
    return found


@dataclass(frozen=True, slots=True)
class _ExactDuplicates:
    """Who came first with which text. `order`: documents by text; `start`: where in it those of the
    same text begin; `number`: how many came before; `first`: the first of them, itself if none.
    """

    order: NDArray[np.int64]
    group_starts: NDArray[np.int64]
    earlier_count: NDArray[np.int64]
    first_document: NDArray[np.int64]
    max_duplicates: int

    @classmethod
    def from_hashes(cls, texts: NDArray[np.uint64], scheme: Scheme) -> "_ExactDuplicates":
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
    def is_surplus(self) -> NDArray[np.bool_]:
        """Who comes after as many prints of its text as are told."""
        return self.earlier_count >= self.max_duplicates

    def repeated_between(self, low: int, high: int) -> list[int]:
        """The documents from `low` to `high` of whose text a print came before."""
        later: list[int] = (low + np.flatnonzero(self.earlier_count[low:high])).tolist()
        return later

    def earlier_duplicates(self, document: int) -> Sequence[int]:
        """The first prints of a text that came before."""
        start = int(self.group_starts[document])
        end = start + min(int(self.earlier_count[document]), self.max_duplicates)
        before: list[int] = self.order[start:end].tolist()
        return before
