"""Dates printed in listings, read in the outlet's own zone and languages."""

from dataclasses import dataclass
from datetime import datetime

from crawler.extract.dates.dates import parse_date
from crawler.extract.dates.relative import read_leaning


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time with how exactly it is known; `at` None: there was none to read."""

    at: datetime | None = None
    precision: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """What the reading of a printed date depends on."""

    timezone: str
    languages: tuple[str, ...]
    now: datetime

    def read(self, text: str) -> Stamp:
        """Read a printed date; an unreadable or impossible one is an empty stamp."""
        words = text.strip()[:200]
        if not words:
            return Stamp()
        zone, languages, now = self.timezone, self.languages, self.now
        parsed = parse_date(words, timezone=zone, languages=languages, now=now) or read_leaning(
            words, timezone=zone, languages=languages, now=now
        )
        return Stamp(parsed.at, str(parsed.precision)) if parsed else Stamp()
