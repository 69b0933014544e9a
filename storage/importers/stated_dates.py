"""Reads the dates of other systems: ISO 8601, RFC 822, compact digits, seconds of 1970, Excel. No I/O.

A date that may mean two days means none: `03/04/2026` is refused, `25/12/2025` is read. Numbers are
read by their length, since no system writes all of them: `2026` is a year, `20260303` a day,
`1772528400` seconds of 1970.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

from storage.clean import OLDEST_DATE, clean_line
from storage.importers.juche_years import juche_to_iso
from storage.records import TimePrecision

NOT_UNDERSTOOD = "not understood: "
"""The beginning of the evidence for a time that a file states and nkwire cannot read."""

_MAX_CHARS = 100
_MONTHS_OF_YEAR, _HOURS_OF_HALF, _MAX_OFFSET_HOURS = 12, 12, 14
_LATEST_DATE = datetime(2100, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)  # Excel counts a 29th of February 1900
_EXCEL_DIGITS = 5
_FIRST_EXCEL_DAY, _LAST_EXCEL_DAY = 32874, 73050  # 1990 to 2099
# How many digits a number of seconds, milliseconds, microseconds, nanoseconds since 1970 has.
_EPOCH_UNITS = {9: 1, 10: 1, 12: 10**3, 13: 10**3, 15: 10**6, 16: 10**6, 18: 10**9, 19: 10**9}
_COMPACT_FORMATS = {
    4: ("%Y", TimePrecision.YEAR),
    6: ("%Y%m", TimePrecision.MONTH),
    8: ("%Y%m%d", TimePrecision.DAY),
    12: ("%Y%m%d%H%M", TimePrecision.MINUTE),
    14: ("%Y%m%d%H%M%S", TimePrecision.SECOND),
    17: ("%Y%m%d%H%M%S%f", TimePrecision.SECOND),
}
_NUMBER = re.compile(r"(-?\d{1,19})(\.\d{1,12})?")
_DOTTED_MONTH = re.compile(r"\d{4}\.(?:0[1-9]|1[0-2])")
_MISSING = re.compile(r"(?:nan|nat|none|null|n/?a|unknown|-+|[0:.T -]*)", re.IGNORECASE)

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?P<n>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_OFFSETS = {
    "z": 0, "utc": 0, "ut": 0, "gmt": 0, "kst": 9, "jst": 9, "hkt": 8, "sgt": 8, "msk": 3,
    "cet": 1, "cest": 2, "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
# CST is American or Chinese, IST Indian, Irish or Israeli: such a time is refused.
_ZONE = (
    r"(?:\s?(?:(?:utc|gmt)?(?P<offset>[+-]\d{1,2}(?::?\d\d)?)"
    rf"|(?P<zone>{'|'.join(_OFFSETS)}))(?:\s?\([^()]{{1,40}}\)|\[[\w/+-]{{1,40}}\])?)?"
)
_HALVES = {
    "am": 0, "a.m.": 0, "오전": 0, "午前": 0, "上午": 0,
    "pm": 12, "p.m.": 12, "오후": 12, "午後": 12, "下午": 12,
}  # fmt: skip
_HALF = "|".join(re.escape(each) for each in _HALVES)
_CLOCK = (
    rf"(?:(?P<half>{_HALF})\s?)?(?P<h>\d{{1,2}})(?:"
    r":(?P<min>\d\d)(?::(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?)?"
    r"|\s?[시時时点點](?:\s?(?P<min2>\d{1,2})\s?[분分](?:\s?(?P<s2>\d{1,2})\s?[초秒])?)?"
    rf"|(?=\s?(?:{_HALF})))(?:\s?(?P<half2>{_HALF}))?{_ZONE}"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s?)?"
_EASTERN_WEEKDAY = (
    r"(?:\s?(?:\([월화수목금토일月火水木金土日](?:요일|曜日?)?\)|[월화수목금토일]요일|[月火水木金土日]曜日?"
    r"|(?:星期|周)[一二三四五六日天]))?"
)
_DAYS = (
    r"(?P<y>\d{4})(?P<sep>[-/.])\s?(?P<m>\d{1,2})(?P=sep)\s?(?P<d>\d{1,2})\.?" + _EASTERN_WEEKDAY,
    r"(?P<y>\d{4})\s?[년年]\s?(?P<m>\d{1,2})\s?[월月]\s?(?P<d>\d{1,2})\s?[일日号號]"
    + _EASTERN_WEEKDAY,
    rf"{_WEEKDAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]{_MONTH}[\s-](?P<y>\d{{4}})",
    rf"{_WEEKDAY}{_MONTH}\s?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s(?P<y>\d{{4}})",
    r"(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4})\.?",
)
_PATTERNS = (
    *(
        re.compile(rf"{day}(?:(?:T|,?\s(?:at\s)?|(?<=[일日号號])){_CLOCK})?", re.IGNORECASE)
        for day in _DAYS
    ),
    re.compile(
        rf"{_WEEKDAY}{_MONTH}\s(?P<d>\d{{1,2}})\s(?P<h>\d\d):(?P<min>\d\d):(?P<s>\d\d)"
        rf"{_ZONE}\s(?P<y>\d{{4}})",
        re.IGNORECASE,
    ),  # `Tue Mar  3 09:00:00 UTC 2026`, as Unix and Java print it
    re.compile(
        r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)[T\s](?P<h>\d\d):?(?P<min>\d\d)(?::?(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?)?"
        + _ZONE,
        re.IGNORECASE,
    ),
    re.compile(r"(?P<y>\d{4})(?:[-/.](?P<m>\d\d)|\s?[년年](?:\s?(?P<m2>\d{1,2})\s?[월月])?)?"),
)
_ISO = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?",
    re.IGNORECASE | re.ASCII,
)


class ReadTime(NamedTuple):
    """A time and how precisely the file states it. `at`: aware; in UTC if no zone is stated."""

    at: datetime
    precision: TimePrecision


def parse_time(value: object) -> tuple[datetime | None, TimePrecision | None]:
    """Parses a time that a file states; returns it with its precision, (None, None) for no time.

    Text or a number, as the module says. A time without a zone is taken as UTC. Midnight is a day,
    since most programs write a date so. Years of the Juche calendar are known. Times before 1945 and
    after 2099 are none.
    """
    try:
        found = _read(value)
        if found is None or not OLDEST_DATE <= found.at < _LATEST_DATE:
            return None, None
        return found
    except (ValueError, OverflowError):
        return None, None


def states_no_time(value: object) -> bool:
    """Returns whether a value states no time at all: None, `NaT`, `n/a`, `0000-00-00 00:00:00`.

    `missing_values.is_missing` knows fewer words: `unknown` is no time, but may be a headline.
    """
    return value is None or _MISSING.fullmatch(str(value).strip()) is not None


def _read(value: object) -> ReadTime | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = value if isinstance(value, str) else _write_number(value)
    if _ISO.fullmatch(text):
        return _read_iso(text)
    if len(text) > _MAX_CHARS:
        return None
    text = juche_to_iso(clean_line(unicodedata.normalize("NFKC", text)))
    # `2026.03` is a month as text, and as a number nothing.
    is_month = isinstance(value, str) and _DOTTED_MONTH.fullmatch(text)
    if (number := _NUMBER.fullmatch(text)) and not is_month:
        fraction = number[2] or ""
        return _read_number(number[1], fraction if fraction.strip(".0") else "")
    for pattern in _PATTERNS:
        if found := pattern.fullmatch(text):
            return _build({name: part for name, part in found.groupdict().items() if part})
    return None


def _write_number(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:.6f}"


def _read_iso(text: str) -> ReadTime:
    at = datetime.fromisoformat(text.upper())
    return _with_precision(at, has_seconds=text[16:17] == ":")


def _with_precision(at: datetime, *, has_seconds: bool) -> ReadTime:
    """Sets the zone, UTC if there is none. Raises OverflowError for a time of no year in UTC."""
    is_midnight = at.time() == datetime.min.time()
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    at.astimezone(UTC)
    clock = TimePrecision.SECOND if has_seconds else TimePrecision.MINUTE
    return ReadTime(at, TimePrecision.DAY if is_midnight else clock)


def _read_number(digits: str, fraction: str) -> ReadTime | None:
    """Reads a number by its length. `fraction`: what follows the integer part, "" for zero."""
    size = len(digits.removeprefix("-"))
    if not fraction and (compact := _read_compact(digits)):
        return compact
    if size == _EXCEL_DIGITS and digits > "0":
        return _read_excel(int(digits), float(fraction or 0))
    unit = _EPOCH_UNITS.get(size)
    if unit is None or _is_hour(digits):
        return None
    microseconds = int(digits) * 10**6 // unit
    if unit == 1:
        microseconds += round(float(fraction or 0) * 10**6)
    # pandas writes a column of days as milliseconds, so midnight is a day here too.
    return _with_precision(_EPOCH + timedelta(microseconds=microseconds), has_seconds=True)


def _read_compact(digits: str) -> ReadTime | None:
    """Reads `2026`, `202603`, `20260303`, `202603030900`, `20260303090000`."""
    if len(digits) not in _COMPACT_FORMATS:
        return None
    format, precision = _COMPACT_FORMATS[len(digits)]
    try:
        at = datetime.strptime(digits, format).replace(tzinfo=UTC)
    except ValueError:
        return None
    if not OLDEST_DATE <= at < _LATEST_DATE:
        return None
    if precision is TimePrecision.MONTH and 2001 <= at.year <= 2012:
        return None  # `200312` may be the 12th of March 2020
    if precision in (TimePrecision.SECOND, TimePrecision.MINUTE):
        return _with_precision(at, has_seconds=precision is TimePrecision.SECOND)
    return ReadTime(at, precision)


def _is_hour(digits: str) -> bool:
    """Returns whether ten digits may be a day and an hour: then they are no sure seconds."""
    return len(digits) == 10 and _read_compact(digits[:8]) is not None and digits[8:] < "24"


def _read_excel(day: int, fraction: float) -> ReadTime | None:
    """Reads the days since 1900 of a cell whose format was lost; only from 1990 to 2099."""
    if not _FIRST_EXCEL_DAY <= day <= _LAST_EXCEL_DAY:
        return None
    seconds = round(fraction * 86_400)
    at = _EXCEL_EPOCH + timedelta(days=day, seconds=seconds)
    return _with_precision(at, has_seconds=bool(seconds % 60))


def _build(parts: Mapping[str, str]) -> ReadTime | None:
    """Builds the time from the named parts of a pattern. Raises ValueError for no day or clock."""
    year = int(parts["y"])
    month, day = _month_and_day(parts)
    if not month:
        return ReadTime(datetime(year, 1, 1, tzinfo=UTC), TimePrecision.YEAR)
    if not day:
        return ReadTime(datetime(year, month, 1, tzinfo=UTC), TimePrecision.MONTH)
    if day < 0:
        return None
    if "h" not in parts:
        return ReadTime(datetime(year, month, day, tzinfo=UTC), TimePrecision.DAY)
    second = parts.get("s") or parts.get("s2")
    at = datetime(
        year,
        month,
        day,
        _hour_of(parts),
        int(parts.get("min") or parts.get("min2") or 0),
        int(second or 0),
        int(parts.get("f", "0")[:6].ljust(6, "0")),
        tzinfo=_zone_of(parts),
    )
    return _with_precision(at, has_seconds=second is not None)


def _month_and_day(parts: Mapping[str, str]) -> tuple[int, int]:
    """Returns month and day, 0 for one that is not stated, and a day below 0 for an unknown order."""
    if name := parts.get("n"):
        return _MONTHS.index(name[:3].lower()) + 1, int(parts["d"])
    if "a" not in parts:
        return int(parts.get("m") or parts.get("m2") or 0), int(parts.get("d", 0))
    first, second = int(parts["a"]), int(parts["b"])
    # With dots the day comes first in all countries that write so.
    if first > _MONTHS_OF_YEAR or first == second or parts["sep"] == ".":
        return second, first
    return (first, second) if second > _MONTHS_OF_YEAR else (first, -1)


def _hour_of(parts: Mapping[str, str]) -> int:
    """Returns the hour, 0 to 23 or one that `datetime` refuses. Raises ValueError for `13 am`."""
    hour, words = int(parts["h"]), [parts[name] for name in ("half", "half2") if name in parts]
    if not words:
        return hour
    shift = _HALVES[words[0].lower()]
    if len(words) > 1 or (hour > _HOURS_OF_HALF and not shift):
        raise ValueError(f"no hour: {hour} {' '.join(words)}")
    return hour if hour > _HOURS_OF_HALF else hour % _HOURS_OF_HALF + shift


def _zone_of(parts: Mapping[str, str]) -> tzinfo:
    if not (offset := parts.get("offset")):
        return timezone(timedelta(hours=_OFFSETS[parts.get("zone", "utc").lower()]))
    digits = offset[1:].replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
    if int(hours) > _MAX_OFFSET_HOURS or int(minutes) > 59:
        raise ValueError(f"no offset: {offset}")
    size = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-size if offset[0] == "-" else size)
