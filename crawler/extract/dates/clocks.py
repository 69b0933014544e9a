"""Parses times of day as the press prints them, with the words that say which half of the day.

Texts come from `crawler.extract.dates.calendars.to_gregorian`, so that digits are ASCII digits.
"""

import re
from dataclasses import dataclass, replace

from crawler.extract.dates.zones import ZONE_WORDS

# What a word does to an hour: of the morning, of the afternoon, of the night, of noon.
_HALF_DAY_WORDS = {
    "am": r"a\.?\s?m(?![^\W\d_])\.?|오전|새벽|아침|午前|上午|早上|早晨|清晨|凌晨|朝|утра|sáng"
          r"|(?:de|por) la mañana|de la madrugada|da (?:manhã|madrugada)|du matin|(?:uhr )?morgens|in the morning",
    "pm": r"p\.?\s?m(?![^\W\d_])\.?|오후|저녁|午後|午后|下午|傍晚|夕方|дня|вечера|chiều|(?:de|por) la tarde|da tarde"
          r"|de l['’]après-midi|du soir|(?:uhr )?(?:abends|nachmittags)|in the (?:afternoon|evening)",
    "night": r"밤|晚上|晚间|晚間|夜间|夜間|夜里|夜晚|深夜|夜|晚|晩|ночи|tối|de la noche|da noite|(?:uhr )?nachts|at night",
    "midnight": r"midnight|de la medianoche|자정|午夜|子夜",
    "noon": r"낮|中午|(?<!正)午(?![前後后夜])|昼|noon|mediodía|del mediodía|mittags",
}  # fmt: skip
_WORDS = {
    12: r"정오|正午|中午|\bnoon\b|\bmidday\b|\bполдень\b|\bmediodía\b|\bmeio-dia\b"
    r"|(?<!après-)\bmidi\b|\bmezzogiorno\b",
    0: r"자정|午夜|子夜|半夜|零[时時点點]|\bmidnight\b|\bполночь\b|\bmedianoche\b|\bmeia-noite\b|\bminuit\b"
    r"|\bmitternacht\b|\bmezzanotte\b",
}
_HALF_DAY = "|".join(_HALF_DAY_WORDS.values())
_HALF_DAYS = tuple(
    (name, re.compile(words, re.IGNORECASE)) for name, words in _HALF_DAY_WORDS.items()
)
_ABBREVIATED_ZONES = r"HKT|KST|JST|GMT|UTC|SGT|ICT|MSK|BST|CET|CEST|EST|EDT|PST|PDT|IST|WIB|МСК"
ZONE = (
    rf"(?:\s{{0,3}}\(?(?P<z>Z\b|(?:GMT|UTC)\s?[+-]\d{{1,2}}(?::?\d{{2}})?|[+-]\d{{2}}:?\d{{2}}(?!\d)"
    rf"|[+-]\d{{2}}(?![\d:])|(?:{ZONE_WORDS})|(?:(?-i:[A-Z]{{2,5}})|{_ABBREVIATED_ZONES})\b)\)?)?"
)
_CLOCK = re.compile(
    rf"(?:(?P<z0>{_ABBREVIATED_ZONES}) )?(?P<at>à\s)?(?:(?P<half>{_HALF_DAY})\s{{0,2}})?(?<!\d)(?P<h>\d{{1,2}})(?:"
    r"\s?:\s?(?P<m>\d{1,2})(?:\s?[:m]\s?(?P<s>\d{1,2})(?:[.,]\d{1,9})?)?(?!\d)(?:\s?uhr\b)?"
    r"|\s?(?:[시時时點点]|h|ч\.?|uhr\s|giờ)\s?(?P<m1>\d{1,2})(?!\d)(?:\s?[분分m:](?:\s?(?P<s1>\d{1,2})\s?[초秒]?)?)?"
    r"|\s?[시時时點点]\s?(?P<thirty>[반半])?(?!\d)"
    r"|\.(?P<m2>[0-5]\d)(?=\s?(?:[ap]\.?\s?m\b|uhr\b|hrs\b))"
    # "à 18 h": behind an hour alone, only this word says that it is one.
    r"|(?(at)\s?h\b|(?!))"
    rf"|\s?(?:час(?:а|ов)?|uhr|heures?|horas|o['’]clock)(?=\s?[,)]|\s?$|\s(?:{_HALF_DAY}|{_ABBREVIATED_ZONES}))"
    rf"|(?=\s?[ap]\.?\s?m\b|\s(?:de la|da|du|de l|in the)\s|\s(?:утра|вечера|ночи)\b|\s(?:mid)?noon\b)"
    rf")(?:\s?(?:uhr|hrs)\b)?(?:,?\s?(?P<half2>{_HALF_DAY}))?" + ZONE,
    re.IGNORECASE,
)
_WORD = re.compile(
    rf"(?:{'|'.join(f'(?P<w{hour}>{words})' for hour, words in _WORDS.items())})" + ZONE,
    re.IGNORECASE,
)
_COMPACT = re.compile(
    r"T?\s?(?P<h>[012]\d)(?P<m>[0-5]\d)(?:(?P<s>[0-5]\d)|(?=Z|[+-]\d|\s?$|\s?[\"')]))(?!\d)" + ZONE
)
# "1845 GMT": four digits are a clock only with a zone behind them.
_MILITARY = re.compile(
    rf"(?<!\d)(?P<h>[01]\d|2[0-3])(?P<m>[0-5]\d)(?:\s?hrs)?\s(?P<z>{_ABBREVIATED_ZONES})\b"
)
# "5 сентября 2025 года, 18.45": a dot is a clock's only right behind the date or before its end.
_DOTTED = re.compile(
    r"[\s,|·(–—-]{0,3}(?:(?:г(?:ода)?\.?|at|um|à|a las|ore|alle|klo|kl\.?|om|o|в|pukul|jam|godz\.?"
    r"|às|р\.?|u)\b\.?[\s,|·(–—-]{0,3})?"
    r"(?P<h>[01]?\d|2[0-3])\.(?P<m>[0-5]\d)"
    rf"(?=\s?$|\s?[)|,;·\]\n]|\.?\s?$|\s(?:uhr|{_ABBREVIATED_ZONES})\b)" + ZONE,
    re.IGNORECASE,
)
_MAX_DISTANCE = 30


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. `second`: None if not printed. `zone`: as printed, "" if none."""

    hour: int
    minute: int
    second: int | None
    zone: str
    start: int
    end: int


def clock_after(text: str, start: int, end: int) -> Clock | None:
    """Returns the time of day behind a date that ends at `start`; None if there is none near it."""
    near = text[start : min(end, start + 2 * _MAX_DISTANCE)]
    if found := _COMPACT.match(near):
        return _make_clock(found, start)
    for pattern in (_CLOCK, _WORD, _MILITARY):
        for candidate in pattern.finditer(near):
            if candidate.start() >= _MAX_DISTANCE:
                break
            if clock := _make_clock(candidate, start):
                return clock
    dotted = _DOTTED.match(near)
    return _make_clock(dotted, start) if dotted else None


def clock_before(text: str, start: int, end: int) -> Clock | None:
    """Returns the last time of day in the 60 letters before `end`; None if there is none."""
    first = max(start, end - 2 * _MAX_DISTANCE)
    near = text[first:end]
    for pattern in (_CLOCK, _WORD, _MILITARY):
        clocks = [clock for found in pattern.finditer(near) if (clock := _make_clock(found, first))]
        if clocks:
            return clocks[-1]
    return None


def only_clock(text: str) -> Clock | None:
    """Returns the time of day of a text that is nothing else; None for any other text."""
    found = _CLOCK.fullmatch(text.strip(" \n()[]|,"))
    return _make_clock(found, 0) if found else None


def _make_clock(match: re.Match[str], offset: int) -> Clock | None:
    parts = {name: value for name, value in match.groupdict().items() if value}
    zone = parts.get("z") or parts.get("z0") or ""
    if "h" not in parts:
        return Clock(
            12 if "w12" in parts else 0, 0, None, zone, offset + match.start(), offset + match.end()
        )
    minute = (
        parts.get("m") or parts.get("m1") or parts.get("m2") or ("30" if "thirty" in parts else "0")
    )
    second = parts.get("s") or parts.get("s1")
    start, end = offset + match.start(), offset + match.end()
    clock = Clock(int(parts["h"]), int(minute), int(second) if second else None, zone, start, end)
    hour = _hour_of_day(clock.hour, parts.get("half2") or parts.get("half") or "")
    if hour is None or hour > 23 or clock.minute > 59 or (clock.second or 0) > 59:
        return None
    return replace(clock, hour=hour)


def _hour_of_day(hour: int, word: str) -> int | None:
    """Returns the hour of 24 that an hour means with a word such as "p.m."; None if undecided.

    Twelve at night ends one day and begins the next: the word does not say which.
    """
    half = next((name for name, words in _HALF_DAYS if word and words.fullmatch(word)), "")
    if half in ("am", "midnight"):
        return 0 if hour == 12 else hour
    if half == "pm":
        return hour + 12 if hour < 12 else hour
    if half == "night":
        return None if hour == 12 else hour + 12 if 5 <= hour < 12 else hour
    if half == "noon":
        return hour + 12 if hour < 6 else hour
    return hour
