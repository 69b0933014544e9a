"""Finds the candidates of all documents of a corpus at once, as an index would for one at a time.

Keys are spilled to files by range of the key space, and each range is sorted separately. Pairs that
share a key are spilled by blocks of documents. So memory does not grow with the number of keys.
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
"""Weight of a band hit: the low 20 bits of a sum count all hits, the bits above the band hits."""

_PARTITION_BITS = 4
"""The key space is split into 16 partitions by this many leading bits."""

_DOCUMENTS_PER_FLUSH = 4096
"""Documents whose keys are partitioned and spilled together."""

_MAX_PAIRS = 1 << 21
"""Pairs of documents that are processed in memory at a time."""

_DOCUMENTS_PER_BLOCK = 1 << 12
"""Documents whose candidates are returned together; fewer if they have many pairs."""


class Postings:
    """The documents that hold each key. Documents are numbered from 0 in the order of `add`."""

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
        """Adds the next document. Raises OSError if the disk is full."""
        self._pending[0].append(features.bands)
        self._pending[1].append(features.fingerprints)
        self._text_hashes += features.text_hash or bytes(16)
        if len(self._pending[0]) >= _DOCUMENTS_PER_FLUSH:
            self._flush_pending()

    def text_hash(self, document: int) -> bytes:
        """Returns the text hash of a document, b"" if its text is too short."""
        held = bytes(self._text_hashes[16 * document : 16 * document + 16])
        return held if any(held) else b""

    def iter_candidates(
        self, alone: Collection[int] = ()
    ) -> Iterator[tuple[int, dict[int, list[int]]]]:
        """Yields the earlier candidates of each document that has any, best first.

        Each item covers the next block of documents: the number after the last document of the
        block, and a mapping from document to candidates. The candidates equal those of an index
        that is queried for each document before the document is inserted. There is one exception:
        if at least `Scheme.prints` earlier documents have the same text, only the first of these
        are returned, unless the very first is in `alone`. Call this once: it consumes the postings.
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
        """Spills the pending keys by partition."""
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
        """Spills how many keys each document flagged in `asking` shares with each earlier one."""
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
        """Yields blocks of documents: start, end, their pairs in order, the hits of each pair."""
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
    """The holders of each key of a partition, sorted by key, then by document.

    `earlier_count`: for each posting, how many earlier documents hold its key.
    """

    holders: NDArray[np.int32]
    earlier_count: NDArray[np.int64]

    def iter_pairs(
        self, asking: NDArray[np.bool_], weight: int, scheme: Scheme
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Yields pairs, encoded as `later << 32 | earlier`, in order, with their hits.

        Pairs come in several batches, so the same pair can come again. Of a hot key, only the first
        `Scheme.hot_sample` holders count.
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
    """Returns each pair once, in order, with the sum of its hits."""
    if not len(pairs):
        return pairs, hits
    order = np.argsort(pairs)
    pairs = pairs[order]
    starts = np.flatnonzero(np.diff(pairs, prepend=pairs[0] - 1))
    return pairs[starts], np.add.reduceat(hits[order], starts)


def _select_candidates(
    pairs: NDArray[np.int64], hits: NDArray[np.int64], scheme: Scheme
) -> Mapping[int, dict[int, int]]:
    """Returns later document -> earlier document -> number of hits, for candidate pairs."""
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
    """Groups of documents with the same text hash.

    `order`: documents sorted by text hash. `group_starts`: for each document, where its group
    starts in `order`. `earlier_count`: how many documents of its group come before it.
    `first_document`: the first document of its group, itself if it has no earlier duplicate.
    """

    order: NDArray[np.int64]
    group_starts: NDArray[np.int64]
    earlier_count: NDArray[np.int64]
    first_document: NDArray[np.int64]
    max_duplicates: int

    @classmethod
    def from_hashes(cls, texts: NDArray[np.uint64], scheme: Scheme) -> "_ExactDuplicates":
        """Groups documents by text hash.

        `texts`: uint64[n, 2], the hashes; zeros for a text that is too short.
        """
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
        """bool[n]: whether a document has at least `max_duplicates` earlier duplicates."""
        return self.earlier_count >= self.max_duplicates

    def repeated_between(self, low: int, high: int) -> list[int]:
        """Returns the documents from `low` to `high` (exclusive) that have an earlier duplicate."""
        later: list[int] = (low + np.flatnonzero(self.earlier_count[low:high])).tolist()
        return later

    def earlier_duplicates(self, document: int) -> Sequence[int]:
        """Returns the earlier documents with the same text, `max_duplicates` at most."""
        start = int(self.group_starts[document])
        end = start + min(int(self.earlier_count[document]), self.max_duplicates)
        before: list[int] = self.order[start:end].tolist()
        return before
