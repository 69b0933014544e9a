"""Removes characters that no reader sees, so that they cannot hide a copy."""

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dedup.text.alphabet import codes_of

# Soft hyphen, Arabic letter mark, marks of width and direction, joiners, byte order mark,
# variation selectors, tags (Unicode 15, properties Default_Ignorable_Code_Point and Bidi_Control).
_HIDDEN_RUN = re.compile(
    r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff"
    r"\U000e0000-\U000e007f\U000e0100-\U000e01ef]+"
)
_BASIC_PLANE = 0x10000
_SHORT_CHARS = 300


def strip_hidden(text: str) -> str:
    """Returns the text without hidden characters."""
    is_clean = len(text) > _SHORT_CHARS and not _may_hide(text)
    return text if is_clean or text.isascii() else _HIDDEN_RUN.sub("", text)


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


def _may_hide(text: str) -> bool:
    """Returns False if no character is hidden; on long texts much faster than the pattern."""
    return not text.isascii() and bool(_suspects().take(codes_of(text), mode="clip").any())


@cache
def _suspects() -> NDArray[np.bool_]:
    """Returns for each character of the basic plane whether it is hidden; the last is for others."""
    characters = "".join(map(chr, range(_BASIC_PLANE)))
    suspects = np.zeros(_BASIC_PLANE, np.bool_)
    for found in _HIDDEN_RUN.finditer(characters):
        suspects[found.start() : found.end()] = True
    suspects[-1] = True  # characters beyond the basic plane are clipped to it
    return suspects
