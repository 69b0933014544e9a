"""Many values in handfuls: what `itertools.batched` is from Python 3.12 on."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """The values in order, `size` at a time; the last time as many as are left."""
    waiting = iter(values)
    while some := list(islice(waiting, size)):
        yield some
