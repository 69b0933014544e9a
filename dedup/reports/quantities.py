"""Quantities that a text speaks of, as keys that are equal in all languages.

1,500 km, 1500킬로미터, 1500公里 and 1500 км are `km:1500`; 20만 명, 200,000 people and 20万人 are `n:200000`;
80주년, 80th anniversary and 80-летие are `year:80`; 1월 3일, January 3 and 3 января are `day:01-03`
and `day:3`; 3일 alone is `day:3`.
"""

import re
from collections.abc import Iterator
from functools import cache

_MIN_PLAIN = 100
"""Numbers without a unit below this are mostly days, hours and parts of names."""
_YEARS = range(1900, 2100)

_WEIGHTS = {"day": 2.0, "date": 2.5, "y": 0.2, "year": 1.5, "n": 4.5}
_WEIGHT_WITH_UNIT = 5.5
"""How much it counts that two texts share a quantity, by kind; comparable to those of concepts."""

_DIGITS = (
    r"[0-9]{1,3}(?:[., \u00a0\u202f][0-9]{3}){1,4}(?![0-9])|[0-9]{1,12}(?:[.,][0-9]{1,2}(?![0-9]))?"
)
_HAN_DIGITS = "〇一二三四五六七八九"
_HAN_NUMBER = "[〇零一二两兩三四五六七八九十百千]{1,9}"
_EAST_ASIAN_SCALES = {"십": 10, "백": 100, "천": 1000, "만": 10**4, "억": 10**8} | {
    "十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8
}  # fmt: skip
_SCALE_WORDS = {
    1000: "thousand|тысяч|тысячи|тысяча|тыс|mil|mille",
    10**6: "million|миллион|миллиона|миллионов|млн|millón|millones|millions",
    10**9: "billion|миллиард|миллиарда|миллиардов|млрд|milliard|milliards",
}
_EAST_ASIAN_UNITS = {
    "km": "킬로미터 키로메터 ㎞ 公里 千米 キロメートル キロ",
    "mm": "밀리미터 미리메터 밀리 ㎜ 毫米 ミリメートル ミリ",
    "m": "미터 메터 米 メートル",
    "kg": "킬로그램 ㎏ 公斤 キログラム",
    "t": "톤 吨 噸 トン",
    "kt": "킬로톤 千吨 万吨级 キロトン",
    "ha": "정보 헥타르 公顷 ヘクタール",
    "%": "％ 퍼센트 パーセント",
    "s": "초 秒",
    "min": "분간 分钟 分鐘 分間",
    "hours": "시간 小时 小時 時間",
    "year": "주년 돌 돐 周年 週年",
    "age": "세의 세인 살 歲 岁 歳",
    "usd": "달러 딸라 美元 ドル",
    "n": "여명 명 名 人 余人 여발 발 枚 발의 発 发 여기 기의 척 艘 隻 대의 여대 세대 가구 户",
}
_ALPHABETIC_UNITS = {
    "km": "km|kilomet(?:er|re)|kilómetro|kilomètre|км|километр",
    "mm": "mm|millimet(?:er|re)|milímetro|millimètre|мм|миллиметр",
    "m": "m|met(?:er|re)|metro|mètre|метр",
    "kg": "kg|kilogram|kilogramo|kilo|кг|килограмм",
    "t": "ton|tonne|tonelada|тонн",
    "kt": "kt|kiloton|kilotón|kilotonne|килотонн",
    "ha": "ha|hectare|hectárea|га|гектар",
    "%": "%|percent|per cent|por ciento|pour cent|процент",
    "s": "second|segundo|seconde|секунд",
    "min": "minute|minuto|минут",
    "hours": "hour|hora|heure|час",
    "year": "(?:th|st|nd|rd) (?:founding |founding birth |birth )?anniversar(?:y|ie)|[.]?[º°o]? aniversario|e anniversaire"
    "|лети|(?:й|я|ю|ой) годовщин",
    "age": "year old|years old|años|ans|летн",
    "usd": "dollar|dólar|доллар",
    "n": "people|soldier|troop|person|personnel|soldado|soldat|personne|household|человек|солдат|военнослужащ",
}
_MONTHS = (
    "january|jan|января|enero|janvier",
    "february|feb|февраля|febrero|février",
    "march|mar|марта|marzo|mars",
    "april|apr|апреля|abril|avril",
    "may|мая|mayo|mai",
    "june|jun|июня|junio|juin",
    "july|jul|июля|julio|juillet",
    "august|aug|августа|agosto|août",
    "september|sept|sep|сентября|septiembre|septembre",
    "october|oct|октября|octubre|octobre",
    "november|nov|ноября|noviembre|novembre",
    "december|dec|декабря|diciembre|décembre",
)


def find_quantities(text: str) -> frozenset[str]:
    """Returns keys of the quantities and days that a text speaks of. Linear in the text."""
    return frozenset(_iter_days(text)) | frozenset(_iter_amounts(text))


