"""Splits an iterable into batches, like `itertools.batched` of Python 3.12."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yields the values in order, in lists of `size`; the last list may be shorter."""
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch
