"""A time that a page states, with the place that states it, and the parser of a page's times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from crawler.extract.dates.dates import ParsedDate, is_plausible_time, parse_date
from storage.records import TimePrecision


@dataclass(frozen=True, slots=True)
class DateClaim:
    """A time, and the place on the page that states it."""

    time: ParsedDate
    source: str


@dataclass(frozen=True, slots=True)
class PageDateParser:
    """Parses the times on one page.

    `zone`: the outlet's IANA zone, "" if unknown. `guessed_zone`: that of the host's country or the
    page's language, the last resort. `now`: aware, the time of the fetch.
    """

    zone: str
    guessed_zone: str
    languages: Sequence[str]
    now: datetime

    def parse(self, text: str, format: str = "") -> ParsedDate | None:
        """Returns the time in a text, as `parse_date`; `format` is a strptime format."""
        return parse_date(
            text,
            timezone=self.zone,
            languages=self.languages,
            now=self.now,
            date_format=format,
            likely_zone=self.guessed_zone,
        )


def is_near(one: ParsedDate, other: ParsedDate, limit: timedelta = timedelta(hours=26)) -> bool:
    """Returns whether two times are at most `limit` apart; days without a clock, 4 hours more."""
    if one.has_time and other.has_time:
        return abs(one.at - other.at) <= limit
    return abs(one.at.replace(tzinfo=UTC) - other.at.replace(tzinfo=UTC)) <= limit + timedelta(
        hours=4
    )


def claim_from_listing(
    at: datetime, precision: str, now: datetime, source: str = "listing"
) -> DateClaim | None:
    """Returns a listing's time as a claim; None if it has no zone or is implausible.

    `precision`: a `TimePrecision` value; "" means minute.
    """
    if at.tzinfo is None or not is_plausible_time(at, now):
        return None
    time_precision = TimePrecision(precision) if precision else TimePrecision.MINUTE
    return DateClaim(
        ParsedDate(at, time_precision, has_zone=True, raw=at.isoformat(), zone_printed=True), source
    )
