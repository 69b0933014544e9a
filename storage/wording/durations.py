"""Durations as they are typed and printed: 45s, 15m, 1h30m, 2d, 1y. What is printed can be typed."""

import re
from datetime import timedelta

from storage.errors import InvalidRequest

_UNITS = (
    ("y", timedelta(days=365)),
    ("d", timedelta(days=1)),
    ("h", timedelta(hours=1)),
    ("m", timedelta(minutes=1)),
    ("s", timedelta(seconds=1)),
)
_PATTERN = re.compile(
    r"(?:(\d{1,4})y(?:ears?)?)?(?:(\d{1,6})d(?:ays?)?)?(?:(\d{1,7})h(?:ours?)?)?"
    r"(?:(\d{1,8})m(?:in(?:utes?)?)?)?(?:(\d{1,9})s(?:ec(?:onds?)?)?)?"
)


class InvalidDurationError(InvalidRequest):
    """A duration cannot be parsed."""


def parse_duration(text: str) -> timedelta:
    """Parses a duration such as `45s`, `15m`, `1h30m`, `2d` or `1y` (365 days).

    Also reads long units (`15 min`, `2 hours`). Raises InvalidDurationError.
    """
    match = _PATTERN.fullmatch("".join(text.split()).lower())
    if match is None or not any(match.groups()):
        raise InvalidDurationError(
            f"{text!r} is no duration: write it as 45s, 15m, 1h30m, 2d or 1y"
        )
    numbers = (int(group or 0) for group in match.groups())
    return sum(
        (number * unit for number, (_, unit) in zip(numbers, _UNITS, strict=True)), timedelta(0)
    )


def format_duration(duration: timedelta) -> str:
    """Returns a duration to the second, as `parse_duration` reads it: 15m, 1h30m, 2d, 0s."""
    rest = timedelta(seconds=round(duration.total_seconds()))
    parts = []
    for name, unit in _UNITS:
        number, rest = divmod(rest, unit)
        if number:
            parts.append(f"{number}{name}")
    return "".join(parts) or "0s"
