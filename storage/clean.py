"""Cleans text and checks times before they are stored; formats times. Pure functions.

No stored text holds control characters (NUL among them), lone surrogates (JSON can carry them) or
the two non-characters that XML forbids. Surrogates and non-characters become U+FFFD, all kinds of
line ends become a newline, and control characters are removed. The WARC keeps the raw bytes.
"""

import re
from datetime import UTC, datetime, timedelta

OLDEST_DATE = datetime(1945, 1, 1, tzinfo=UTC)
MAX_TIME_AHEAD = timedelta(days=2)

_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
_INVALID = "\ud800-\udfff\ufffe\uffff"

# Joiners (ZWNJ, ZWJ) are part of the spelling between letters of Arabic, Indic, Tibetan, Burmese,
# Khmer and Mongolian script, and join emoji. Anywhere else they only hide a difference of two texts.
_JOINED = (
    "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ufb50-\ufdff\ufe0f\ufe70-\ufefc"
    "\u2190-\u2bff\U0001f000-\U0001faff"
)
_STRAY_JOINER = f"(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])"

# What no output shows as it is: controls but tab and newline, bidirectional marks and overrides,
# lone surrogates, the two non-characters that XML forbids, characters without width, which hide
# words from a search or a reader, and tag characters, which carry hidden text.
UNSAFE_CHARS = re.compile(
    f"[{_CONTROLS}{_INVALID}\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
    f"\U000e0000-\U000e007f]|{_STRAY_JOINER}"
)

_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")
_CONTROL_CHARS = re.compile(f"[{_CONTROLS}]")
_INVALID_CHARS = re.compile(f"[{_INVALID}]")
_WHITE_SPACE = re.compile(r"\s+")


def clean_text(text: str) -> str:
    """Returns a text of several lines that any database and any export format accepts."""
    if text.replace("\n", "").isprintable():
        return text
    text = _CONTROL_CHARS.sub("", _LINE_END.sub("\n", text))
    return _INVALID_CHARS.sub("\ufffd", text)


def clean_line(text: str) -> str:
    """Returns the text as one line: each run of white space is one space, the ends are stripped."""
    return _WHITE_SPACE.sub(" ", clean_text(text)).strip()


def plausible_time(at: datetime | None, captured_at: datetime) -> datetime | None:
    """Returns the time in UTC, or None if it is not plausible for an article.

    Plausible times lie between 1945 and two days after the capture. Raises ValueError for a naive
    datetime.
    """
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError(f"the time {at.isoformat()} has no zone")
    # Compared before `astimezone`, which overflows for the years 1 and 9999 with an offset.
    is_plausible = OLDEST_DATE <= at <= captured_at + MAX_TIME_AHEAD
    return at.astimezone(UTC) if is_plausible else None


def format_utc(at: datetime, timespec: str = "auto") -> str:
    """Returns an aware time in UTC as ISO 8601 with a `Z`. `timespec`: as of `isoformat`."""
    return at.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def printable(text: str) -> str:
    """Replaces characters that deceive the eye or a terminal by visible escapes.

    They are those of `UNSAFE_CHARS`: ESC, NUL, bidirectional overrides, characters without width.
    """
    if text.isprintable():
        return text
    return UNSAFE_CHARS.sub(lambda found: ascii(found[0])[1:-1], text)
