"""Finds the candidates of all documents of a corpus at once, as an index would for one at a time.

Keys are spilled to files by range of the key space, and each range is sorted separately. Pairs that
share a key are spilled by blocks of documents. So memory does not grow with the number of keys.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dedup.bulk import steps
from dedup.bulk.spill import Spill
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
        stored = bytes(self._text_hashes[16 * document : 16 * document + 16])
        return stored if any(stored) else b""

    def iter_candidates(
        self, exempt: Collection[int] = ()
    ) -> Iterator[tuple[int, dict[int, list[int]]]]:
        """Yields the earlier candidates of each document that has any, best first.

        Each item covers the next block of documents: the number after the last document of the
        block, and a mapping from document to candidates. The candidates equal those of an index
        that is queried for each document before the document is inserted. There is one exception:
        if at least `Scheme.prints` earlier documents have the same text, only the first of these
        are returned, unless the very first is in `exempt`. Call this once: it consumes the postings.
        """
        self._flush_pending()
        exact_duplicates = _ExactDuplicates.from_hashes(
            np.frombuffer(bytes(self._text_hashes), np.uint64).reshape(-1, 2), self._scheme
        )
        self._count_hits(
            steps.ask_for_candidates(
                exact_duplicates.earlier_count,
                exact_duplicates.first_document,
                exempt,
                self._scheme,
            )
        )
        for start, end, pairs, hits in self._iter_blocks():
            hits_by_document = _select_candidates(pairs, hits, self._scheme)
            ranked: dict[int, list[int]] = {}
            for document in sorted(
                {*hits_by_document, *exact_duplicates.repeated_between(start, end)}
            ):
                text_hash = self.text_hash(document)
                similar = {
                    earlier: (hit_count, self.text_hash(earlier))
                    for earlier, hit_count in hits_by_document.get(document, {}).items()
                }
                prints = exact_duplicates.earlier_duplicates(document)
                ranked[document] = steps.choose_candidates(text_hash, similar, prints, self._scheme)
            yield end, ranked

    def _flush_pending(self) -> None:
        """Spills the pending keys by partition."""
        for spill, arrays in zip(self._keys, self._pending, strict=True):
            keys = np.concatenate([np.empty(0, np.int64), *arrays])
            records = np.empty(len(keys), _POSTING)
            records["key"] = keys
            sizes = [len(each) for each in arrays]
            records["owner"] = np.repeat(np.arange(self._first, self._first + len(sizes)), sizes)
            partitions = keys >> (64 - _PARTITION_BITS)
            for partition in range(-(1 << (_PARTITION_BITS - 1)), 1 << (_PARTITION_BITS - 1)):
                spill.add(partition, records[partitions == partition])
            arrays.clear()
        self._first = len(self)

    def _count_hits(self, flagged: NDArray[np.bool_]) -> None:
        """Spills how many keys each document in `flagged` shares with each earlier one."""
        for spill, weight in zip(self._keys, (_BAND_WEIGHT + 1, 1), strict=True):
            for partition in spill.buckets:
                keys, holders = _sort_postings(spill.read_all(partition))
                spill.drop(partition)
                for later, earlier in steps.find_pairs(
                    keys, holders, flagged[holders], self._scheme, _MAX_PAIRS
                ):
                    pairs = later.astype(np.int64) << 32 | earlier
                    self._spill_hits(*_sum_hits(pairs, np.full(len(pairs), weight)))

    def _spill_hits(self, pairs: NDArray[np.int64], hits: NDArray[np.int64]) -> None:
        records = np.empty(len(pairs), _HITS)
        records["pair"], records["hits"] = pairs, hits
        blocks = (pairs >> 32) // _DOCUMENTS_PER_BLOCK
        starts = np.flatnonzero(np.diff(blocks, prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(pairs)], strict=True):
            self._hits.add(int(blocks[start]), records[start:end])

    def _iter_blocks(self) -> Iterator[tuple[int, int, NDArray[np.int64], NDArray[np.int64]]]:
        """Yields blocks of documents: start, end, their pairs in order, the hits of each pair."""
        for block_start in range(0, len(self), _DOCUMENTS_PER_BLOCK):
            block = block_start // _DOCUMENTS_PER_BLOCK
            width = (
                _DOCUMENTS_PER_BLOCK >> (self._hits.size(block) // (4 * _MAX_PAIRS)).bit_length()
            )
            for start in range(
                block_start, min(block_start + _DOCUMENTS_PER_BLOCK, len(self)), max(width, 1)
            ):
                end = min(start + max(width, 1), block_start + _DOCUMENTS_PER_BLOCK, len(self))
                chunks = [np.empty(0, _HITS)]
                for records in self._hits.read(block):
                    later = records["pair"] >> 32
                    chunks.append(records[(later >= start) & (later < end)])
                records = np.concatenate(chunks)
                yield start, end, *_sum_hits(records["pair"], records["hits"])
            self._hits.drop(block)


def _sort_postings(records: NDArray[np.void]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Returns keys and holders, sorted by key, then by holder: they were added in order."""
    keys = np.ascontiguousarray(records["key"])
    order = np.argsort(keys, kind="stable")
    return keys[order], records["owner"][order]


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
    hit_counts = hits % _BAND_WEIGHT
    is_candidate = steps.are_candidates(hits // _BAND_WEIGHT, hit_counts, scheme)
    later, earlier = pairs[is_candidate] >> 32, pairs[is_candidate] & 0xFFFFFFFF
    candidates: dict[int, dict[int, int]] = {}
    rows = zip(later.tolist(), earlier.tolist(), hit_counts[is_candidate].tolist(), strict=True)
    for document, candidate, hit_count in rows:
        candidates.setdefault(document, {})[candidate] = hit_count
    return candidates


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
    def from_hashes(cls, hashes: NDArray[np.uint64], scheme: Scheme) -> "_ExactDuplicates":
        """Groups documents by text hash.

        `hashes`: uint64[n, 2]; zeros for a text that is too short.
        """
        order = np.lexsort((hashes[:, 1], hashes[:, 0]))
        ordered = hashes[order]
        is_new = np.ones(len(order), np.bool_)
        is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1) | ~ordered[1:].any(axis=1)
        positions = np.arange(len(order))
        group_begin = np.maximum.accumulate(np.where(is_new, positions, 0))
        group_starts, earlier_counts = np.empty_like(order), np.empty_like(order)
        group_starts[order], earlier_counts[order] = group_begin, positions - group_begin
        return cls(order, group_starts, earlier_counts, order[group_starts], scheme.prints)

    def repeated_between(self, start: int, end: int) -> list[int]:
        """Returns the documents from `start` to `end` (exclusive) that have an earlier duplicate."""
        later: list[int] = (start + np.flatnonzero(self.earlier_count[start:end])).tolist()
        return later

    def earlier_duplicates(self, document: int) -> Sequence[int]:
        """Returns the earlier documents with the same text, `max_duplicates` at most."""
        start = int(self.group_starts[document])
        end = start + min(int(self.earlier_count[document]), self.max_duplicates)
        duplicates: list[int] = self.order[start:end].tolist()
        return duplicates
