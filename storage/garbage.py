"""Lets Python look for garbage less often, in processes that load much and then work for long.

Python looks through all objects of a process again and again for cycles that nothing refers to. Most
objects of nkwire are modules, patterns and tables that stay to the end, and its texts and rows are
in no cycles. The search takes a seventh of the time of an import.
"""

import gc

_OBJECTS_BEFORE_SEARCH = 50_000
_YOUNG_SEARCHES, _MIDDLE_SEARCHES = 20, 50  # before an older generation is searched


def collect_seldom() -> None:
    """Leaves out what is loaded already, and searches the rest after many more new objects."""
    gc.freeze()
    gc.set_threshold(_OBJECTS_BEFORE_SEARCH, _YOUNG_SEARCHES, _MIDDLE_SEARCHES)
