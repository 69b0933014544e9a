"""Parses absolute dates and times as the press prints them, with linear-time patterns.

Known forms: ISO 8601 and its misspellings, epoch seconds and milliseconds, Korean, Chinese and
Japanese dates, Juche years (Juche 1 is 1912), month names of a dozen languages, numeric dates in
the language's order, RFC 822 with errors ("Thu,28 Jul 2022 4:35:5 GMT+9"). For words such as
"yesterday" see `crawler.extract.dates.relative`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from crawler.extract.dates import zones
from crawler.extract.dates.months import MONTH_NUMBERS, MONTH_PATTERN
from crawler.extract.dates.other_script_dates import parse_other_script_date
from storage.records import TimePrecision

EARLIEST = datetime(1945, 1, 1, tzinfo=UTC)
MAX_AHEAD = timedelta(days=2)
JUCHE_YEAR_OFFSET = 1911
_MAX_TEXT_CHARS = 400


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A time parsed from a text. `at` is aware; if no zone is known, it is in UTC.

    `has_zone`: a zone was printed or given. `zone_printed`: it was printed with the time. `raw`:
    the text that was parsed.
    """

    at: datetime
    precision: TimePrecision
    has_zone: bool
    raw: str = ""
    zone_printed: bool = False

    @property
    def has_time(self) -> bool:
        """Whether the time of day is known, not only the day."""
        return self.precision in (TimePrecision.SECOND, TimePrecision.MINUTE)


