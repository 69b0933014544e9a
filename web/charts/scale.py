"""Places delays on the one scale on which all of them are drawn. Pure."""

from dataclasses import dataclass
from math import log1p

MINUTES_PER_UNIT = 4
"""The scale is log(1 + minutes / 4): minutes stay apart, and days still fit."""
DAY = 1440
MAX_MINUTES = 3 * DAY
TICKS = ((10, "10 min"), (60, "1 h"), (360, "6 h"), (DAY, "1 d"), (MAX_MINUTES, "3 d"))
"""Minutes, and what is written there."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Places delays between `left` and `right`, in pixels. `least`: the earliest, in minutes <= 0."""

    left: float
    right: float
    least: float = 0

    @property
    def zero(self) -> float:
        """Where a delay of zero is."""
        return self.place(0)

    @property
    def ticks(self) -> tuple[tuple[float, str], ...]:
        """The places of the ticks, earliest first, and their words; those before zero have a sign."""
        before = [(-minutes, f"−{words}") for minutes, words in TICKS if -minutes >= self.least]
        both = [*reversed(before), *TICKS]
        return tuple((self.place(minutes), words) for minutes, words in both)

    def place(self, minutes: float) -> float:
        """Returns where a delay is drawn; one beyond the ends is drawn at the end."""
        low, high = -_bend(-self.least), _bend(MAX_MINUTES)
        bent = _bend(minutes) if minutes >= 0 else -_bend(-minutes)
        share = (min(max(bent, low), high) - low) / (high - low)
        return round(self.left + share * (self.right - self.left), 1)

    def is_beyond(self, minutes: float) -> bool:
        """Returns whether a delay lies outside the scale."""
        return minutes > MAX_MINUTES or minutes < self.least


def round_down(minutes: float) -> float:
    """Returns the tick at or before a delay below zero, at most a day; 0 for others."""
    if minutes >= 0:
        return 0
    return next((-each for each, _ in TICKS[:4] if -each <= minutes), -DAY)


def _bend(minutes: float) -> float:
    return log1p(minutes / MINUTES_PER_UNIT)
