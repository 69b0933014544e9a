"""Holds pairs of key and article id in memory and sorts them only when that pays off."""

import numpy as np
from numpy.typing import NDArray

KeyArray = NDArray[np.int64]
NO_KEYS: KeyArray = np.empty(0, np.int64)

_SCANS_BEFORE_SORTING = 8
"""Look-ups that scan all pairs; so many scans cost as much as sorting the pairs once."""

_ID_BITS = 30
"""Bits of an article id, as in `storage.search.fulltext`."""

_PREFIX_SHIFT = np.uint64(48)


class KeyPostings:
    """Distinct pairs of a key and its owner (an article id).

    `keys`, `owners`: int64 arrays of equal length, in any order; pairs may occur twice.
    """

    def __init__(self, keys: KeyArray = NO_KEYS, owners: KeyArray = NO_KEYS) -> None:
        self._keys, self._owners = keys, owners
        self._is_unsorted = len(keys) > 0
        self._scan_count = 0

    def matching(self, keys: KeyArray) -> tuple[KeyArray, KeyArray]:
        """Returns sorted pairs that include all pairs with these keys.

        Pairs with other keys may be among them.
        """
        if not self._should_scan():
            return self.sorted_pairs()
        # The upper 16 bits of the keys exclude nearly all other pairs.
        asked = np.zeros(1 << 16, np.bool_)
        asked[keys.view(np.uint64) >> _PREFIX_SHIFT] = True
        return self._select_sorted(asked[self._keys.view(np.uint64) >> _PREFIX_SHIFT])

    def between(self, low: int, high: int) -> tuple[KeyArray, KeyArray]:
        """Returns the pairs with keys from `low` to `high` (inclusive), sorted."""
        if self._should_scan():
            return self._select_sorted((self._keys >= low) & (self._keys <= high))
        keys, owners = self.sorted_pairs()
        start, end = np.searchsorted(keys, low), np.searchsorted(keys, high, side="right")
        return keys[start:end], owners[start:end]

    def sorted_pairs(self) -> tuple[KeyArray, KeyArray]:
        """Returns all pairs, sorted by key, then owner."""
        if self._is_unsorted:
            self._keys, self._owners = sort_pairs(self._keys, self._owners)
            self._is_unsorted = False
        return self._keys, self._owners

    def without_owners(self, owners: set[int]) -> "KeyPostings":
        """Returns the pairs of all other owners."""
        keys, held = self.sorted_pairs()
        kept = ~np.isin(held, list(owners))
        return _from_sorted(keys[kept], held[kept])

    def merged_with(self, keys: KeyArray, owners: KeyArray) -> "KeyPostings":
        """Returns these pairs together with more pairs."""
        keys, owners = sort_pairs(keys, owners)
        held, its = self.sorted_pairs()
        into = np.searchsorted(held, keys, side="right")
        both = np.insert(held, into, keys), np.insert(its, into, owners)
        _sort_owners(*both)
        return _from_sorted(*both)

    def _should_scan(self) -> bool:
        """Counts a look-up; returns whether it scans all pairs instead of sorting them."""
        self._scan_count += 1
        return self._is_unsorted and self._scan_count <= _SCANS_BEFORE_SORTING

    def _select_sorted(self, which: NDArray[np.bool_]) -> tuple[KeyArray, KeyArray]:
        return sort_pairs(self._keys[which], self._owners[which])


def sort_pairs(keys: KeyArray, owners: KeyArray) -> tuple[KeyArray, KeyArray]:
    """Returns the pairs sorted by key, then owner, without duplicates."""
    order = np.argsort(keys)
    keys, owners = keys[order], owners[order]
    _sort_owners(keys, owners)
    again = (keys[1:] == keys[:-1]) & (owners[1:] == owners[:-1])
    if again.any():
        kept = np.append(True, ~again)
        return keys[kept], owners[kept]
    return keys, owners


def _from_sorted(keys: KeyArray, owners: KeyArray) -> KeyPostings:
    """Makes postings from arrays that are sorted already."""
    made = KeyPostings()
    made._keys, made._owners = keys, owners
    return made


def _sort_owners(keys: KeyArray, owners: KeyArray) -> None:
    """Sorts the owners of each key in place; the keys must be sorted already."""
    same = keys[1:] == keys[:-1]
    if not (same & (owners[1:] < owners[:-1])).any():
        return
    shared = np.zeros(len(keys), np.bool_)
    shared[1:] |= same
    shared[:-1] |= same
    places = np.flatnonzero(shared)
    # Sorting one combined number is ten times faster than `numpy.lexsort` on key and owner.
    which = np.cumsum(np.append(True, ~same), dtype=np.int64)[places] << _ID_BITS
    owners[places] = np.sort(which | owners[places]) & ((1 << _ID_BITS) - 1)
