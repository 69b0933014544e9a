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
        has_prefix = np.zeros(1 << 16, np.bool_)
        has_prefix[keys.view(np.uint64) >> _PREFIX_SHIFT] = True
        return self._select_sorted(has_prefix[self._keys.view(np.uint64) >> _PREFIX_SHIFT])

    def between(self, first_key: int, last_key: int) -> tuple[KeyArray, KeyArray]:
        """Returns the pairs with keys from `first_key` to `last_key` (inclusive), sorted."""
        if self._should_scan():
            return self._select_sorted((self._keys >= first_key) & (self._keys <= last_key))
        keys, owners = self.sorted_pairs()
        start, end = np.searchsorted(keys, first_key), np.searchsorted(keys, last_key, side="right")
        return keys[start:end], owners[start:end]

    def sorted_pairs(self) -> tuple[KeyArray, KeyArray]:
        """Returns all pairs, sorted by key, then owner."""
        if self._is_unsorted:
            self._keys, self._owners = sort_pairs(self._keys, self._owners)
            self._is_unsorted = False
        return self._keys, self._owners

    def without_owners(self, owners: set[int]) -> "KeyPostings":
        """Returns the pairs of all other owners."""
        keys, stored_owners = self.sorted_pairs()
        is_kept = ~np.isin(stored_owners, list(owners))
        return _from_sorted(keys[is_kept], stored_owners[is_kept])

    def merged_with(self, keys: KeyArray, owners: KeyArray) -> "KeyPostings":
        """Returns these pairs together with more pairs."""
        keys, owners = sort_pairs(keys, owners)
        stored_keys, stored_owners = self.sorted_pairs()
        positions = np.searchsorted(stored_keys, keys, side="right")
        merged = (
            np.insert(stored_keys, positions, keys),
            np.insert(stored_owners, positions, owners),
        )
        _sort_owners(*merged)
        return _from_sorted(*merged)

    def _should_scan(self) -> bool:
        """Counts a look-up; returns whether it scans all pairs instead of sorting them."""
        self._scan_count += 1
        return self._is_unsorted and self._scan_count <= _SCANS_BEFORE_SORTING

    def _select_sorted(self, mask: NDArray[np.bool_]) -> tuple[KeyArray, KeyArray]:
        return sort_pairs(self._keys[mask], self._owners[mask])


def sort_pairs(keys: KeyArray, owners: KeyArray) -> tuple[KeyArray, KeyArray]:
    """Returns the pairs sorted by key, then owner, without duplicates."""
    order = np.argsort(keys)
    keys, owners = keys[order], owners[order]
    _sort_owners(keys, owners)
    is_duplicate = (keys[1:] == keys[:-1]) & (owners[1:] == owners[:-1])
    if is_duplicate.any():
        is_kept = np.append(True, ~is_duplicate)
        return keys[is_kept], owners[is_kept]
    return keys, owners


def _from_sorted(keys: KeyArray, owners: KeyArray) -> KeyPostings:
    """Makes postings from arrays that are sorted already."""
    postings = KeyPostings()
    postings._keys, postings._owners = keys, owners
    return postings


def _sort_owners(keys: KeyArray, owners: KeyArray) -> None:
    """Sorts the owners of each key in place; the keys must be sorted already."""
    is_same_key = keys[1:] == keys[:-1]
    if not (is_same_key & (owners[1:] < owners[:-1])).any():
        return
    is_shared = np.zeros(len(keys), np.bool_)
    is_shared[1:] |= is_same_key
    is_shared[:-1] |= is_same_key
    positions = np.flatnonzero(is_shared)
    # Sorting one combined number is ten times faster than `numpy.lexsort` on key and owner.
    groups = np.cumsum(np.append(True, ~is_same_key), dtype=np.int64)[positions] << _ID_BITS
    owners[positions] = np.sort(groups | owners[positions]) & ((1 << _ID_BITS) - 1)
