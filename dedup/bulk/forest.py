"""Who is connected with whom: a union-find forest over the numbers 0, 1, 2 ..."""

from array import array

import numpy as np
from numpy.typing import NDArray


class Forest:
    """Trees of numbers; the root of each is its smallest number (Tarjan 1975, path halving)."""

    def __init__(self, size: int = 0) -> None:
        self._parents = array("q", range(size))

    def __len__(self) -> int:
        return len(self._parents)

    def grow(self) -> None:
        """Add the next number, connected with none."""
        self._parents.append(len(self._parents))

    def connect(self, a: int, b: int) -> None:
        """Make two numbers, and all that is connected with them, one tree."""
        low, high = sorted((self.root(a), self.root(b)))
        self._parents[high] = low

    def root(self, number: int) -> int:
        """The smallest number that this one is connected with."""
        parents = self._parents
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    def roots(self) -> NDArray[np.int64]:
        """int64[n]: the root of each number."""
        return np.array([self.root(number) for number in range(len(self))], np.int64)
