"""Parses dates printed in listings, in the outlet's time zone and languages."""

from dataclasses import dataclass
from datetime import datetime

from crawler.extract.dates.dates import parse_date
from crawler.extract.dates.relative import parse_relative_date


@dataclass(frozen=True, slots=True)
class ListedTime:
    """A time and its precision (a `TimePrecision` value); `at` is None if there was none."""

    at: datetime | None = None
    precision: str = ""


@dataclass(frozen=True, slots=True)
class ListingDateParser:
    """Parses printed dates.

    `timezone`: IANA name. `now`: aware; the time of the fetch, which completes relative dates.
    """

    timezone: str
    languages: tuple[str, ...]
    now: datetime

    def parse(self, text: str) -> ListedTime:
        """Returns the time in a printed text; an empty one if it is unreadable or impossible."""
        printed = text.strip()[:200]
        if not printed:
            return ListedTime()
        zone, languages, now = self.timezone, self.languages, self.now
        parsed = parse_date(
            printed, timezone=zone, languages=languages, now=now
        ) or parse_relative_date(printed, timezone=zone, languages=languages, now=now)
        return ListedTime(parsed.at, str(parsed.precision)) if parsed else ListedTime()
