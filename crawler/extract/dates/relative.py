"""Parses dates relative to the time of the fetch: "3시간 전", "yesterday 10:30", "March 14", "09:30".

Listings print them; on an article's page they are the last resort. A day without a year gets the
latest year that puts it before the fetch, so that in January a December date is in the old year.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from crawler.extract.dates import zones
from crawler.extract.dates.calendars import speaks, to_gregorian
from crawler.extract.dates.clocks import clock_before, only_clock
from crawler.extract.dates.dates import MAX_AHEAD, ParsedDate
from crawler.extract.dates.months import MONTH_PATTERN, is_known_month, month_number
from storage.records import TimePrecision

_MAX_TEXT_CHARS = 80
_ONE = r"(?P<n>\d{1,3}|an?|one|una?|une|eine[rmn]?)"
_UNITS = (
    (r"seconds?|secs?|초|秒|секунд\w{0,2}|сек|segundos?|secondes?|sekunden?", timedelta(seconds=1)),
    (r"minutes?|mins?|분|分钟|分鐘|分|минут\w{0,2}|мин|minutos?|minuten?", timedelta(minutes=1)),
    (r"hours?|hrs?|시간|小时|小時|時間|час(?:а|ов)?|ч|horas?|heures?|stunden?|std|h", timedelta(hours=1)),
    (r"days?|일|天|日|дн(?:я|ей)|день|días?|dias?|jours?|tag(?:en)?", timedelta(days=1)),
    (r"weeks?|주|周|週間?|недел[юиь]|semanas?|semaines?|wochen?", timedelta(weeks=1)),
)  # fmt: skip
_UNIT = "|".join(f"(?P<u{number}>{words})" for number, (words, _) in enumerate(_UNITS))
_AGO = re.compile(
    rf"(?:(?:{_ONE}|(?=час |минуту |день |неделю ))\s?(?:{_UNIT})\.?\s?(?:ago|전|之前|前|назад)"
    rf"|(?:hace|il y a|vor)\s{_ONE.replace('?P<n>', '?P<m>')}\s?(?:{_UNIT.replace('?P<u', '?P<v')})\b)",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"just now|방금|刚刚|剛剛|たった今|только что|ahora mismo|à l'instant|gerade eben",
    re.IGNORECASE,
)
_WORDS_FOR_DAYS = (
    (0, r"today|오늘|今天|今日|本日|сегодня|hoy|aujourd['’]hui|heute"),
    (2, r"그저께|그제|前天|一昨日|позавчера|anteayer|avant-hier|vorgestern"),
    (1, r"yesterday|어제|昨天|昨日|вчера|ayer|hier|gestern"),
)  # fmt: skip
_DAY_WORDS = tuple(
    (days, re.compile(rf"(?:^|[\s(\[|·,])(?:{words})(?=$|[\s)\]|·,:]|\d|に|の)", re.IGNORECASE))
    for days, words in _WORDS_FOR_DAYS
)
# A number behind a day and a month that is no clock is a year; then the date is not relative.
_NO_YEAR = r"(?!\d|\s?[,.'-]{0,2}\s?\d{2}(?!\d|\s?[:.h時时시点點]|\s?[ap]\.?\s?m))"
_MONTH_DAY_PATTERNS = (
    re.compile(r"(?<!\d)(?P<m>\d{1,2})\s?[월月]\s?(?P<d>\d{1,2})\s?[일日号號]"),
    re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|\.)?\s(?:de\s)?(?P<n>{MONTH_PATTERN})\b{_NO_YEAR}", re.IGNORECASE),
    re.compile(rf"(?<!\d\s)\b(?P<n>{MONTH_PATTERN})\b\.?\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?{_NO_YEAR}", re.IGNORECASE),
)  # fmt: skip
_NUMERIC_DATE = re.compile(
    r"\s*(?P<a>\d{1,2})(?P<s>[-./])(?P<b>\d{1,2})\.?(?:,?\s+\d{1,2}[:：]\d{2})?\s*"
)
_MONTH_FIRST_LANGUAGES = ("ko", "zh", "ja")


def parse_relative_date(
    text: str, *, timezone: str, languages: Sequence[str], now: datetime
) -> ParsedDate | None:
    """Returns the time that a relative date means; None for any other text.

    `timezone`: IANA name, "" for UTC. `now`: aware, the time of the fetch. "Hours ago" gives only
    the day.
    """
    if not text or len(text) > _MAX_TEXT_CHARS or re.search(r"(?:19|20)\d{2}", text):
        return None
    text = to_gregorian(text, languages)
    local_now = now.astimezone(zones.zone_by_name(timezone) or UTC)
    found = (
        _parse_ago(text, local_now)
        or _parse_day_word(text, local_now)
        or _parse_without_year(text, local_now, languages)
    )
    if found is None or found[0] > now + MAX_AHEAD:
        return None
    at, precision = found
    return ParsedDate(at, precision, bool(timezone), text)


def clock_on_day(text: str, day: datetime, languages: Sequence[str]) -> tuple[int, int] | None:
    """Returns hour and minute of a text such as "8 января, 17:46" about this day; None otherwise.

    The year need not be printed, but day and month must be those of `day`.
    """
    if not text or len(text) > _MAX_TEXT_CHARS:
        return None
    plain_text = to_gregorian(text, languages)
    if _month_and_day(plain_text, languages) != (day.month, day.day):
        return None
    clock = clock_before(plain_text, 0, len(plain_text))
    return (clock.hour, clock.minute) if clock and not clock.zone else None


def _parse_ago(text: str, now: datetime) -> tuple[datetime, TimePrecision] | None:
    if _NOW.search(text):
        return now.replace(second=0, microsecond=0), TimePrecision.MINUTE
    match = _AGO.search(text)
    if not match:
        return None
    groups = match.groupdict()
    number = groups["n"] or groups["m"] or "1"
    unit = next(unit for i, (_, unit) in enumerate(_UNITS) if groups[f"u{i}"] or groups[f"v{i}"])
    at = now - (int(number) if number.isdigit() else 1) * unit
    if unit >= timedelta(hours=1):
        return _midnight(at), TimePrecision.DAY
    return at.replace(second=0, microsecond=0), TimePrecision.MINUTE


def _parse_day_word(text: str, now: datetime) -> tuple[datetime, TimePrecision] | None:
    for days, pattern in _DAY_WORDS:
        if pattern.search(text):
            return _add_clock(text, _midnight(now - timedelta(days=days)))
    if only_clock(text):
        at, precision = _add_clock(text, _midnight(now))
        # A time of day that is still to come is yesterday's.
        is_yesterday = at > now + timedelta(minutes=5)
        return at - timedelta(days=is_yesterday), precision
    return None


def _parse_without_year(
    text: str, now: datetime, languages: Sequence[str]
) -> tuple[datetime, TimePrecision] | None:
    month, day = _month_and_day(text, languages)
    for year in (now.year, now.year - 1):
        try:
            at = _midnight(now).replace(year=year, month=month, day=day)
        except ValueError:
            continue
        if at <= now + MAX_AHEAD:
            return _add_clock(text, at)
    return None


def _month_and_day(text: str, languages: Sequence[str]) -> tuple[int, int]:
    for pattern in _MONTH_DAY_PATTERNS:
        if match := pattern.search(text):
            parts = match.groupdict()
            name = parts.get("n")
            if name and not is_known_month(name, languages):
                continue
            month = month_number(name, languages) if name else int(parts["m"])
            return month or 0, int(parts["d"])
    if match := _NUMERIC_DATE.fullmatch(text):
        first, second = int(match["a"]), int(match["b"])
        eastern = speaks(languages, *_MONTH_FIRST_LANGUAGES) or match["s"] == "-"
        american = match["s"] == "/" and "en" in languages
        return (first, second) if eastern or american else (second, first)
    return 0, 0


def _add_clock(text: str, day: datetime) -> tuple[datetime, TimePrecision]:
    clock = clock_before(text, 0, len(text))
    if clock is None:
        return day, TimePrecision.DAY
    return day.replace(hour=clock.hour, minute=clock.minute), TimePrecision.MINUTE


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
