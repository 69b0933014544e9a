"""Computes how much later one article appeared than another, as a range. No I/O."""

from dataclasses import dataclass
from datetime import timedelta

from storage.reports.origin import Appearance

_ONE_MINUTE = timedelta(minutes=1)
EXACT_WIDTH = timedelta(minutes=2)
"""A delay between two times that are known to the minute has at most this width."""


@dataclass(frozen=True, slots=True)
class DelayRange:
    """A delay of more than `low` and less than `high`; None: the end is not known."""

    low: timedelta | None = None
    high: timedelta | None = None

    @property
    def may_be_earlier(self) -> bool | None:
        """Whether the delay may be less than zero; None if neither end is known."""
        if self.low is None:
            return None if self.high is None else True
        return self.low < timedelta(0)

    @property
    def is_earlier(self) -> bool:
        """Whether the delay is surely less than zero."""
        return self.high is not None and self.high <= timedelta(0)

    @property
    def exact(self) -> timedelta | None:
        """The middle of a range that is known to the minute, else None."""
        if self.low is None or self.high is None or self.high - self.low > EXACT_WIDTH:
            return None
        return self.low + (self.high - self.low) / 2

    def as_words(self) -> str:
        """Returns the range for people, "" if neither end is known: `10 min to 30 min`."""
        perhaps = " (perhaps earlier)" if self.may_be_earlier and not self.is_earlier else ""
        if self.low is None:
            return "" if self.high is None else f"less than {format_delay(self.high)}{perhaps}"
        if self.high is None:
            return f"more than {format_delay(self.low)}{perhaps}"
        plus = "+" if self.low < timedelta(0) < self.high else ""
        return f"{format_delay(self.low)} to {plus}{format_delay(self.high)}{perhaps}"

    def as_later_words(self) -> str:
        """Returns how much later, for people: `13–88 min later`, `up to 64 min later, perhaps earlier`.

        One delay for a range that is known to the minute, `2.0 h later`. "not known" if neither end
        is known. An end below zero is said and never cut off.
        """
        if self.low is None and self.high is None:
            return "not known"
        if self.high is None:
            assert self.low is not None
            perhaps = "" if self.low >= timedelta(0) else ", perhaps earlier"
            return f"more than {format_delay(max(self.low, timedelta(0)))} later{perhaps}"
        if self.is_earlier:
            least = -self.high
            if self.low is None:
                return f"more than {format_delay(least)} earlier"
            if self.exact is not None and -self.exact >= _ONE_MINUTE:
                return f"{format_delay(-self.exact)} earlier"
            return f"{_format_range(least, -self.low)} earlier"
        if self.low is None or self.low < timedelta(0):
            if self.high < _ONE_MINUTE:
                return "not later, perhaps earlier"
            return f"up to {format_delay(self.high)} later, perhaps earlier"
        if self.exact is not None and self.exact >= _ONE_MINUTE:
            return f"{format_delay(self.exact)} later"
        if self.low < _ONE_MINUTE:
            return f"up to {format_delay(self.high)} later"
        return f"{_format_range(self.low, self.high)} later"

    def as_rounded_words(self) -> str:
        """Returns one delay for a range that is known to the minute, else as `as_words`."""
        if self.exact is None or self.may_be_earlier != self.is_earlier:
            return self.as_words()
        return format_delay(self.exact)


def compute_polled_delay(first: Appearance, later: Appearance) -> DelayRange:
    """Returns how much later the second article appeared, by the polls alone."""
    return DelayRange(
        None if later.after is None else later.after - first.by,
        None if first.after is None else later.by - first.after,
    )


def compute_stated_delay(first: Appearance, later: Appearance) -> DelayRange:
    """Returns how much later the second article appeared, by the stated times alone.

    A date stands for all times of its day, so the delay is a range. Both ends are None if an outlet
    states no time.
    """
    if first.stated is None or later.stated is None:
        return DelayRange()
    one, other = first.stated.range, later.stated.range
    return DelayRange(other.start - one.end, other.end - one.start)


def compute_delay(first: Appearance, later: Appearance) -> DelayRange:
    """Returns how much later the second article appeared, by polls and stated times together."""
    one, other = first.range, later.range
    return DelayRange(
        None if other.start is None else other.start - one.end,
        None if one.start is None else other.end - one.start,
    )


def to_seconds(delay: timedelta | None) -> float | None:
    """Returns a delay in seconds; None stays None."""
    return None if delay is None else delay.total_seconds()


def format_delay(delay: timedelta) -> str:
    """Returns a delay in minutes, hours or days: `-5 min`, `2.5 h`, `3.0 d`."""
    minutes = abs(round(delay.total_seconds() / 60))
    sign = "-" if delay < timedelta(0) and minutes else ""
    if minutes < 120:
        return f"{sign}{minutes} min"
    return f"{sign}{minutes / 60:.1f} h" if minutes < 2880 else f"{sign}{minutes / 1440:.1f} d"


def _format_range(least: timedelta, most: timedelta) -> str:
    """Returns two delays with their unit once, if it is one: `13–88 min`, `40 min–2.5 h`."""
    one, other = format_delay(least), format_delay(most)
    if one == other:
        return one
    number, unit = one.split(" ")
    return f"{number}–{other}" if other.endswith(f" {unit}") else f"{one}–{other}"
