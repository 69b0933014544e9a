"""Decides whether the lead document of a report is its original.

An article appeared within a range of time. It began after the last poll that did not list it, and
ended when the article was first seen. The time that the outlet states narrows the range. No I/O.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from storage.stated_time import StatedTime


class Origin(StrEnum):
    """What is known of the lead document of a report."""

    ORIGINAL = "original"  # the agency's own text, or earlier than all others by their times
    FIRST_SEEN = "first-seen"  # known earlier than all others, but another may have appeared before
    UNKNOWN = "unknown"  # the times do not tell which article was first


class AppearanceRange(NamedTuple):
    """A range of time from `start` (None: not known) to `end`.

    Of two ranges that touch, the first is earlier: a poll without the article came before it, and a
    stated minute or day ends before the next one begins.
    """

    start: datetime | None
    end: datetime

    def is_before(self, other: "AppearanceRange") -> bool:
        """Returns whether this range ends before the other begins."""
        if other.start is None or self.end > other.start:
            return False
        return self.start is None or self.start < other.end  # one instant is not before itself


@dataclass(frozen=True, slots=True)
class Appearance:
    """When an article appeared: after `after` (None: not known) and not after `by`.

    `stated`: the time that the outlet gives. `is_agency`: the article is the agency's own text.
    """

    after: datetime | None
    by: datetime
    stated: StatedTime | None = None
    is_agency: bool = False

    @property
    def range(self) -> AppearanceRange:
        """The range in which the article appeared, by polls and by the stated time.

        A stated time after the first sight is ignored. A stated time before the last poll without
        the article extends the range, since listings lag behind.
        """
        if self.stated is None or self.stated.range.start > self.by:
            return AppearanceRange(self.after, self.by)
        start, end = self.stated.range
        if self.after is not None and self.after >= end:
            return AppearanceRange(start, self.by)
        return AppearanceRange(max(start, self.after or start), min(end, self.by))

    @property
    def ends_with_a_date(self) -> bool:
        """Whether the end of the range is that of a stated day, month or year."""
        stated = self.stated
        return bool(stated and not stated.has_clock and self.range.end == stated.range.end)


def decide_origin(lead: Appearance, others: Iterable[Appearance]) -> Origin:
    """Returns what is known of the lead document, given the other articles of its report.

    The agency's own text is the original, whoever was seen first. Another article is the original
    only if its range ends before the range of each other article begins, and there is another. It
    is FIRST_SEEN if its range ends before the other ranges end, unless mere dates overlap.
    """
    if lead.is_agency:
        return Origin.ORIGINAL
    others = list(others)
    if any(each.is_agency for each in others):
        return Origin.UNKNOWN
    if others and all(is_surely_before(lead, each) for each in others):
        return Origin.ORIGINAL
    is_first = all(_is_known_before(lead, each) for each in others)
    return Origin.FIRST_SEEN if is_first else Origin.UNKNOWN


def is_surely_before(one: Appearance, other: Appearance) -> bool:
    """Returns whether the range of one article ends before that of the other begins."""
    return one.range.is_before(other.range)


def _is_known_before(one: Appearance, other: Appearance) -> bool:
    if one.ends_with_a_date and other.ends_with_a_date and not is_surely_before(one, other):
        return False
    return one.range.end < other.range.end
