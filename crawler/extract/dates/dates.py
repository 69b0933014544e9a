"""Parses absolute dates and times as the press prints them, with linear-time patterns.

Known forms: ISO 8601 and its misspellings, epoch seconds and milliseconds, Korean, Chinese and
Japanese dates, years of other eras (`crawler.extract.dates.calendars`), month names of many
languages, numeric dates in the language's order (`crawler.extract.dates.day_order`), RFC 822 with
errors ("Thu,28 Jul 2022 4:35:5 GMT+9"). For words such as "yesterday" see
`crawler.extract.dates.relative`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from crawler.extract.dates import zones
from crawler.extract.dates.calendars import to_gregorian
from crawler.extract.dates.clocks import clock_after, clock_before
from crawler.extract.dates.day_order import choose_day, full_year
from crawler.extract.dates.months import MONTH_PATTERN, month_number
from crawler.extract.dates.other_script_dates import parse_other_script_date
from storage.records import TimePrecision

EARLIEST = datetime(1945, 1, 1, tzinfo=UTC)
MAX_AHEAD = timedelta(days=2)
_MAX_TEXT_CHARS = 400


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """A time parsed from a text. `at` is aware; if no zone is known, it is in UTC.

    `has_zone`: a zone was printed or given. `zone_printed`: it was printed with the time. `raw`:
    the text that was parsed. `is_update`: words before it say that it is the last change's.
    """

    at: datetime
    precision: TimePrecision
    has_zone: bool
    raw: str = ""
    zone_printed: bool = False
    is_update: bool = False

    @property
    def has_time(self) -> bool:
        """Whether the time of day is known, not only the day."""
        return self.precision in (TimePrecision.SECOND, TimePrecision.MINUTE)


_PLAIN = re.compile(
    r"\s*+(\d{4})-(\d\d)-(\d\d)(?:T|\s)(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?"
    r"\s?(Z|[+-]\d\d:?\d\d)?\s*+"
)
_NUMBER = re.compile(r"\d+")
_EPOCH = re.compile(r"\s*(\d{10}|\d{13})(?:\.\d{1,9})?\s*")
# A date ends where no digit follows, or where a clock does: "28.11.201118:56".
_END = r"(?:(?!\d)|(?<=\d\d)(?=[0-2]\d:[0-5]\d))"
# Two digits are a year only where the date ends or a clock follows, and no clock's hour.
_YEAR = (
    rf"(?P<y>\d{{4}}{_END}|"
    r"(?:'\s?)?\d{2}(?!\d|\s?[:.h]\d|\s?[ap]\.?\s?m\b|\s?[시時时点點])"
    r"(?!,?\s?\d{4})(?=\s{0,2}$|\s{0,2}[,;|()·–—/\]-]|\s{1,2}[^\s\d]{0,3}\s?\d{1,2}\s?[:.h]\d|\s{1,2}\d{1,2}\s?[ap]\.?\s?m\b))"
)
_ISO = re.compile(
    rf"(?<![\d.])(?P<y>\d{{4}})-(?P<m>\d{{1,2}})-(?P<d>\d{{1,2}}){_END}"
    r"|(?<!\d)(?P<y2>(?:19|20)\d{2})(?P<m2>[01]\d)(?P<d2>[0-3]\d)(?=T|\s|$|\d{4}(?:\d{2})?(?!\d))"
)
_CJK = re.compile(
    r"(?<!\d)(?P<y>\d{4}|\d{2})\s?\)?\s?(?:년|年)\s?(?P<m>\d{1,2})\s?(?:월|月)\s?"
    r"(?P<d>\d{1,2})\s?(?:일|日|号|號)"
)
_YEAR_FIRST = re.compile(
    rf"(?<![\d.])(?P<y>(?:19|20)\d{{2}})\s?[./]\s?(?P<m>\d{{1,2}})\s?[./]\s?(?P<d>\d{{1,2}}){_END}"
)
# Months of the East have numbers for names: "05 9月 2025", "9월 5, 2025", "5 tháng 9, 2025".
_MONTH = rf"(?P<n>(?:{MONTH_PATTERN})\b|\d{{1,2}}\s?[월月]|tháng\s\d{{1,2}}(?!\d))"
_DAY_MONTH = re.compile(
    rf"(?<![\d:])(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|-го|\.)?[\s,./-]{{0,3}}(?:of\s|de\s)?"
    rf"{_MONTH}\.?[\s,./-]{{0,3}}(?:de\s|del\s|năm\s)?{_YEAR}",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"(?<![^\W_]){_MONTH}\.?\s{{0,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th|\s?[일日])?[\s,.]{{1,3}}{_YEAR}",
    re.IGNORECASE,
)
# "Tue Dec 30 23:44:40 UTC 2014", as Unix and Java print it.
_UNIX = re.compile(
    rf"\b(?P<n>{MONTH_PATTERN})\s{{1,2}}(?P<d>\d{{1,2}})\s(?=\d{{1,2}}:\d{{2}}:\d{{2}}\s\S{{1,8}}\s"
    r"(?P<y>\d{4})\b)",
    re.IGNORECASE,
)
_YEAR_MONTH_DAY = re.compile(
    rf"(?<!\d)(?P<y>(?:19|20)\d{{2}})[.,]?[\s-]{{1,2}}(?P<n>{MONTH_PATTERN})\b\.?[\s-]{{1,2}}(?P<d>\d{{1,2}})(?!\d)",
    re.IGNORECASE,
)
_NUMBERS = re.compile(
    r"(?:(?<![\d.:])|(?<=[0-2]\d:[0-5]\d))(?P<a>\d{1,2})\s?(?P<s>[./-])\s?(?P<b>\d{1,2})\s?(?P=s)\s?(?P<y>(?:19|20)\d{2}|\d{1,2})"
    rf"{_END}(?!\.\d)"
)
_DATE_PATTERNS = (
    _ISO, _CJK, _YEAR_FIRST, _DAY_MONTH, _MONTH_DAY, _UNIX, _YEAR_MONTH_DAY, _NUMBERS,
)  # fmt: skip
_UPDATE_WORDS = re.compile(
    r"(?:수정|변경|업데이트|갱신|최종|更新|修正|修改|updated?|modified|edited|обновлен\w*|изменен\w*"
    r"|actualizad\w*|mis à jour|mise à jour|modifi\w*|aktualisiert|aktualizacja|aggiorna\w*|atualizad\w*"
    r"|bijgewerkt|uppdaterad|opdateret|oppdatert|diperbarui|güncelle\w*|cập nhật|оновлен\w*)",
    re.IGNORECASE,
)
_UPDATE_MARK = re.compile(_UPDATE_WORDS.pattern + r"[^\d]{0,30}$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Setting:
    """What decides about a printed date, as the arguments of `parse_date`."""

    local_zone: str
    likely_zone: str
    languages: Sequence[str]
    now: datetime


def parse_date(
    text: str,
    *,
    timezone: str,
    languages: Sequence[str] = (),
    now: datetime,
    date_format: str = "",
    likely_zone: str = "",
) -> ParsedDate | None:
    """Returns the time of publication in a text that may contain more; None if there is none.

    `timezone`: IANA name, for times printed without a zone; "" if unknown. `languages` and the zone
    decide the order of day and month in 03/04/2023. `now`: aware; times before 1945 or more than
    two days after `now` are refused. `date_format`: a strptime format that is tried first.
    `likely_zone`: IANA name of a zone that is only guessed: it decides order and abbreviations, not
    the zone of the result. Of several times, returns the first one that is not marked as an update, or
    an earlier one if both have a clock.
    """
    if date_format and (found := _parse_with_format(text, date_format, timezone)):
        return found if is_plausible_time(found.at, now) else None
    if match := _PLAIN.fullmatch(text):
        parsed = _parse_plain_iso(match, timezone)
        return parsed if parsed and is_plausible_time(parsed.at, now) else None
    setting = _Setting(timezone, timezone or likely_zone, languages, now)
    plain_text = to_gregorian(text[:_MAX_TEXT_CHARS], languages)
    dates = [
        found for found in _iter_dates(plain_text, setting) if is_plausible_time(found.at, now)
    ]
    if not dates:
        return _parse_other_script(plain_text, text, timezone, now)
    first = next((found for found in dates if not found.is_update), dates[0])
    # Of two times with a clock, the earlier is that of publication, whatever the words between say.
    rivals = (
        found
        for found in dates
        if first.has_time and found.has_time and found.zone_printed == first.zone_printed
    )
    earliest = min(rivals, key=lambda found: found.at, default=first)
    return replace(first if first.is_update else earliest, raw=text)


def _parse_other_script(
    plain_text: str, text: str, local_zone: str, now: datetime
) -> ParsedDate | None:
    found = parse_other_script_date(plain_text.strip())
    if found is None:
        return None
    at, has_time = found
    parsed = _with_zone(
        at, TimePrecision.MINUTE if has_time else TimePrecision.DAY, None, local_zone, text
    )
    return parsed if is_plausible_time(parsed.at, now) else None


def names_update(text: str) -> bool:
    """Returns whether a line says that it tells of a change: "Updated 3 hours ago"."""
    return _UPDATE_WORDS.search(text) is not None


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


def _iter_dates(text: str, setting: _Setting) -> Iterator[ParsedDate]:
    """Yields every time in the text in order."""
    if epoch := _EPOCH.fullmatch(text):
        seconds = int(epoch[1]) / (1000 if len(epoch[1]) == 13 else 1)
        at = datetime.fromtimestamp(int(seconds), UTC)
        yield ParsedDate(at, TimePrecision.SECOND, has_zone=True, raw=text, zone_printed=True)
        return
    matches = sorted(_days(text, setting), key=lambda item: item[0].start())
    for index, (match, day) in enumerate(matches):
        end = matches[index + 1][0].start() if index + 1 < len(matches) else len(text)
        start = matches[index - 1][0].end() if index else 0
        found = _parse_with_clock(text, (start, match.start()), (match.end(), end), day, setting)
        yield replace(found, is_update=bool(_UPDATE_MARK.search(text[start : match.start()])))


def _days(text: str, setting: _Setting) -> Iterator[tuple[re.Match[str], datetime]]:
    spans: list[tuple[int, int]] = []
    for pattern in _DATE_PATTERNS:
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in spans):
                continue
            # A date that cannot be read hides its parts from the patterns that follow.
            spans.append(match.span())
            if day := _parse_day(match, setting):
                yield match, day


def _parse_day(match: re.Match[str], setting: _Setting) -> datetime | None:
    if match.re is _NUMBERS:
        return choose_day(match, setting.languages, setting.likely_zone, setting.now)
    parts = {name: value for name, value in match.groupdict().items() if value}
    year = full_year(parts.get("y") or parts["y2"], setting.now)
    month = (
        _named_month(parts["n"], setting.languages)
        if "n" in parts
        else int(parts.get("m") or parts["m2"])
    )
    if not year or not month:
        return None
    try:
        return datetime(year, month, int(parts.get("d") or parts["d2"]))
    except ValueError:
        return None


def _named_month(name: str, languages: Sequence[str]) -> int | None:
    number = _NUMBER.search(name)
    return int(number[0]) if number else month_number(name, languages)


def _parse_with_clock(
    text: str, before: tuple[int, int], after: tuple[int, int], day: datetime, setting: _Setting
) -> ParsedDate:
    clock = clock_after(text, *after)
    earlier = clock_before(text, *before)
    if earlier and before[1] - earlier.end < 12:
        # "10:36 20.06.2019 (updated 12:07 ...": the later clock belongs to the update.
        words = sum(map(str.isalpha, text[after[0] : clock.start])) if clock else 0
        if clock is None or (words > 4 and before[1] - earlier.end < 4):
            clock = earlier
    if clock is None:
        return _with_zone(day, TimePrecision.DAY, None, setting.local_zone, text)
    at = day.replace(hour=clock.hour, minute=clock.minute, second=clock.second or 0)
    precision = TimePrecision.MINUTE if clock.second is None else TimePrecision.SECOND
    zone = zones.parse_zone(clock.zone, setting.likely_zone) if clock.zone else None
    return _with_zone(at, precision, zone, setting.local_zone, text)


def _with_zone(
    at: datetime, precision: TimePrecision, printed_zone: tzinfo | None, local_zone: str, raw: str
) -> ParsedDate:
    """Sets the zone of a time: the printed one, else the outlet's, else UTC for unknown."""
    zone = printed_zone or zones.zone_by_name(local_zone)
    return ParsedDate(
        at.replace(tzinfo=zone or UTC),
        precision,
        has_zone=zone is not None,
        raw=raw,
        zone_printed=printed_zone is not None,
    )
