"""Removes the date that page scrapers leave at the end of a headline. No I/O."""

import re
from datetime import date

from storage.importers.juche_years import JUCHE_WORDS, JUCHE_YEAR_OFFSET

# KCNA's lists print the date after each headline, in the Juche or the Gregorian calendar.
_DATED_HEADLINE = re.compile(
    r"(.*\S)[^\S\n]*\n\s*"
    rf"(\[\s?(?:(?:{JUCHE_WORDS})\s?(?P<juche>\d{{2,3}})|"
    r"(?P<year>(?:19|20)\d{2}))"
    r"\.\s?(?P<month>\d{1,2})\.\s?(?P<day>\d{1,2})\.?\s?\])\s*",
    re.IGNORECASE | re.DOTALL,
)


def split_headline_date(title: str) -> tuple[str, str, str]:
    """Separates a headline from a date in brackets that stands alone on its last line.

    Returns the headline, the date as ISO 8601 ("" if there is none) and the date as printed, for
    example `Farm Opened`, `2024-02-11` and `[Juche113.2.11.]`. A date within a line belongs to the
    headline and stays, and so do brackets with numbers that are no day.
    """
    found = _DATED_HEADLINE.fullmatch(title) if title.rstrip().endswith("]") else None
    if found is None:
        return title, "", ""
    year = int(found["juche"]) + JUCHE_YEAR_OFFSET if found["juche"] else int(found["year"])
    try:
        day = date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        return title, "", ""
    return found[1], day.isoformat(), found[2]
