"""Average-linkage clustering of new items with each other and with fixed groups."""

import numpy as np
from numpy.typing import NDArray

NEVER = -np.inf
"""The similarity of two items that may not be in one group: no mean with it reaches a threshold."""


def link_by_average(
    to_groups: NDArray[np.float64],
    group_sizes: NDArray[np.int64],
    to_items: NDArray[np.float64],
    threshold: float,
) -> NDArray[np.int64]:
    """Returns the group of each new item: int64[items].

    `to_groups`: float64[items, groups], the mean similarity of an item to the members of a group.
    `group_sizes`: int64[groups], the number of those members. `to_items`: float64[items, items],
    symmetric. A number below the number of groups is a given group, another one is that number plus
    the position of an item: a new group. Again and again the two groups with the highest mean
    similarity over all their pairs become one, until it is below `threshold`. Two given groups
    never become one. Ties fall by position. Takes O(n^2) time for n items if few rows share their
    nearest group. Source: Sokal and Michener, A statistical method for evaluating systematic
    relationships (1958), known as UPGMA.
    """
    items, groups = to_groups.shape
    labels: NDArray[np.int64] = np.arange(groups, groups + items, dtype=np.int64)
    if not items:
        return labels
    linkage = _Linkage(to_groups, group_sizes, to_items)
    while (found := linkage.find_nearest(threshold)) is not None:
        row, column = found
        labels[labels == row + groups] = column
        linkage.merge(row, column)
    return labels


class _Linkage:
    """Mean similarities of the groups that hold new items only (rows) to all groups (columns).

    Columns are the given groups, then the new groups. A row stands for the group that began with
    this item.
    """

    def __init__(
        self,
        to_groups: NDArray[np.float64],
        group_sizes: NDArray[np.int64],
        to_items: NDArray[np.float64],
    ) -> None:
        items, self._groups = to_groups.shape
        rows = np.arange(items)
        self._means = np.concatenate([to_groups, to_items], axis=1)
        self._means[rows, rows + self._groups] = NEVER
        self._sizes = np.concatenate([group_sizes, np.ones(items, np.int64)])
        self._nearest = self._means.argmax(axis=1)
        self._highest = self._means[rows, self._nearest]

    def find_nearest(self, threshold: float) -> tuple[int, int] | None:
        """Returns row and column of the two groups that become one next; None if no two are near.

        Of two new groups, the row is that of the later one.
        """
        row = int(self._highest.argmax())
        if self._highest[row] < threshold:
            return None
        column = int(self._nearest[row])
        if column < self._groups:
            return row, column
        first, second = sorted((row, column - self._groups))
        return second, first + self._groups

    def merge(self, row: int, column: int) -> None:
        """Makes the group of `row` a part of the group of `column`."""
        own = row + self._groups
        share = self._sizes[own] / (self._sizes[own] + self._sizes[column])
        self._sizes[column] += self._sizes[own]
        self._means[:, column] = self._means[:, column] * (1 - share) + self._means[:, own] * share
        if column >= self._groups:
            kept = column - self._groups
            self._means[kept] = self._means[kept] * (1 - share) + self._means[row] * share
            self._means[kept, column] = NEVER
        self._means[:, own] = NEVER
        self._means[row] = NEVER
        stale = (self._nearest == own) | (self._nearest == column)
        stale[row] = True
        if column >= self._groups:
            stale[column - self._groups] = True
        rows = np.flatnonzero(stale)
        self._nearest[rows] = self._means[rows].argmax(axis=1)
        self._highest[rows] = self._means[rows, self._nearest[rows]]
