"""Rewrites a day, month or year of the Juche calendar as ISO 8601. No I/O."""

import re

JUCHE_YEAR_OFFSET = 1911  # the first year of the Juche calendar is 1912
JUCHE_WORDS = "Juche|주체|主体|主體|チュチェ|Чучхе"
_JUCHE_DATE = re.compile(
    rf"[\[(]?\s?(?:{JUCHE_WORDS})\s?(?P<year>\d{{1,3}})\s?(?:\(\s?\d{{4}}\s?\))?\s?[년年]?"
    r"(?:(?:[.\s-]|(?<=[년年]))\s?(?P<month>\d{1,2})\s?[월月]?(?:(?:[.\s-]|(?<=[월月]))\s?(?P<day>\d{1,2})\s?[일日]?)?)?\s?\.?\s?[\])]?",
    re.IGNORECASE,
)


def juche_to_iso(text: str) -> str:
    """Returns ISO 8601 of the same precision: `Juche 115.5.1` is `2026-05-01`, `Juche 115` `2026`.

    Returns any other text unchanged. Months and days are not validated.
    """
    match = _JUCHE_DATE.fullmatch(text.strip())
    if match is None:
        return text
    parts = (match["month"], match["day"])
    return "-".join(
        (str(int(match["year"]) + JUCHE_YEAR_OFFSET), *(part.zfill(2) for part in parts if part))
    )
