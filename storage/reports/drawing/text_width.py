"""Measures and shortens texts by columns: a Korean, Chinese or Japanese letter takes two. No I/O."""

from unicodedata import combining, east_asian_width


def count_columns(text: str) -> int:
    """Returns the width of a text in columns, as a terminal counts them (UAX #11)."""
    return sum(_columns_of(letter) for letter in text)


def shorten(text: str, most: int) -> str:
    """Returns a text of at most `most` columns; what is longer ends in `…`."""
    if count_columns(text) <= most:
        return text
    taken, kept = 1, []
    for letter in text:
        taken += _columns_of(letter)
        if taken > most:
            break
        kept.append(letter)
    return "".join(kept).rstrip() + "…"


def _columns_of(letter: str) -> int:
    if combining(letter):
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1