_SMALL_NUMBER = re.compile(r"(?<![0-9.,])[0-9]{1,2}(?![0-9]|[.,][0-9])")
_EAST_ASIAN_DAY = re.compile("(?: ?[월月] ?([0-9]{1,2}) ?)?(?:일(?!간|째|차|본)|日(?!间|間|本)|号)")
_WORD_BEFORE = re.compile(r"([^\W\d_]{3,10})\.? $")
_WORD_AFTER = re.compile(r"(?:er|º)? (?:de )?([^\W\d_]{3,10})")
_MAX_MONTH = 13
"""Letters of a month's name with what stands between it and the day."""


def _iter_days(text: str) -> Iterator[str]:
    for found in _SMALL_NUMBER.finditer(text):
        number, start, end = int(found.group()), *found.span()
        named = _WORD_BEFORE.search(text[max(0, start - _MAX_MONTH) : start])
        month = _month_number(named) or _month_number(_WORD_AFTER.match(text, end))
        if month:
            yield from _day_keys(month, number)
        elif east_asian := _EAST_ASIAN_DAY.match(text, end):
            if east_asian[1]:
                yield from _day_keys(number, int(east_asian[1]))
            else:
                yield from _day_keys(None, number)


def _day_keys(month: int | None, day: int) -> Iterator[str]:
    if 1 <= day <= 31:
        yield f"day:{day}"
        if month and month <= 12:
            yield f"day:{month:02}-{day:02}"


def _month_number(found: re.Match[str] | None) -> int | None:
    return _month_numbers().get(found[1].casefold()) if found else None


@cache
def _month_numbers() -> dict[str, int]:
    return {name: i for i, row in enumerate(_MONTHS, 1) for name in row.split("|")}


def quantity_weight(key: str) -> float:
    """Returns how much it counts that two texts share a quantity."""
    kind, value = key.split(":")
    if kind == "day" and "-" in value:
        kind = "date"
    return _WEIGHTS.get(kind, _WEIGHT_WITH_UNIT)


def _iter_amounts(text: str) -> Iterator[str]:
    for found in _amount_pattern().finditer(text):
        value = _read_number(found["number"]) * _read_scale(found["scale"])
        value += _read_number(found["rest"] or "0") * _read_scale(found["rest_scale"])
        unit = _unit_of(found)
        if unit:
            yield f"{unit}:{_format(value)}"
        elif found["number"][0].isdigit() or found["scale"]:
            if not found["scale"] and value in _YEARS:
                yield f"y:{_format(value)}"
            elif value >= _MIN_PLAIN:
                yield f"n:{_format(value)}"


def _unit_of(found: re.Match[str]) -> str:
    if found["east_asian"]:
        return _east_asian_units()[found["east_asian"]]
    return next((name for name in _UNIT_GROUPS if found[_UNIT_GROUPS[name]]), "")


_UNIT_GROUPS = {name: f"unit{i}" for i, name in enumerate(_ALPHABETIC_UNITS)}


@cache
def _east_asian_units() -> dict[str, str]:
    return {unit: name for name, row in _EAST_ASIAN_UNITS.items() for unit in row.split()}


@cache
def _scale_words() -> dict[str, int]:
    return {word: scale for scale, row in _SCALE_WORDS.items() for word in row.split("|")}


@cache
def _amount_pattern() -> re.Pattern[str]:
    units = "|".join(sorted(map(re.escape, _east_asian_units()), key=len, reverse=True))
    words = "|".join(sorted(_scale_words(), key=len, reverse=True))
    scales = "".join(_EAST_ASIAN_SCALES)
    alphabetic = "|".join(
        f"(?P<{_UNIT_GROUPS[name]}>{row})" for name, row in _ALPHABETIC_UNITS.items()
    )
    return re.compile(
        f"(?<![0-9.,])(?P<number>{_DIGITS}|{_HAN_NUMBER})"
        f"(?:(?P<scale>[{scales}]{{1,2}}| (?:{words})\\b)"
        f"(?: ?(?P<rest>[0-9]{{1,4}})(?P<rest_scale>[{scales}]{{0,2}}))?)?"
        f"(?: ?여? ?(?P<east_asian>{units})|(?P<glue>[ -]?(?:de |d'|of )?)(?:{alphabetic})(?:s|es|[а-яё]{{0,4}})(?![a-zа-яё]))?",
        re.IGNORECASE,
    )


def _read_scale(scale: str | None) -> int:
    if not scale:
        return 1
    if scale[0] == " ":
        return _scale_words()[scale[1:].casefold()]
    product = 1
    for letter in scale:
        product *= _EAST_ASIAN_SCALES[letter]
    return product


def _read_number(number: str) -> float:
    """Returns the value of digits or of a number in Chinese characters below ten thousand."""
    if number[0].isascii():
        return _read_digits(number)
    total, digit = 0, 0
    for letter in number.translate(_HAN_FORMS):
        if letter in _EAST_ASIAN_SCALES:
            total, digit = total + max(digit, 1) * _EAST_ASIAN_SCALES[letter], 0
        else:
            digit = digit * 10 + _HAN_DIGITS.index(letter)
    return total + digit


_HAN_FORMS = str.maketrans("零两兩", "〇二二")


def _read_digits(number: str) -> float:
    groups = re.split("[., \u00a0\u202f]", number)
    if len(groups) > 1 and all(len(group) == 3 for group in groups[1:]):
        return int("".join(groups))
    return float(number.replace(",", "."))


def _format(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
