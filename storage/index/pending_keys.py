"""The keys of the texts that were put last, in memory: the youngest part of the inverted indexes.

A text has some 120 keys, and each lies on a page of its own in a large index: to write them one text
at a time would cost 120 pages for each. So keys go to the tables in rounds (`storage.index.index_flush`), and
until then each process holds them here. They are kept with the signatures anyway; the rows of
`unposted` say whose are to be held.
"""

from bisect import insort
from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import Connection

from storage.index import dedup_queries as lookups
from storage.index.key_postings import NO_KEYS, KeyArray, KeyPostings
from storage.tables.columns import AnyRow

_MAX_RECENT_ARTICLES = 1000
"""Articles in dictionaries; more of them are merged into the arrays."""


class PendingPostings:
    """Who holds which key: arrays for most, dictionaries for the latest."""

    def __init__(self) -> None:
        self._postings = KeyPostings()
        self._merged_owners: set[int] = set()  # owners of keys in the arrays
        self._removed_owners: set[int] = set()  # those of them whose keys there count no more
        self._recent_keys: dict[int, KeyArray] = {}
        self._recent_owners: dict[int, list[int]] = {}

    def put(self, article_id: int, keys: KeyArray) -> None:
        """Hold these keys, and no others, of an article."""
        keys = _sorted_unique(keys)
        if np.array_equal(self._recent_keys.get(article_id, NO_KEYS), keys) and len(keys):
            return
        self.drop(article_id)
        self._recent_keys[article_id] = keys
        for key in keys.tolist():
            insort(self._recent_owners.setdefault(key, []), article_id)
        if len(self._recent_keys) > _MAX_RECENT_ARTICLES:
            self._merge_recent()

    def drop(self, article_id: int) -> None:
        """Hold no keys of an article."""
        if article_id in self._merged_owners:
            self._removed_owners.add(article_id)
        for key in self._recent_keys.pop(article_id, NO_KEYS).tolist():
            self._recent_owners[key].remove(article_id)
            if not self._recent_owners[key]:
                del self._recent_owners[key]

    def load(self, packed: Mapping[int, bytes]) -> None:
        """Hold the packed keys of these articles and no others."""
        keys = unpack_keys(b"".join(packed.values()))
        sizes = np.fromiter(map(len, packed.values()), np.int64, len(packed)) // 8
        ids = np.fromiter(packed, np.int64, len(packed))
        self._postings = KeyPostings(keys, np.repeat(ids, sizes))
        self._merged_owners, self._removed_owners = set(packed), set()
        self._recent_keys, self._recent_owners = {}, {}

    def find_owners(self, keys: KeyArray, limit: int) -> dict[int, list[int]]:
        """Key -> the first articles that hold it, lowest id first, at most so many."""
        found: dict[int, list[int]] = {}
        held, its = self._postings.matching(keys)
        starts = np.searchsorted(held, keys)
        ends = np.searchsorted(held, keys, side="right")
        for at in np.flatnonzero(ends > starts).tolist():
            end = min(int(ends[at]), int(starts[at]) + limit + len(self._removed_owners))
            owners = its[int(starts[at]) : end].tolist()
            found[int(keys[at])] = [each for each in owners if each not in self._removed_owners]
        for key in keys.tolist():
            if key in self._recent_owners:
                found[key] = sorted({*found.get(key, ()), *self._recent_owners[key][:limit]})
        return {key: owners[:limit] for key, owners in found.items() if owners}

    def between(self, low: int, high: int) -> tuple[KeyArray, KeyArray]:
        """All keys from `low` to `high` (inclusive) in order, and who holds each."""
        keys, owners = self._postings.between(low, high)
        valid = [i for i, owner in enumerate(owners.tolist()) if owner not in self._removed_owners]
        late, its = self._recent_pairs()
        inside = (late >= low) & (late <= high)
        keys, owners = np.append(keys[valid], late[inside]), np.append(owners[valid], its[inside])
        order = np.argsort(keys, kind="stable")
        return keys[order], owners[order]

    def _recent_pairs(self) -> tuple[KeyArray, KeyArray]:
        """The latest keys, article by article, and who holds each."""
        sizes = [len(keys) for keys in self._recent_keys.values()]
        owners = np.fromiter(self._recent_keys, np.int64, len(self._recent_keys))
        return np.concatenate([NO_KEYS, *self._recent_keys.values()]), np.repeat(owners, sizes)

    def _merge_recent(self) -> None:
        pairs = (
            self._postings.without_owners(self._removed_owners)
            if self._removed_owners
            else self._postings
        )
        self._postings = pairs.merged_with(*self._recent_pairs())
        self._merged_owners = (
            self._merged_owners - self._removed_owners
        ) | self._recent_keys.keys()
        self._removed_owners, self._recent_keys, self._recent_owners = set(), {}, {}


