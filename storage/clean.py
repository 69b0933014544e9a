"""The border: what text and times may go into the database. Pure functions.

Kept out of every text: NUL and other control characters, lone surrogates (JSON can carry them) and
the two non-characters XML forbids. Surrogates and non-characters become U+FFFD, line ends of all
kinds become a newline, the rest goes without a trace. The raw bytes are in the WARC.
"""

import re
from datetime import UTC, datetime, timedelta

OLDEST_DATE = datetime(1945, 1, 1, tzinfo=UTC)
MAX_TIME_AHEAD = timedelta(days=2)

_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")
_CONTROL_CHARS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_INVALID_CHARS = re.compile("[\ud800-\udfff\ufffe\uffff]")
_WHITE_SPACE = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """Several lines of text, fit for any database and any export."""
    if text.replace("\n", "").isprintable():
        return text
    text = _CONTROL_CHARS.sub("", _LINE_END.sub("\n", text))
    return _INVALID_CHARS.sub("\ufffd", text)


def clean_line(text: str) -> str:
    """One line of text: white space of all kinds is one space, none at the ends."""
    return _WHITE_SPACE.sub(" ", clean_text(text)).strip()


def plausible_time(at: datetime | None, captured_at: datetime) -> datetime | None:
    """The instant in UTC, or None where no article can be of it: before 1945, or after the capture
    by more than two days. Raises ValueError for a naive one.
    """
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError(f"the time {at.isoformat()} has no zone")
    # Not by astimezone: year 1 or 9999 with an offset overflows.
    inside = OLDEST_DATE <= at <= captured_at + MAX_TIME_AHEAD
    return at.astimezone(UTC) if inside else None
