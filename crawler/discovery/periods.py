"""Reads days and months from URLs of sitemaps and of articles."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_YEAR = r"(?<!\d)((?:19[4-9]|20[0-9])\d)"
_DAY = re.compile(_YEAR + r"([-/_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(_YEAR + r"[-/_.](0?[1-9]|1[0-2])(?!\d)")
_MONTH_IN_QUERY = re.compile(r"[?&](?:yyyy|year)=(\d{4})&(?:mm|month)=(0?[1-9]|1[0-2])(?!\d)")
_COMPACT_MONTH = re.compile(_YEAR + r"(0[1-9]|1[0-2])(?!\d)")
# Time zones differ by up to a day, and outlets date a text by its writing or by its printing.
PERIOD_TOLERANCE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Period:
    """A time span of whole days, UTC; `end` is exclusive."""

    start: datetime
    end: datetime

    def is_outside(self, since: datetime | None, until: datetime | None) -> bool:
        """Returns whether the period surely lies outside a window, given the tolerance."""
        if since and self.end + PERIOD_TOLERANCE < since:
            return True
        return bool(until and self.start - PERIOD_TOLERANCE > until)


def period_of_article_url(url: str) -> Period | None:
    """Returns the day or month in an article's URL; None if there is none or more than one."""
    periods = list(_days(url)) or list(_months(url, _MONTH))
    return periods[0] if len(set(periods)) == 1 else None


def period_of_sitemap_url(url: str) -> Period | None:
    """Returns the period that a sitemap's URL names, from its first date to its last; else None."""
    periods = list(_days(url)) or [
        month
        for pattern in (_MONTH, _MONTH_IN_QUERY, _COMPACT_MONTH)
        for month in _months(url, pattern)
    ]
    if not periods:
        return None
    return Period(min(period.start for period in periods), max(period.end for period in periods))


def _days(url: str) -> Iterator[Period]:
    for year, _, month, day in _DAY.findall(url):
        try:
            start = datetime(int(year), int(month), int(day), tzinfo=UTC)
        except ValueError:
            continue
        yield Period(start, start + timedelta(days=1))


def _months(url: str, pattern: re.Pattern[str]) -> Iterator[Period]:
    for year, month in pattern.findall(url):
        start = datetime(int(year), int(month), 1, tzinfo=UTC)
        yield Period(start, (start + timedelta(days=31)).replace(day=1))
