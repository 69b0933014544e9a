"""Knows the values that say in tables of other programs that there is none. No I/O."""

from math import isnan
from typing import Any

# What pandas, Excel and databases write into a cell that has no value, in exactly this case.
MISSING_WORDS = frozenset(
    {"", "nan", "NaN", "NaT", "None", "<NA>", "null", "NULL"}
    | {"#N/A", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"}
)


def is_missing(value: Any) -> bool:
    """Returns whether a value says that there is none: None, NaN, or such a word."""
    if isinstance(value, str):
        return value in MISSING_WORDS
    return value is None or (isinstance(value, float) and isnan(value))
