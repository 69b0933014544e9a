"""Keys with the articles that hold them, in memory, put in order only where that pays."""

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
NONE: Keys = np.empty(0, np.int64)

_SCANS = 8
"""Questions that are answered by reading all pairs: as many cost what putting them in order does."""

_ID_BITS = 30
"""Of an article's id, as in `storage.search.fulltext`."""

_TOP = np.uint64(48)


class Pairs:
    """Distinct pairs of a key and its owner, both int64 [n]; given in any order, some perhaps twice."""

    def __init__(self, keys: Keys = NONE, owners: Keys = NONE) -> None:
        self._keys, self._owners = keys, owners
        self._loose = len(keys) > 0  # not in order yet
        self._scans = 0

    def of(self, keys: Keys) -> tuple[Keys, Keys]:
        """Pairs in order of key, then owner, all those of these keys among them."""
        if not self._scan():
            return self.ordered()
        # One in many thousand pairs has the upper 16 bits of a key that is asked for.
        asked = np.zeros(1 << 16, np.bool_)
        asked[keys.view(np.uint64) >> _TOP] = True
        return self._some(asked[self._keys.view(np.uint64) >> _TOP])

    def between(self, low: int, high: int) -> tuple[Keys, Keys]:
        """The pairs with keys from `low` to `high` (inclusive), in order."""
        if self._scan():
            return self._some((self._keys >= low) & (self._keys <= high))
        keys, owners = self.ordered()
        start, end = np.searchsorted(keys, low), np.searchsorted(keys, high, side="right")
        return keys[start:end], owners[start:end]

    def ordered(self) -> tuple[Keys, Keys]:
        """All pairs, in order."""
        if self._loose:
            self._keys, self._owners = in_order(self._keys, self._owners)
            self._loose = False
        return self._keys, self._owners

    def without(self, owners: set[int]) -> "Pairs":
        """The pairs of all others, in order."""
        keys, held = self.ordered()
        kept = ~np.isin(held, list(owners))
        return _made(keys[kept], held[kept])

    def and_those(self, keys: Keys, owners: Keys) -> "Pairs":
        """These and more pairs, in order."""
        keys, owners = in_order(keys, owners)
        held, its = self.ordered()
        into = np.searchsorted(held, keys, side="right")
        both = np.insert(held, into, keys), np.insert(its, into, owners)
        _order_owners(*both)
        return _made(*both)

    def _scan(self) -> bool:
        """Whether a question is answered by reading all pairs."""
        self._scans += 1
        return self._loose and self._scans <= _SCANS

    def _some(self, which: NDArray[np.bool_]) -> tuple[Keys, Keys]:
        return in_order(self._keys[which], self._owners[which])


def in_order(keys: Keys, owners: Keys) -> tuple[Keys, Keys]:
    """Pairs sorted by key, then owner, each once."""
    order = np.argsort(keys)
    keys, owners = keys[order], owners[order]
    _order_owners(keys, owners)
    again = (keys[1:] == keys[:-1]) & (owners[1:] == owners[:-1])
    if again.any():
        kept = np.append(True, ~again)
        return keys[kept], owners[kept]
    return keys, owners


def _made(keys: Keys, owners: Keys) -> Pairs:
    """Of arrays that are in order."""
    made = Pairs()
    made._keys, made._owners = keys, owners
    return made


def _order_owners(keys: Keys, owners: Keys) -> None:
    """Sort the owners of each key in place; keys are in order already."""
    same = keys[1:] == keys[:-1]
    if not (same & (owners[1:] < owners[:-1])).any():
        return
    shared = np.zeros(len(keys), np.bool_)
    shared[1:] |= same
    shared[:-1] |= same
    places = np.flatnonzero(shared)
    # One number for key and owner is sorted ten times faster than two by `numpy.lexsort`.
    which = np.cumsum(np.append(True, ~same), dtype=np.int64)[places] << _ID_BITS
    owners[places] = np.sort(which | owners[places]) & ((1 << _ID_BITS) - 1)
