"""Rewrites the years and digits of other calendars and scripts as Gregorian years and ASCII digits.

After it, one set of patterns reads them all: `令和7年`, `中華民國114年`, `주체114(2025)년`, `พ.ศ. 2568`
and `二〇二五年` all become `2025` with the same words around it.
"""

import re
from collections.abc import Sequence

# The year before the first one of each era: its first year is 1.
YEAR_BEFORE_ERA = {
    "令和": 2018, "平成": 1988, "昭和": 1925, "r": 2018, "h": 1988, "s": 1925,
    "民國": 1911, "民国": 1911,
    "juche": 1911, "주체": 1911, "主体": 1911, "主體": 1911, "チュチェ": 1911, "чучхе": 1911,
    "พ.ศ.": -543, "พ.ศ": -543,
}  # fmt: skip
_ERA = re.compile(
    r"(?P<era>令和|平成|昭和|(?:中華|中华)?民[國国]|juche|주체|主体|主體|チュチェ|чучхе|พ\.ศ\.?)\s?"
    r"(?P<n>\d{1,4}|元)(?!\d)\s?(?P<mark>[年년])?"
    r"(?:\s?\(\s?(?P<given>\d{4})\s?(?P<mark2>[年년])?\s?\))?",
    re.IGNORECASE,
)
_STATED_TWICE = re.compile(
    r"(?<!\d)(\d{4})\s?([年년]?)(?:\s?\(\1\s?[年년]?\)|(?<=\d)[\s,]\s?\1(?![\d:]))"
)
# A letter for the era: "R7.9.5". Only Japanese texts have it.
_SHORT_ERA = re.compile(
    r"(?<![A-Za-z\d])(?P<era>[RHS])\s?(?P<n>\d{1,2})(?=\s?年\s?\d|(?P<s>[./-])\d{1,2}(?P=s)\d{1,2}(?!\d))"
)
# A year of three digits is one of the Republic of China: "114年9月5日", "114/09/05".
_REPUBLIC_YEAR = re.compile(
    r"(?<![\d./-])(?P<n>1[0-4]\d)(?=\s?年\s?\d{1,2}\s?月|(?P<s>[./-])\d{1,2}(?P=s)\d{1,2}(?!\d))"
)
_BUDDHIST_YEAR = re.compile(r"(?<!\d)25\d\d(?!\d)")
_BUDDHIST_OFFSET = 543
_HAN_NUMBER = re.compile(r"[〇○零一二三四五六七八九十廿卅百]{1,6}(?=\s?(?:[年月日号號时時点點分]))")
_HAN_DIGITS = {
    **{digit: number for number, digit in enumerate("零一二三四五六七八九")},
    "〇": 0,
    "○": 0,
}
_HAN_UNITS = {"百": 100, "十": 10, "廿": 20, "卅": 30}
# Full-width forms are ASCII at a distance; other spaces are spaces; marks of direction are nothing.
_PLAIN_FORMS: dict[int, int | None] = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys((0xA0, 0x3000, 0x202F, *range(0x2000, 0x200B)), 0x20),
    **dict.fromkeys((0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F)), None),
    0x2019: 0x27, 0x2018: 0x27, 0x2010: 0x2D, 0x2011: 0x2D,
}  # fmt: skip


def speaks(languages: Sequence[str], *prefixes: str) -> bool:
    """Returns whether one of the languages is one of those that the prefixes name."""
    return any(language.startswith(prefixes) for language in languages)


def to_gregorian(text: str, languages: Sequence[str] = ()) -> str:
    """Returns a text with Gregorian years and, in dates, ASCII digits.

    `languages` decide about years that name no era: a year of three digits is one of Taiwan only
    in Chinese, and 2568 is 2025 only in Thai.
    """
    is_ascii = text.isascii()
    if not is_ascii:
        text = text.translate(_PLAIN_FORMS)
        text = _HAN_NUMBER.sub(lambda match: str(_han_number(match[0])), text)
        text = _STATED_TWICE.sub(r"\1\2", _ERA.sub(_with_gregorian_year, text))
    elif "uche" in text.lower():
        text = _STATED_TWICE.sub(r"\1", _ERA.sub(_with_gregorian_year, text))
    if speaks(languages, "zh") or not (is_ascii or any(languages)):
        text = _REPUBLIC_YEAR.sub(lambda match: str(int(match["n"]) + 1911), text)
    if speaks(languages, "ja"):
        text = _SHORT_ERA.sub(_with_gregorian_year, text)
    elif speaks(languages, "th"):
        text = _BUDDHIST_YEAR.sub(lambda match: str(int(match[0]) - _BUDDHIST_OFFSET), text)
    return text


def _with_gregorian_year(match: re.Match[str]) -> str:
    parts = match.groupdict()
    number = 1 if parts["n"] == "元" else int(parts["n"])
    era = parts["era"].lower().removeprefix("中華").removeprefix("中华")
    year = int(parts.get("given") or YEAR_BEFORE_ERA[era] + number)
    return f"{year}{parts.get('mark') or parts.get('mark2') or ''}"


def _han_number(text: str) -> int:
    """Returns the number that Chinese numerals mean, by tens (`二十五`) or by digits (`二〇二五`)."""
    total = digits = 0
    for sign in text:
        if (unit := _HAN_UNITS.get(sign)) is None:
            digits = 10 * digits + _HAN_DIGITS[sign]
        else:
            is_factor = sign in "十百"
            total += (digits or 1) * unit if is_factor else unit
            digits = 0
    return total + digits
