"""Who is connected with whom: a union-find forest over the numbers 0, 1, 2 ..."""

from array import array

import numpy as np
from numpy.typing import NDArray


class UnionFind:
    """Trees of numbers; the root of each is its smallest number (Tarjan 1975, path halving)."""

    def __init__(self, size: int = 0) -> None:
        self._parents = array("q", range(size))

    def __len__(self) -> int:
        return len(self._parents)

    def add(self) -> None:
        """Add the next number, connected with none."""
        self._parents.append(len(self._parents))

    def union(self, a: int, b: int) -> None:
        """Make two numbers, and all that is connected with them, one tree."""
        low, high = sorted((self.find(a), self.find(b)))
        self._parents[high] = low

    def find(self, number: int) -> int:
        """The smallest number that this one is connected with."""
        parents = self._parents
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    def find_all(self) -> NDArray[np.int64]:
        """int64[n]: the root of each number."""
        return np.array([self.find(number) for number in range(len(self))], np.int64)
