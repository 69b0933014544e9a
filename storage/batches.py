"""Splits work into batches, as `itertools.batched` of Python 3.12 does, and reports progress."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

ROWS_PER_BATCH = 500
"""Rows that are read or written at a time: few statements, and little memory."""

ProgressCallback = Callable[[int, int], None]
"""Is called with what is done and with the total."""


def batched(values: Iterable[T], size: int = ROWS_PER_BATCH) -> Iterator[list[T]]:
    """Yields the values in order, in lists of `size`; the last list may be shorter."""
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch
