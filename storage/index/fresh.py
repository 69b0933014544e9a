"""The keys of the texts that were put last, in memory: the youngest part of the inverted indexes.

A text has some 120 keys, and each lies on a page of its own in a large index: to write them one text
at a time would cost 120 pages for each. So keys go to the tables in rounds (`storage.index.settling`), and
until then each process holds them here. They are kept with the signatures anyway; the rows of
`unposted` say whose are to be held.
"""

from bisect import insort
from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import Connection

from storage.index import lookups
from storage.index.pairs import NONE, Keys, Pairs
from storage.tables.columns import AnyRow

_MERGED = 1000
"""Articles in dictionaries; more of them are merged into the arrays."""


class Held:
    """Who holds which key: arrays for most, dictionaries for the latest."""

    def __init__(self) -> None:
        self._pairs = Pairs()
        self._merged: set[int] = set()  # owners of keys in the arrays
        self._void: set[int] = set()  # those of them whose keys there count no more
        self._latest: dict[int, Keys] = {}
        self._index: dict[int, list[int]] = {}

    def put(self, article_id: int, keys: Keys) -> None:
        """Hold these keys, and no others, of an article."""
        keys = _distinct(keys)
        if np.array_equal(self._latest.get(article_id, NONE), keys) and len(keys):
            return
        self.drop(article_id)
        self._latest[article_id] = keys
        for key in keys.tolist():
            insort(self._index.setdefault(key, []), article_id)
        if len(self._latest) > _MERGED:
            self._merge()

    def drop(self, article_id: int) -> None:
        """Hold no keys of an article."""
        if article_id in self._merged:
            self._void.add(article_id)
        for key in self._latest.pop(article_id, NONE).tolist():
            self._index[key].remove(article_id)
            if not self._index[key]:
                del self._index[key]

    def load(self, packed: Mapping[int, bytes]) -> None:
        """Hold the packed keys of these articles and no others."""
        keys = unpack(b"".join(packed.values()))
        sizes = np.fromiter(map(len, packed.values()), np.int64, len(packed)) // 8
        ids = np.fromiter(packed, np.int64, len(packed))
        self._pairs = Pairs(keys, np.repeat(ids, sizes))
        self._merged, self._void = set(packed), set()
        self._latest, self._index = {}, {}

    def holders(self, keys: Keys, most: int) -> dict[int, list[int]]:
        """Key -> the first articles that hold it, lowest id first, at most so many."""
        found: dict[int, list[int]] = {}
        held, its = self._pairs.of(keys)
        starts = np.searchsorted(held, keys)
        ends = np.searchsorted(held, keys, side="right")
        for at in np.flatnonzero(ends > starts).tolist():
            end = min(int(ends[at]), int(starts[at]) + most + len(self._void))
            owners = its[int(starts[at]) : end].tolist()
            found[int(keys[at])] = [each for each in owners if each not in self._void]
        for key in keys.tolist():
            if key in self._index:
                found[key] = sorted({*found.get(key, ()), *self._index[key][:most]})
        return {key: owners[:most] for key, owners in found.items() if owners}

    def between(self, low: int, high: int) -> tuple[Keys, Keys]:
        """All keys from `low` to `high` (inclusive) in order, and who holds each."""
        keys, owners = self._pairs.between(low, high)
        valid = [i for i, owner in enumerate(owners.tolist()) if owner not in self._void]
        late, its = self._listed()
        inside = (late >= low) & (late <= high)
        keys, owners = np.append(keys[valid], late[inside]), np.append(owners[valid], its[inside])
        order = np.argsort(keys, kind="stable")
        return keys[order], owners[order]

    def _listed(self) -> tuple[Keys, Keys]:
        """The latest keys, article by article, and who holds each."""
        sizes = [len(keys) for keys in self._latest.values()]
        owners = np.fromiter(self._latest, np.int64, len(self._latest))
        return np.concatenate([NONE, *self._latest.values()]), np.repeat(owners, sizes)

    def _merge(self) -> None:
        pairs = self._pairs.without(self._void) if self._void else self._pairs
        self._pairs = pairs.and_those(*self._listed())
        self._merged = (self._merged - self._void) | self._latest.keys()
        self._void, self._latest, self._index = set(), {}, {}


