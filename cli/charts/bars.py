"""Draws numbers as bars in a terminal."""

import locale

_EIGHTHS = " ▏▎▍▌▋▊▉"
_FULL, _ASCII = "█", "#"


def bar(number: int, most: int, width: int, *, is_ascii: bool = False) -> str:
    """Returns a bar for a number; that for `most` is `width` characters long.

    A number above 0 has a bar that can be seen. Is precise to an eighth of a character, or to a
    whole one in ASCII.
    """
    if number <= 0 or most <= 0:
        return ""
    if is_ascii:
        return _ASCII * max(1, round(width * number / most))
    eighths = max(1, round(8 * width * number / most))
    return _FULL * (eighths // 8) + _EIGHTHS[eighths % 8].strip()


def needs_ascii() -> bool:
    """Returns whether the locale has no Unicode, so that a terminal may show bars as junk."""
    return locale.getencoding().lower().replace("-", "") != "utf8"
