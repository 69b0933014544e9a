"""What page scrapers leave at the end of a headline and is none of its words. Pure."""

import re

# KCNA's lists print the date behind each headline, in one of two calendars as it happens.
_DATED_HEADLINE = re.compile(
    r"(.*\S)[^\S\n]*\n\s*"
    r"(\[\s?(?:(Juche|주체|主体|チュチェ|Чучхе)\s?)?(\d{2,4})\.\s?(\d{1,2})\.\s?(\d{1,2})\.?\s?\])\s*",
    re.IGNORECASE | re.DOTALL,
)
_JUCHE_YEAR_OFFSET = 1911  # the first year of the Juche calendar is 1912


def split_headline_date(title: str) -> tuple[str, str, str]:
    """A headline without the date that stands in brackets on a last line of its own.

    Returns the headline, that date as ISO 8601 ("" for none) and as printed: `Farm Opened`, `2024-02-11`
    and `[Juche113.2.11.]`. A date within a line is of the headline's words.
    """
    found = _DATED_HEADLINE.fullmatch(title) if title.rstrip().endswith("]") else None
    if found is None:
        return title, "", ""
    year = int(found[4]) + (_JUCHE_YEAR_OFFSET if found[3] else 0)
    return found[1], f"{year:04}-{int(found[5]):02}-{int(found[6]):02}", found[2]
