"""Holds the newest keys of the inverted indexes in memory until they are flushed to the tables.

A text has about 120 keys, and in a large index each lies on another page: writing the keys of one
text would change 120 pages. So keys go to the tables in rounds (`storage.index.index_flush`); until
then each process holds them here. The `signature` rows hold all keys, and the rows of `unposted`
name the articles whose keys are pending.
"""

from bisect import insort
from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import Connection

from storage.index import dedup_queries as lookups
from storage.index.key_postings import NO_KEYS, KeyArray, KeyPostings
from storage.tables.columns import AnyRow

_MAX_RECENT_ARTICLES = 1000
"""Articles held in dictionaries; beyond this number they are merged into the arrays."""


class PendingPostings:
    """The pending keys of one inverted index, with the articles that hold each.

    Arrays hold most of them, dictionaries the latest.
    """

    def __init__(self) -> None:
        self._postings = KeyPostings()
        self._merged_owners: set[int] = set()  # articles with keys in the arrays
        self._removed_owners: set[int] = set()  # those whose keys in the arrays are no longer valid
        self._recent_keys: dict[int, KeyArray] = {}
        self._recent_owners: dict[int, list[int]] = {}

    def put(self, article_id: int, keys: KeyArray) -> None:
        """Replaces the keys of an article."""
        keys = _sorted_unique(keys)
        if np.array_equal(self._recent_keys.get(article_id, NO_KEYS), keys) and len(keys):
            return
        self.drop(article_id)
        self._recent_keys[article_id] = keys
        recent_owners = self._recent_owners
        for key in keys.tolist():
            owners = recent_owners.get(key)
            if owners is None:  # most keys have one owner
                recent_owners[key] = [article_id]
            else:
                insort(owners, article_id)
        if len(self._recent_keys) > _MAX_RECENT_ARTICLES:
            self._merge_recent()

    def drop(self, article_id: int) -> None:
        """Removes the keys of an article."""
        if article_id in self._merged_owners:
            self._removed_owners.add(article_id)
        for key in self._recent_keys.pop(article_id, NO_KEYS).tolist():
            self._recent_owners[key].remove(article_id)
            if not self._recent_owners[key]:
                del self._recent_owners[key]

    def load(self, packed: Mapping[int, bytes]) -> None:
        """Replaces everything with the packed keys of these articles (article id -> keys)."""
        keys = unpack_keys(b"".join(packed.values()))
        sizes = np.fromiter(map(len, packed.values()), np.int64, len(packed)) // 8
        ids = np.fromiter(packed, np.int64, len(packed))
        self._postings = KeyPostings(keys, np.repeat(ids, sizes))
        self._merged_owners, self._removed_owners = set(packed), set()
        self._recent_keys, self._recent_owners = {}, {}

    def find_owners(self, keys: KeyArray, limit: int) -> dict[int, list[int]]:
        """Maps each key to the first articles that hold it: at most `limit`, lowest id first."""
        owners_by_key = self._find_merged(keys, limit) if self._merged_owners else {}
        for key in keys.tolist():
            if recent := self._recent_owners.get(key):
                first, merged = recent[:limit], owners_by_key.get(key)
                owners_by_key[key] = sorted({*merged, *first}) if merged else first
        return {key: owners[:limit] for key, owners in owners_by_key.items() if owners}

    def _find_merged(self, keys: KeyArray, limit: int) -> dict[int, list[int]]:
        owners_by_key: dict[int, list[int]] = {}
        stored_keys, stored_owners = self._postings.matching(keys)
        starts = np.searchsorted(stored_keys, keys)
        ends = np.searchsorted(stored_keys, keys, side="right")
        for index in np.flatnonzero(ends > starts).tolist():
            end = min(int(ends[index]), int(starts[index]) + limit + len(self._removed_owners))
            owners = stored_owners[int(starts[index]) : end].tolist()
            owners_by_key[int(keys[index])] = [
                owner for owner in owners if owner not in self._removed_owners
            ]
        return owners_by_key

    def between(self, first_key: int, last_key: int) -> tuple[KeyArray, KeyArray]:
        """Returns the sorted keys from `first_key` to `last_key` (inclusive), and their owners."""
        keys, owners = self._postings.between(first_key, last_key)
        valid = [
            index
            for index, owner in enumerate(owners.tolist())
            if owner not in self._removed_owners
        ]
        recent_keys, recent_owners = self._recent_pairs()
        is_inside = (recent_keys >= first_key) & (recent_keys <= last_key)
        keys, owners = (
            np.append(keys[valid], recent_keys[is_inside]),
            np.append(owners[valid], recent_owners[is_inside]),
        )
        order = np.argsort(keys, kind="stable")
        return keys[order], owners[order]

    def _recent_pairs(self) -> tuple[KeyArray, KeyArray]:
        """Returns the keys in the dictionaries, article by article, and the owner of each."""
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
    """The pending keys of a database, as one process knows them.

    Use it only in transactions that place articles, one at a time. `sync` brings it to the state of
    the database; this also undoes the changes of a transaction that was rolled back.
    """

    def __init__(self) -> None:
        self.bands, self.fingerprints = PendingPostings(), PendingPostings()
        self.last_row_id = 0
        self._flushed_row_id = -1
        self._own_changes: dict[
            int, tuple[bytes, bytes] | None
        ] = {}  # changes by this process: packed keys, None for a removal

    def sync(self, connection: Connection, flushed_row_id: int) -> None:
        """Loads the changes since the last call.

        `flushed_row_id`: the last row of `unposted` that is flushed completely.
        """
        if flushed_row_id != self._flushed_row_id:
            self._load(connection, flushed_row_id)
            return
        rows = self._apply_changes(connection)
        self.last_row_id = max([self.last_row_id, *(row.id for row in rows)])
        self._own_changes = {}

    def sync_after_rollback(self, connection: Connection) -> None:
        """Reloads the keys that this transaction changed, after a savepoint was rolled back."""
        self._apply_changes(connection)

    def put(self, article_id: int, bands: KeyArray, fingerprints: KeyArray) -> None:
        """Replaces the keys of an article in this transaction."""
        self._own_changes[article_id] = pack_keys(bands), pack_keys(fingerprints)
        self.bands.put(article_id, bands)
        self.fingerprints.put(article_id, fingerprints)

    def drop(self, article_id: int) -> None:
        """Removes the keys of an article in this transaction."""
        self._own_changes[article_id] = None
        self._drop(article_id)

    def _apply_changes(self, connection: Connection) -> Sequence[AnyRow]:
        """Applies the rows added since the last sync, and reloads what this process changed."""
        parameters = {"after": self.last_row_id, "ids": sorted(self._own_changes)}
        rows = connection.execute(lookups.PENDING_KEYS_QUERY, parameters).all()
        for row in rows:
            self._apply_change(row)
        return rows

    def _drop(self, article_id: int) -> None:
        self.bands.drop(article_id)
        self.fingerprints.drop(article_id)

    def _apply_change(self, row: AnyRow) -> None:
        article_id = row.article_id
        stored = None if row.bands is None else (row.bands, row.fingerprints)
        if article_id in self._own_changes:
            if self._own_changes[article_id] == stored:
                return
            self._own_changes[article_id] = stored
        if stored is None:
            self._drop(article_id)
            return
        self.bands.put(article_id, unpack_keys(row.bands))
        self.fingerprints.put(article_id, unpack_keys(row.fingerprints))

    def _load(self, connection: Connection, flushed_row_id: int) -> None:
        rows = connection.execute(
            lookups.PENDING_KEYS_QUERY, {"after": flushed_row_id, "ids": []}
        ).all()
        # Unpacking tuples is three times faster than reading row attributes.
        row_ids, ids, bands, fingerprints = zip(*rows, strict=True) if rows else ((), (), (), ())
        self.bands.load(
            {
                article_id: keys
                for article_id, keys in zip(ids, bands, strict=True)
                if keys is not None
            }
        )
        self.fingerprints.load(
            {
                article_id: keys
                for article_id, keys in zip(ids, fingerprints, strict=True)
                if keys is not None
            }
        )
        self.last_row_id = max([flushed_row_id, *row_ids])
        self._flushed_row_id, self._own_changes = flushed_row_id, {}


def _sorted_unique(keys: KeyArray) -> KeyArray:
    """Returns the distinct keys, sorted; `numpy.unique` would spend 40 ms on an import."""
    ordered: KeyArray = np.sort(keys)
    duplicates = np.flatnonzero(ordered[1:] == ordered[:-1])
    return np.delete(ordered, duplicates) if len(duplicates) else ordered


def pack_keys(keys: KeyArray) -> bytes:
    """Packs keys as int64 little-endian, the same on every machine."""
    return keys.astype("<i8").tobytes()


def unpack_keys(keys: bytes) -> KeyArray:
    """Unpacks the keys that `pack_keys` packed."""
    return np.frombuffer(keys, "<i8").astype(np.int64)