_PLAIN = re.compile(
    r"\s*+(\d{4})-(\d\d)-(\d\d)(?:T|\s)(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?"
    r"\s?(Z|[+-]\d\d:?\d\d)?\s*+"
)
_EPOCH = re.compile(r"\s*(\d{10}|\d{13})(?:\.\d{1,9})?\s*")
_ISO = re.compile(
    r"(?<![\d.])(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)"
    r"|(?<!\d)(?P<y2>(?:19|20)\d{2})(?P<m2>[01]\d)(?P<d2>[0-3]\d)(?=T|\s|$|\d{4}(?:\d{2})?(?!\d))"
)
_CJK = re.compile(
    r"(?:(?:주체|主体|主體|チュチェ|Juche)\s?(?P<j>\d{2,3})\s?)?"
    r"(?:\(?\s?(?P<y>\d{4})\s?\)?)?\s?(?:년|年)\s?(?P<m>\d{1,2})\s?(?:월|月)\s?"
    r"(?P<d>\d{1,2})\s?(?:일|日|号)"
)
_JUCHE = re.compile(
    r"(?:주체|主体|主體|チュチェ|Juche|чучхе)\s?(?P<j>\d{2,3})\.\s?(?P<m>\d{1,2})\.\s?(?P<d>\d{1,2})",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    r"(?<![\d.])(?P<y>(?:19|20)\d{2})\s?[./]\s?(?P<m>\d{1,2})\s?[./]\s?(?P<d>\d{1,2})(?!\d)"
)
_JUCHE_YEAR = r"(?:juche\s?\d{2,3}\s?\(?\s?)?"
_DAY_MONTH = re.compile(
    rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?[\s,./-]{{0,3}}(?:of\s|de\s)?"
    rf"(?P<n>{MONTH_PATTERN})\b\.?[\s,./-]{{0,3}}(?:de\s|del\s)?{_JUCHE_YEAR}(?P<y>\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"\b(?P<n>{MONTH_PATTERN})\b\.?\s{{0,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s,.]{{1,3}}"
    rf"{_JUCHE_YEAR}(?P<y>\d{{4}})(?!\d)",
    re.IGNORECASE,
)
# "Tue Dec 30 23:44:40 UTC 2014", as Unix and Java print it.
_UNIX = re.compile(
    rf"\b(?P<n>{MONTH_PATTERN})\s{{1,2}}(?P<d>\d{{1,2}})\s(?=\d{{1,2}}:\d{{2}}:\d{{2}}\s\S{{1,8}}\s"
    r"(?P<y>\d{4})\b)",
    re.IGNORECASE,
)
_YEAR_LAST = re.compile(
    r"(?<![\d.])(?P<a>\d{1,2})\s?(?P<s>[./-])\s?(?P<b>\d{1,2})\s?(?P=s)\s?(?P<y>(?:19|20)\d{2}|\d{2})"
    r"(?![\d.])"
)
_DATE_PATTERNS = (_ISO, _CJK, _JUCHE, _YEAR_FIRST, _DAY_MONTH, _MONTH_DAY, _UNIX, _YEAR_LAST)
_ZONE = (
    r"(?:\s{0,3}(?P<z>Z\b|(?:GMT|UTC)\s?[+-]\d{1,2}(?::?\d{2})?|[+-]\d{2}:?\d{2}(?!\d)|[+-]\d{2}(?![\d:])"
    r"|\(?(?:[A-Z]{2,5}|МСК|мск)\b\)?|日本時間|北京时间|한국시[간각]))?"
)
_TIME = re.compile(
    r"(?:(?P<z0>HKT|KST|JST|GMT|UTC|SGT|ICT|MSK|BST|CET|EST|EDT|PST) )?"
    r"(?P<half>오전|오후|낮|밤|午前|午後|上午|下午|[ap]\.?m\.?)?\s?(?<!\d)"
    r"(?P<h>\d{1,2})(?:\s?(?::|：|시|時|时|点|點|h)\s?(?P<m>\d{1,2})"
    r"(?:\s?(?::|：|분|分|m)\s?(?P<s>\d{1,2})(?:[.,]\d{1,9})?\s?[초秒]?|\s?[분分])?|\s?[시時时点點](?!\d)|(?=\s?[ap]\.?m\b))"
    r"(?:[\s]?(?P<half2>[ap]\.?m\b\.?))?" + _ZONE,
    re.IGNORECASE,
)
_COMPACT_TIME = re.compile(r"T?\s?(?P<h>[012]\d)(?P<m>[0-5]\d)(?P<s>[0-5]\d)?" + _ZONE)
_UPDATE_WORDS = re.compile(
    r"(?:수정|변경|업데이트|갱신|최종|更新|修正|修改|updated?|modified|edited|обновлен\w*|изменен\w*"
    r"|actualizad\w*|mis à jour|modifié|aktualisiert)[^\d]{0,30}$",
    re.IGNORECASE,
)


def parse_date(
    text: str, *, timezone: str, languages: Sequence[str] = (), now: datetime, date_format: str = ""
) -> ParsedDate | None:
    """Returns the time of publication in a text that may contain more; None if there is none.

    `timezone`: IANA name, for times printed without a zone; "" if unknown. `languages` decide the
    order of day and month in 03/04/2023. `now`: aware; times before 1945 or more than two days
    after `now` are refused. `date_format`: a strptime format that is tried first. Of several
    times, returns the first one that is not marked as an update.
    """
    if date_format and (found := _parse_with_format(text, date_format, timezone)):
        return found if is_plausible_time(found.at, now) else None
    if match := _PLAIN.fullmatch(text):
        parsed = _parse_plain_iso(match, timezone)
        return parsed if parsed and is_plausible_time(parsed.at, now) else None
    latest: ParsedDate | None = None
    for found, is_update in _iter_dates(text[:_MAX_TEXT_CHARS], timezone, languages):
        if is_plausible_time(found.at, now):
            if not is_update:
                return found
            latest = latest or found
    return latest or _parse_other_script(text, timezone, now)


def _parse_other_script(text: str, local_zone: str, now: datetime) -> ParsedDate | None:
    found = parse_other_script_date(text.strip())
    if found is None:
        return None
    at, has_time = found
    parsed = _with_zone(
        at, TimePrecision.MINUTE if has_time else TimePrecision.DAY, None, local_zone, text
    )
    return parsed if is_plausible_time(parsed.at, now) else None


def is_plausible_time(at: datetime, now: datetime) -> bool:
    """Returns whether a time is not before 1945 and at most two days after `now`; both aware."""
    return EARLIEST <= at <= now + MAX_AHEAD


def _parse_plain_iso(match: re.Match[str], local_zone: str) -> ParsedDate | None:
    """Parses a correct ISO 8601 time: a fast path, since most pages have one."""
    year, month, day, hour, minute, second, zone_text = match.groups()
    try:
        at = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0))
    except ValueError:
        return None
    precision = TimePrecision.SECOND if second else TimePrecision.MINUTE
    return _with_zone(
        at, precision, zones.parse_zone(zone_text) if zone_text else None, local_zone, match[0]
    )


def _parse_with_format(text: str, format: str, local_zone: str) -> ParsedDate | None:
    try:
        at = datetime.strptime(" ".join(text.split()), format)
    except ValueError:
        return None
    precision = TimePrecision.DAY if at.time() == datetime.min.time() else TimePrecision.MINUTE
    if at.second:
        precision = TimePrecision.SECOND
    return _with_zone(at, precision, at.tzinfo, local_zone, text)


