"""Removes characters that no reader sees, so that they cannot hide a copy."""

import re

import numpy as np
from numpy.typing import NDArray

# Soft hyphen, Arabic letter mark, marks of width and direction, joiners, byte order mark,
# variation selectors, tags (Unicode 15, properties Default_Ignorable_Code_Point and Bidi_Control).
_HIDDEN = (
    r"\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
    r"\U000e0000-\U000e007f\U000e0100-\U000e01ef"
)
_HIDDEN_RUN = re.compile(f"[{_HIDDEN}]+")


def strip_hidden(text: str) -> str:
    """Returns the text without hidden characters."""
    return text if text.isascii() else _HIDDEN_RUN.sub("", text)


def strip_hidden_with_origins(text: str) -> tuple[str, NDArray[np.int64] | None]:
    """Returns the text without hidden characters, and where each kept one was in the text.

    The origins are int64[len(result)], or None if nothing was removed.
    """
    stripped = strip_hidden(text)
    if len(stripped) == len(text):
        return text, None
    is_kept = np.ones(len(text), np.bool_)
    for found in _HIDDEN_RUN.finditer(text):
        is_kept[found.start() : found.end()] = False
    return stripped, np.flatnonzero(is_kept)