class PendingKeys:
    """The unposted articles of a database, as one process knows them.

    Only used inside of transactions that place articles, one at a time: `follow` brings it to what
    the database holds, and undoes what a transaction changed that was rolled back.
    """

    def __init__(self) -> None:
        self.bands, self.fingerprints = PendingPostings(), PendingPostings()
        self.last_row_id = 0
        self._flushed_row_id = -1
        self._own_changes: dict[
            int, tuple[bytes, bytes] | None
        ] = {}  # what this process changed itself

    def sync(self, connection: Connection, flushed_row_id: int) -> None:
        """Learn what came since; `settled`: the last row of `unposted` that is done with."""
        if flushed_row_id != self._flushed_row_id:
            self._load(connection, flushed_row_id)
            return
        rows = self._apply_changes(connection)
        self.last_row_id = max([self.last_row_id, *(row.id for row in rows)])
        self._own_changes = {}

    def sync_after_rollback(self, connection: Connection) -> None:
        """Learn what is left of this transaction's changes after a part of it was undone."""
        self._apply_changes(connection)

    def put(self, article_id: int, bands: KeyArray, fingerprints: KeyArray) -> None:
        """Hold the keys of an article that this transaction puts."""
        self._own_changes[article_id] = pack_keys(bands), pack_keys(fingerprints)
        self.bands.put(article_id, bands)
        self.fingerprints.put(article_id, fingerprints)

    def drop(self, article_id: int) -> None:
        """Forget the keys of an article that this transaction takes out."""
        self._own_changes[article_id] = None
        self._drop(article_id)

    def _apply_changes(self, connection: Connection) -> Sequence[AnyRow]:
        """Take over what changed since, and whatever this process changed itself."""
        asked = {"after": self.last_row_id, "ids": sorted(self._own_changes)}
        rows = connection.execute(lookups.PENDING_KEYS_QUERY, asked).all()
        for row in rows:
            self._apply_change(row)
        return rows

    def _drop(self, article_id: int) -> None:
        self.bands.drop(article_id)
        self.fingerprints.drop(article_id)

    def _apply_change(self, row: AnyRow) -> None:
        me = row.article_id
        held = None if row.bands is None else (row.bands, row.fingerprints)
        if me in self._own_changes:
            if self._own_changes[me] == held:
                return
            self._own_changes[me] = held
        if held is None:
            self._drop(me)
            return
        self.bands.put(me, unpack_keys(row.bands))
        self.fingerprints.put(me, unpack_keys(row.fingerprints))

    def _load(self, connection: Connection, settled: int) -> None:
        rows = connection.execute(lookups.PENDING_KEYS_QUERY, {"after": settled, "ids": []}).all()
        # By column: a row's names are looked up three times slower than a tuple is taken apart.
        numbers, ids, bands, prints = zip(*rows, strict=True) if rows else ((), (), (), ())
        self.bands.load({i: keys for i, keys in zip(ids, bands, strict=True) if keys is not None})
        self.fingerprints.load(
            {i: keys for i, keys in zip(ids, prints, strict=True) if keys is not None}
        )
        self.last_row_id = max([settled, *numbers])
        self._flushed_row_id, self._own_changes = settled, {}


def _sorted_unique(keys: KeyArray) -> KeyArray:
    """The distinct keys, sorted; `numpy.unique` would load a module for 40 ms."""
    ordered: KeyArray = np.sort(keys)
    again = np.flatnonzero(ordered[1:] == ordered[:-1])
    return np.delete(ordered, again) if len(again) else ordered


def pack_keys(keys: KeyArray) -> bytes:
    """int64 little-endian, the same on every machine."""
    return keys.astype("<i8").tobytes()


def unpack_keys(keys: bytes) -> KeyArray:
    """What `pack_keys` packed."""
    return np.frombuffer(keys, "<i8").astype(np.int64)
