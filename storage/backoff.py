"""Computes how long to wait after failures in a row, before the next attempt."""

from datetime import timedelta

_MAX_DOUBLINGS = 20  # a longer wait would overflow


def backoff(failures: int, first: timedelta, longest: timedelta = timedelta.max) -> timedelta:
    """Returns the wait after `failures` in a row: `first`, doubled with each further failure.

    It is never longer than `longest`, and 0 without a failure.
    """
    if failures <= 0:
        return timedelta(0)
    return min(first * 2.0 ** min(failures - 1, _MAX_DOUBLINGS), longest)
