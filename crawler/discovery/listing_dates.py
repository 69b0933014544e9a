"""Dates printed in listings, read in the outlet's own zone and languages."""

from dataclasses import dataclass
from datetime import datetime

from crawler.extract.dates.dates import parse_date
from crawler.extract.dates.relative import parse_relative_date


@dataclass(frozen=True, slots=True)
class ListedTime:
    """A time with how exactly it is known; `at` None: there was none to read."""

    at: datetime | None = None
    precision: str = ""


@dataclass(frozen=True, slots=True)
class ListingDateParser:
    """What the reading of a printed date depends on."""

    timezone: str
    languages: tuple[str, ...]
    now: datetime

    def parse(self, text: str) -> ListedTime:
        """Read a printed date; an unreadable or impossible one is an empty stamp."""
        words = text.strip()[:200]
        if not words:
            return ListedTime()
        zone, languages, now = self.timezone, self.languages, self.now
        parsed = parse_date(
            words, timezone=zone, languages=languages, now=now
        ) or parse_relative_date(words, timezone=zone, languages=languages, now=now)
        return ListedTime(parsed.at, str(parsed.precision)) if parsed else ListedTime()
