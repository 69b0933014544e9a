"""Times as the press prints them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from storage.records import Precision


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A time read from text. `at` is aware, in UTC where the zone was not printed nor given."""

    at: datetime
    precision: Precision
    has_zone: bool
    raw: str = ""


_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?"
)


def parse_date(
    text: str, *, timezone: str, languages: Sequence[str] = (), now: datetime, format: str = ""
) -> ParsedDate | None:
    """Read a time; None if there is none in it, or an impossible one."""
    zone = ZoneInfo(timezone) if timezone else UTC
    try:
        if format:
            at = datetime.strptime(text.strip(), format)
            at = at if at.tzinfo else at.replace(tzinfo=zone)
            return ParsedDate(at, Precision.MINUTE, True, text)
        found = _ISO.search(text)
        if not found:
            return None
        year, month, day, hour, minute, second, offset = found.groups()
        at = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0),
                      int(second or 0), tzinfo=_offset(offset) or zone)  # fmt: skip
    except ValueError:
        return None
    precision = Precision.SECOND if second else Precision.MINUTE if hour else Precision.DAY
    if not datetime(1945, 1, 1, tzinfo=UTC) <= at <= now + timedelta(days=2):
        return None
    return ParsedDate(at, precision, bool(offset or timezone), text)


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[-2:])))
