"""Parses dates in scripts that `crawler.extract.dates.dates` has no patterns for, with dateparser.

dateparser takes half a second to import. It is used only for short texts with digits that contain
Arabic, Thai, Burmese, Devanagari, Greek or Hebrew letters.
"""

import re
from datetime import datetime

_LANGUAGES = (
    (re.compile("[\u0600-\u06ff]"), ("ar", "fa", "ur")),
    (re.compile("[\u0e00-\u0e7f]"), ("th",)),
    (re.compile("[\u1000-\u109f]"), ("my",)),
    (re.compile("[\u0900-\u097f]"), ("hi", "mr", "ne")),
    (re.compile("[\u0370-\u03ff]"), ("el",)),
    (re.compile("[\u0590-\u05ff]"), ("he",)),
)
_MAX_TEXT_CHARS = 80
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_BUDDHIST_ERA = 543


def parse_other_script_date(text: str) -> tuple[datetime, bool] | None:
    """Returns a time without zone and whether the time of day was printed; None if not a date."""
    if len(text) > _MAX_TEXT_CHARS or sum(map(str.isdigit, text)) < 5:
        return None
    for script, languages in _LANGUAGES:
        if script.search(text):
            return _parse_with_dateparser(text, languages)
    return None


def _parse_with_dateparser(text: str, languages: tuple[str, ...]) -> tuple[datetime, bool] | None:
    from dateparser import parse

    settings = {"REQUIRE_PARTS": ["day", "month", "year"], "RETURN_AS_TIMEZONE_AWARE": False}
    try:
        parsed = parse(text, languages=list(languages), settings=settings)
    except (ValueError, OverflowError, TypeError, RecursionError):
        return None
    if parsed is None:
        return None
    # Thai newspapers use the Buddhist era.
    year = parsed.year - _BUDDHIST_ERA if parsed.year > 2400 else parsed.year
    try:
        return parsed.replace(year=year, tzinfo=None, microsecond=0), bool(_CLOCK.search(text))
    except ValueError:
        return None
