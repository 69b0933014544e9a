"""Removes the date that page scrapers leave at the end of a headline. No I/O."""

import re

# KCNA's lists print the date after each headline, in the Juche or the Gregorian calendar.
_DATED_HEADLINE = re.compile(
    r"(.*\S)[^\S\n]*\n\s*"
    r"(\[\s?(?:(Juche|주체|主体|チュチェ|Чучхе)\s?)?(\d{2,4})\.\s?(\d{1,2})\.\s?(\d{1,2})\.?\s?\])\s*",
    re.IGNORECASE | re.DOTALL,
)
_JUCHE_YEAR_OFFSET = 1911  # the first year of the Juche calendar is 1912


def split_headline_date(title: str) -> tuple[str, str, str]:
    """Separates a headline from a date in brackets that stands alone on its last line.

    Returns the headline, the date as ISO 8601 ("" if there is none) and the date as printed, for
    example `Farm Opened`, `2024-02-11` and `[Juche113.2.11.]`. The date is not validated. A date
    within a line belongs to the headline and stays.
    """
    found = _DATED_HEADLINE.fullmatch(title) if title.rstrip().endswith("]") else None
    if found is None:
        return title, "", ""
    year = int(found[4]) + (_JUCHE_YEAR_OFFSET if found[3] else 0)
    return found[1], f"{year:04}-{int(found[5]):02}-{int(found[6]):02}", found[2]
