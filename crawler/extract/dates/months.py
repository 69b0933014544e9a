"""Names and abbreviations of months in several languages."""

from collections.abc import Iterable, Sequence

_MONTHS = {
    "en": "january february march april may june july august september october november december",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre"
    " dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro"
    " dezembro",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października"
    " listopada grudnia",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "cs": "ledna února března dubna května června července srpna září října listopadu prosince",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "no": "januar februar mars april mai juni juli august september oktober november desember",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta"
    " syyskuuta lokakuuta marraskuuta joulukuuta",
    "hu": "január február március április május június július augusztus szeptember október november"
    " december",
    "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie"
    " decembrie",
    "hr": "siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga"
    " prosinca",
    "bg": "януари февруари март април май юни юли август септември октомври ноември декември",
    "tr": "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "id": "januari februari maret april mei juni juli agustus september oktober november desember",
}
_IRREGULAR_MONTH_NAMES = {
    "en": {"sept": 9},
    "es": {"set": 9, "setiembre": 9},
    "fr": {"fevr": 2, "aout": 8, "juin": 6, "juil": 7},
    "de": {"mrz": 3, "maerz": 3, "jän": 1, "jänner": 1},
    "ru": {"январь": 1, "февраль": 2, "март": 3, "апрель": 4, "май": 5, "июнь": 6, "июль": 7,
           "август": 8, "сентябрь": 9, "октябрь": 10, "ноябрь": 11, "декабрь": 12},
    "nl": {"mrt": 3},
    "pl": {"styczeń": 1, "luty": 2, "marzec": 3, "kwiecień": 4, "maj": 5, "czerwiec": 6, "lipiec": 7,
           "sierpień": 8, "wrzesień": 9, "październik": 10, "listopad": 11, "grudzień": 12},
    "cs": {"leden": 1, "únor": 2, "březen": 3, "duben": 4, "květen": 5, "červen": 6, "červenec": 7,
           "srpen": 8, "říjen": 10, "prosinec": 12, "čvc": 7, "čvn": 6},
}  # fmt: skip
# How many first letters make an abbreviation; in languages without an entry the press prints none.
_ABBREVIATION_LETTERS = {
    language: (3, 4) if language in ("fr", "ru") else (3,)
    for language in _MONTHS
    if language not in ("cs", "fi", "hr")
}


def _build_month_names() -> dict[str, dict[str, int]]:
    """Returns for each name and abbreviation what it means in which language."""
    names: dict[str, dict[str, int]] = {}
    for language, line in _MONTHS.items():
        full = dict(zip(line.split(), range(1, 13), strict=True))
        full |= _IRREGULAR_MONTH_NAMES.get(language, {})
        for name, number in full.items():
            names.setdefault(name, {})[language] = number
        for letters in _ABBREVIATION_LETTERS.get(language, ()):
            meanings: dict[str, set[int]] = {}
            for name, number in full.items():
                meanings.setdefault(name[:letters], set()).add(number)
            for short, numbers in meanings.items():
                if len(numbers) == 1 and short not in full:
                    names.setdefault(short, {})[language] = numbers.pop()
    return names


def _build_pattern(names: Iterable[str]) -> str:
    """Returns a pattern of all names, grouped by the first letter, so that it fails fast."""
    by_letter: dict[str, list[str]] = {}
    for name in sorted(names, key=len, reverse=True):
        by_letter.setdefault(name[0], []).append(name[1:])
    return "|".join(f"{letter}(?:{'|'.join(ends)})" for letter, ends in sorted(by_letter.items()))


_NUMBERS_BY_LANGUAGE = _build_month_names()
MONTH_NUMBERS = {
    name: next(iter(numbers.values())) for name, numbers in _NUMBERS_BY_LANGUAGE.items()
}
"""The months of all names; if a name means two months, that of the first language."""
MONTH_PATTERN = _build_pattern(MONTH_NUMBERS)


def month_number(name: str, languages: Sequence[str] = ()) -> int | None:
    """Returns the month that a name means in these languages, or in all that have the name.

    None if no language has it, or if those that have it disagree: `listopada` is October in
    Croatian and November in Polish.
    """
    numbers = _NUMBERS_BY_LANGUAGE.get(name.lower(), {})
    for language in languages:
        if (number := numbers.get(language[:2])) is not None:
            return number
    return next(iter(numbers.values())) if len(set(numbers.values())) == 1 else None


def is_known_month(name: str, languages: Sequence[str]) -> bool:
    """Returns whether a name is a month of English or of one of the languages; if () of any."""
    spoken = {"en", *(language[:2] for language in languages)}
    return not any(languages) or not spoken.isdisjoint(_NUMBERS_BY_LANGUAGE.get(name.lower(), {}))
