"""Decides which of three numbers is the day, which the month and which the year.

What decides, in this order: which orders give a day at all; the order of a language that has only
one; the weekday that is printed beside it; the order that is usual in the country. If two days
remain, there is none: no date is better than a wrong one.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from crawler.extract.dates.calendars import speaks

_EASTERN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_EARLIEST_SHORT_YEAR = 1980
_NEAR_CHARS = 24
_WEEKDAYS = (
    r"mon(?:day)?|mo(?=[.,])|lun(?:es|di)?|montag|пн|понедельник|월|月曜?|周一|週一|星期一|lunedì|segunda",
    r"tue(?:s|sday)?|di(?=[.,])|mar(?:tes|di)|dienstag|вт|вторник|화|火曜?|周二|週二|星期二|martedì|terça",
    r"wed(?:nesday)?|mi(?=[.,])|mié(?:rcoles)?|mer(?:credi)?|mittwoch|ср|среда|수|水曜?|周三|週三|星期三|mercoledì|quarta",
    r"thu(?:rs?|rsday)?|do(?=[.,])|jue(?:ves)?|jeu(?:di)?|donnerstag|чт|четверг|목|木曜?|周四|週四|星期四|giovedì|quinta",
    r"fri(?:day)?|fr(?=[.,])|vie(?:rnes)?|ven(?:dredi)?|freitag|пт|пятница|금|金曜?|周五|週五|星期五|venerdì|sexta",
    r"sat(?:urday)?|sa(?=[.,])|sáb(?:ado)?|sam(?:edi)?|samstag|сб|суббота|토|土曜?|周六|週六|星期六|sabato",
    r"sun(?:day)?|so(?=[.,])|dom(?:ingo)?|dim(?:anche)?|sonntag|вс|воскресенье|일|日曜?|周日|週日|星期[日天]|domenica",
)
_WEEKDAY = re.compile(
    r"(?<!\w)(?:" + "|".join(f"(?P<d{day}>{names})" for day, names in enumerate(_WEEKDAYS))
    + r")(?:요일|日)?(?!\w)",
    re.IGNORECASE,
)  # fmt: skip
_MONTH_FIRST_ZONES = ("America/", "US/", "Asia/Manila", "Pacific/Honolulu")
# Zones of countries whose English-language press may write either order.
_EITHER_ORDER_ZONES = (
    "Asia/Seoul", "Asia/Pyongyang", "Asia/Tokyo", "Asia/Shanghai", "Asia/Taipei", "UTC", "Etc/",
)  # fmt: skip


def choose_day(
    match: re.Match[str], languages: Sequence[str], zone: str, now: datetime
) -> datetime | None:
    """Returns the day of a match with the groups `a`, `b`, `y` and separator `s`; None if undecided.

    `y` has one, two or four digits; unless it has four, `a` may be the year. `zone`: IANA name of
    the outlet or of its country, "" if unknown. `now`: aware; a year of two digits is at most one
    after it.
    """
    first, second, last = match["a"], match["b"], match["y"]
    days = {
        order: day
        for order, parts in {
            "dmy": (last, second, first),
            "mdy": (last, first, second),
            "ymd": (first, second, last),
        }.items()
        if (order != "ymd" or len(last) <= 2) and (day := _make_day(*parts, now))
    }
    if "ymd" in days and match.string.startswith("T", match.end()):
        return days["ymd"]
    usual, is_sure = _usual_order(match, languages, zone)
    if len(last) == 1 and usual != "ymd":
        return None
    if not is_sure:
        near = slice(max(0, match.start() - _NEAR_CHARS), match.end() + _NEAR_CHARS)
        weekday = _printed_weekday(match.string[near])
        days = {order: day for order, day in days.items() if day.weekday() == weekday} or days
    latest = now.replace(tzinfo=None) + timedelta(days=2)
    if usual in days and (is_sure or days[usual] <= latest):
        return days[usual]
    possible = {day for day in days.values() if day <= latest}
    return possible.pop() if len(possible) == 1 else None


def full_year(text: str, now: datetime) -> int | None:
    """Returns the year that four digits, or two with or without an apostrophe, mean.

    Two digits mean the latest such year that is at most one after `now`; None before 1980.
    """
    number = int(text.strip("' "))
    if number > 99:
        return number
    year = now.year + 1 - (now.year + 1 - number) % 100
    return year if year >= _EARLIEST_SHORT_YEAR else None


def _make_day(year: str, month: str, day: str, now: datetime) -> datetime | None:
    number = full_year(year, now)
    try:
        return datetime(number, int(month), int(day)) if number and len(year) != 1 else None
    except ValueError:
        return None


def _printed_weekday(text: str) -> int:
    """Returns the weekday that a text names, Monday is 0; -1 if it names none or several."""
    found = {int((match.lastgroup or "d-1")[1:]) for match in _WEEKDAY.finditer(text)}
    return found.pop() if len(found) == 1 else -1


def _usual_order(match: re.Match[str], languages: Sequence[str], zone: str) -> tuple[str, bool]:
    """Returns the usual order, "" if there is none, and whether nobody there writes another."""
    has_short_year = len(match["y"]) <= 2
    if speaks(languages, "ko", "ja", "zh") or _EASTERN.search(match.string):
        return ("ymd", True) if has_short_year else ("", False)
    is_english = speaks(languages, "en")
    if any(languages) and not is_english:
        return "dmy", True
    is_american = speaks(languages, "en-us") or zone.startswith(_MONTH_FIRST_ZONES)
    is_elsewhere = zone != "" and not zone.startswith(_EITHER_ORDER_ZONES)
    if match["s"] == ".":
        return ("", False) if has_short_year and not is_elsewhere else ("dmy", True)
    if is_american:
        return "mdy", False
    if is_elsewhere or any(language.startswith("en-") for language in languages):
        return "dmy", False
    return ("mdy", False) if is_english and match["s"] == "/" else ("", False)
