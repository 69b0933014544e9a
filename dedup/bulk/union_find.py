"""Finds connected components with a union-find forest over the numbers 0, 1, 2 ..."""

from array import array

import numpy as np
from numpy.typing import NDArray


class UnionFind:
    """A union-find forest; the root of each tree is its smallest number.

    Uses path halving (Tarjan and van Leeuwen 1984).
    """

    def __init__(self, size: int = 0) -> None:
        self._parents = array("q", range(size))

    def __len__(self) -> int:
        return len(self._parents)

    def add(self) -> None:
        """Adds the next number as a tree of its own."""
        self._parents.append(len(self._parents))

    def union(self, a: int, b: int) -> None:
        """Merges the trees of two numbers."""
        smaller_root, larger_root = sorted((self.find(a), self.find(b)))
        self._parents[larger_root] = smaller_root

    def find(self, number: int) -> int:
        """Returns the root of a number's tree, which is the smallest number in it."""
        parents = self._parents
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    def find_all(self) -> NDArray[np.int64]:
        """Returns int64[n], the root of each number."""
        return np.array([self.find(number) for number in range(len(self))], np.int64)
