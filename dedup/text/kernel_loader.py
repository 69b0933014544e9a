"""Loads the compiled kernel (extra `fast`) once a process has handled many texts."""

import importlib
import importlib.util
import logging
import os
from functools import cache
from itertools import count
from types import ModuleType

log = logging.getLogger(__name__)

_CALLS_BEFORE_LOADING = 9_000
"""Calls of `load_kernel`, three per text, before the kernel is loaded. Loading takes 0.5 s and 130
MB, which a crawl never earns back.
"""

_calls = count()


def load_kernel() -> ModuleType | None:
    """Returns `dedup.text.kernel`, or None if the caller should use NumPy.

    Both give the same results bit for bit. The environment variable NKWIRE_KERNEL set to `0` never
    loads the kernel, `1` loads it from the first text on.
    """
    if not _is_available() or (next(_calls) < _CALLS_BEFORE_LOADING and not _is_forced()):
        return None
    return _import_kernel()


@cache
def _import_kernel() -> ModuleType | None:
    try:
        return importlib.import_module("dedup.text.kernel")
    except (ImportError, RuntimeError) as error:  # Numba has no writable cache folder
        log.warning("signatures are made by NumPy alone: %s", error)
        return None


@cache
def _is_forced() -> bool:
    return os.environ.get("NKWIRE_KERNEL") == "1"


@cache
def _is_available() -> bool:
    """Returns whether Numba is installed and NKWIRE_KERNEL does not forbid it."""
    return os.environ.get("NKWIRE_KERNEL") != "0" and importlib.util.find_spec("numba") is not None