class Fresh:
    """The unposted articles of a database, as one process knows them.

    Only used inside of transactions that place articles, one at a time: `follow` brings it to what
    the database holds, and undoes what a transaction changed that was rolled back.
    """

    def __init__(self) -> None:
        self.bands, self.fingerprints = Held(), Held()
        self.newest = 0
        self._settled = -1
        self._unsure: dict[int, tuple[bytes, bytes] | None] = {}  # what this process changed itself

    def follow(self, connection: Connection, settled: int) -> None:
        """Learn what came since; `settled`: the last row of `unposted` that is done with."""
        if settled != self._settled:
            self._load(connection, settled)
            return
        rows = self._changed(connection)
        self.newest = max([self.newest, *(row.id for row in rows)])
        self._unsure = {}

    def correct(self, connection: Connection) -> None:
        """Learn what is left of this transaction's changes after a part of it was undone."""
        self._changed(connection)

    def put(self, article_id: int, bands: Keys, fingerprints: Keys) -> None:
        """Hold the keys of an article that this transaction puts."""
        self._unsure[article_id] = pack(bands), pack(fingerprints)
        self.bands.put(article_id, bands)
        self.fingerprints.put(article_id, fingerprints)

    def drop(self, article_id: int) -> None:
        """Forget the keys of an article that this transaction takes out."""
        self._unsure[article_id] = None
        self._drop(article_id)

    def _changed(self, connection: Connection) -> Sequence[AnyRow]:
        """Take over what changed since, and whatever this process changed itself."""
        asked = {"after": self.newest, "ids": sorted(self._unsure)}
        rows = connection.execute(lookups.UNPOSTED_SINCE, asked).all()
        for row in rows:
            self._take(row)
        return rows

    def _drop(self, article_id: int) -> None:
        self.bands.drop(article_id)
        self.fingerprints.drop(article_id)

    def _take(self, row: AnyRow) -> None:
        me = row.article_id
        held = None if row.bands is None else (row.bands, row.fingerprints)
        if me in self._unsure:
            if self._unsure[me] == held:
                return
            self._unsure[me] = held
        if held is None:
            self._drop(me)
            return
        self.bands.put(me, unpack(row.bands))
        self.fingerprints.put(me, unpack(row.fingerprints))

    def _load(self, connection: Connection, settled: int) -> None:
        rows = connection.execute(lookups.UNPOSTED_SINCE, {"after": settled, "ids": []}).all()
        # By column: a row's names are looked up three times slower than a tuple is taken apart.
        numbers, ids, bands, prints = zip(*rows, strict=True) if rows else ((), (), (), ())
        self.bands.load({i: keys for i, keys in zip(ids, bands, strict=True) if keys is not None})
        self.fingerprints.load(
            {i: keys for i, keys in zip(ids, prints, strict=True) if keys is not None}
        )
        self.newest = max([settled, *numbers])
        self._settled, self._unsure = settled, {}


def _distinct(keys: Keys) -> Keys:
    """The distinct keys, sorted; `numpy.unique` would load a module for 40 ms."""
    ordered: Keys = np.sort(keys)
    again = np.flatnonzero(ordered[1:] == ordered[:-1])
    return np.delete(ordered, again) if len(again) else ordered


def pack(keys: Keys) -> bytes:
    """int64 little-endian, the same on every machine."""
    return keys.astype("<i8").tobytes()


def unpack(keys: bytes) -> Keys:
    """What `pack` packed."""
    return np.frombuffer(keys, "<i8").astype(np.int64)
