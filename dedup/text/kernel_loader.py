"""Whether the inner loops run as machine code: the extra `fast`, once a process has many texts."""

import importlib
import importlib.util
import logging
import os
from functools import cache
from itertools import count
from types import ModuleType

log = logging.getLogger(__name__)

_CALLS_BEFORE_LOADING = 9_000
"""Calls, three for a text, before a process loads the compiler: half a second and 130 MB, which a
crawl never earns back."""

_calls = count()


def load_kernel() -> ModuleType | None:
    """`dedup.text.kernel` where it is worth it; None: NumPy does the same, bit for bit.

    The environment variable NKWIRE_KERNEL says `0` for never, `1` for from the first text on.
    """
    if not _is_available() or (next(_calls) < _CALLS_BEFORE_LOADING and not _is_forced()):
        return None
    return _import_kernel()


@cache
def _import_kernel() -> ModuleType | None:
    try:
        return importlib.import_module("dedup.text.kernel")
    except (ImportError, RuntimeError) as error:  # Numba without a folder for what it compiles
        log.warning("signatures are made by NumPy alone: %s", error)
        return None


@cache
def _is_forced() -> bool:
    return os.environ.get("NKWIRE_KERNEL") == "1"


@cache
def _is_available() -> bool:
    """Whether Numba is there and nobody said no."""
    return os.environ.get("NKWIRE_KERNEL") != "0" and importlib.util.find_spec("numba") is not None
