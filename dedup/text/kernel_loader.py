"""Loads the compiled kernel (extra `fast`) once a process has handled many texts."""

import importlib
import logging
from functools import cache
from itertools import count
from types import ModuleType
from typing import Literal

log = logging.getLogger(__name__)

_CALLS_BEFORE_LOADING = 9_000
"""Calls of `load_kernel`, three per text, before the kernel is loaded. Loading takes 0.5 s and 130
MB, which a crawl never earns back.
"""

KernelMode = Literal["auto", "0", "1"]
"""When the kernel is loaded: after many texts, never, or from the first text on."""

_calls = count()
_mode: KernelMode = "auto"


def use_kernel(mode: KernelMode) -> None:
    """Sets when this process loads the kernel; `auto` is the default."""
    global _mode  # of the process, as the loaded kernel is
    _mode = mode


def load_kernel() -> ModuleType | None:
    """Returns `dedup.text.kernel`, or None if the caller should use NumPy.

    Both give the same results bit for bit.
    """
    if _mode == "0" or (_mode == "auto" and next(_calls) < _CALLS_BEFORE_LOADING):
        return None
    return _import_kernel()


@cache
def _import_kernel() -> ModuleType | None:
    try:
        return importlib.import_module("dedup.text.kernel")
    except ModuleNotFoundError:  # the extra `fast` is not installed
        return None
    except (ImportError, RuntimeError) as error:  # Numba has no writable cache folder
        log.warning("signatures are made by NumPy alone: %s", error)
        return None
