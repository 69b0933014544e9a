"""Makes the pieces of HTML that templates cannot write by themselves. Pure.

This module and `web.charts` are the only ones that make `Markup`: everything else is escaped by the
templates. No function here takes HTML, and each escapes what it is given.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from markupsafe import Markup

from storage.clean import format_utc, printable
from storage.reports.delays import format_delay
from storage.stated_time import StatedTime

_TIME = Markup('<time datetime="{}">{}</time>')


def finalize(value: Any) -> Any:
    """Returns what a template prints for a value: nothing for None, no control characters."""
    if value is None:
        return ""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def format_day(day: date) -> str:
    """Returns a day for people: 5 Jan 2026."""
    return f"{day.day} {day:%b %Y}"


def format_time(at: StatedTime | datetime | date | None) -> str:
    """Returns a time for people as precisely as it is known: 5 Jan 2026, 09:30."""
    if at is None:
        return ""
    if isinstance(at, StatedTime):
        if not at.has_clock:
            return format_day(at.day) if len(str(at)) == len("2026-01-05") else str(at)
        at = at.at
    if isinstance(at, datetime):
        at = at.astimezone(UTC)
        return f"{format_day(at.date())}, {at:%H:%M}"
    return format_day(at)


def time_element(at: StatedTime | datetime | date | None) -> Markup:
    """Returns `<time>` with the time for people, as precisely as it is known."""
    return _make_time(at, format_time(at))


def clock_element(at: StatedTime | datetime) -> Markup:
    """Returns `<time>` with the time of day, or a dash where only the day is known."""
    is_day = isinstance(at, StatedTime) and not at.has_clock
    instant = at.at if isinstance(at, StatedTime) else at
    return _make_time(at, "–" if is_day else f"{instant.astimezone(UTC):%H:%M}")


def _make_time(at: StatedTime | datetime | date | None, words: str) -> Markup:
    if at is None:
        return Markup("")
    if isinstance(at, datetime):
        return _TIME.format(format_utc(at, "seconds"), words)
    return _TIME.format(str(at), words)


def format_number(number: float) -> str:
    """Returns a number with a comma between thousands."""
    return f"{number:,}"


def format_seconds(seconds: float | None) -> str:
    """Returns a delay in seconds for people: 10 min, 2.5 h, 3.0 d."""
    return "" if seconds is None else format_delay(timedelta(seconds=seconds))


_CHINESE_BY_OUTLET_COUNTRY = {"TW": "zh-Hant", "HK": "zh-Hant", "MO": "zh-Hant"}


def html_language(language: str, country: str = "") -> str:
    """Returns the value of `lang` for a text. Chinese gets its script: the glyphs differ."""
    if language[:2] == "zh" and "-" not in language:
        return _CHINESE_BY_OUTLET_COUNTRY.get(country.upper(), "zh-Hans")
    return language or "und"