def _iter_dates(
    text: str, local_zone: str, languages: Sequence[str]
) -> Iterator[tuple[ParsedDate, bool]]:
    """Yields every time in the text in order, and whether words before it mark it as an update."""
    if epoch := _EPOCH.fullmatch(text):
        seconds = int(epoch[1]) / (1000 if len(epoch[1]) == 13 else 1)
        at = datetime.fromtimestamp(int(seconds), UTC)
        yield (
            ParsedDate(at, TimePrecision.SECOND, has_zone=True, raw=text, zone_printed=True),
            False,
        )
        return
    matches = sorted(_days(text, languages), key=lambda item: item[0].start())
    for index, (match, day) in enumerate(matches):
        end = matches[index + 1][0].start() if index + 1 < len(matches) else len(text)
        start = matches[index - 1][0].end() if index else 0
        is_update = _UPDATE_WORDS.search(text[start : match.start()]) is not None
        yield (
            _parse_with_clock(text, (start, match.start()), (match.end(), end), day, local_zone),
            is_update,
        )


def _days(text: str, languages: Sequence[str]) -> Iterator[tuple[re.Match[str], datetime]]:
    spans: list[tuple[int, int]] = []
    for pattern in _DATE_PATTERNS:
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in spans):
                continue
            day = _parse_day(match, languages)
            if day:
                spans.append(match.span())
                yield match, day


def _parse_day(match: re.Match[str], languages: Sequence[str]) -> datetime | None:
    parts = {name: value for name, value in match.groupdict().items() if value}
    try:
        if "a" in parts:
            day, month = _day_and_month(int(parts["a"]), int(parts["b"]), parts["s"], languages)
            return datetime(_full_year(parts["y"]), month, day)
        year = int(parts.get("y") or parts.get("y2") or 0)
        if not year:
            year = int(parts["j"]) + JUCHE_YEAR_OFFSET
        month = (
            MONTH_NUMBERS[parts["n"].lower()]
            if "n" in parts
            else int(parts.get("m") or parts["m2"])
        )
        return datetime(year, month, int(parts.get("d") or parts["d2"]))
    except (ValueError, KeyError):
        return None


def _full_year(text: str) -> int:
    year = int(text)
    return year if year > 99 else year + (2000 if year < 70 else 1900)


def _day_and_month(
    first: int, second: int, separator: str, languages: Sequence[str]
) -> tuple[int, int]:
    """Returns day and month; only American English with slashes puts the month first."""
    if first > 12 or second > 12:
        return (first, second) if second <= 12 else (second, first)
    american = separator == "/" and any(language.startswith("en") for language in languages)
    return (second, first) if american and "en-gb" not in languages else (first, second)


def _parse_with_clock(
    text: str, before: tuple[int, int], after: tuple[int, int], day: datetime, local_zone: str
) -> ParsedDate:
    clock = _COMPACT_TIME.match(text, *after) or _find_nearby_clock(text, *after)
    earlier = list(_TIME.finditer(text, *before))
    if earlier and before[1] - earlier[-1].end() < 12:
        # "10:36 20.06.2019 (updated 12:07 ...": the later clock belongs to the update.
        words = sum(map(str.isalpha, text[after[0] : clock.start()])) if clock else 0
        if clock is None or (words > 4 and before[1] - earlier[-1].end() < 4):
            clock = earlier[-1]
    if clock is None or (at := _combine(day, clock)) is None:
        return _with_zone(day, TimePrecision.DAY, None, local_zone, text)
    precision = TimePrecision.SECOND if clock["s"] else TimePrecision.MINUTE
    zone_text = clock["z"] or clock.groupdict().get("z0")
    zone = zones.parse_zone(zone_text, local_zone) if zone_text else None
    return _with_zone(at, precision, zone, local_zone, text)


def _find_nearby_clock(text: str, start: int, end: int) -> re.Match[str] | None:
    clock = _TIME.search(text, start, end)
    return clock if clock and clock.start() - start < 30 else None


def _combine(day: datetime, clock: re.Match[str]) -> datetime | None:
    hour = int(clock["h"])
    groups = clock.groupdict()
    half = (groups.get("half") or groups.get("half2") or "").lower().replace(".", "")
    if half in ("오후", "午後", "下午", "pm", "밤", "낮") and hour < 12:
        hour += 12
    elif half in ("오전", "午前", "上午", "am") and hour == 12:
        hour = 0
    try:
        return day.replace(hour=hour, minute=int(clock["m"] or 0), second=int(clock["s"] or 0))
    except ValueError:
        return None


def _with_zone(
    at: datetime, precision: TimePrecision, printed_zone: tzinfo | None, local_zone: str, raw: str
) -> ParsedDate:
    """Sets the zone of a time: the printed one, else the outlet's, else UTC for unknown."""
    zone = printed_zone or zones.zone_by_name(local_zone) or UTC
    parsed = ParsedDate(
        at.replace(tzinfo=zone),
        precision,
        bool(printed_zone or zones.zone_by_name(local_zone)),
        raw,
    )
    return replace(parsed, zone_printed=bool(printed_zone))
