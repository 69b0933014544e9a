"""Names and abbreviations of months in several languages."""

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
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października"
    " listopada grudnia",
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
    "tr": "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "id": "januari februari maret april mei juni juli agustus september oktober november desember",
    "vi": "",
}
_IRREGULAR_MONTH_NAMES = {
    "sept": 9, "set": 9, "févr": 2, "fevr": 2, "fév": 2, "janv": 1, "juil": 7, "avr": 4,
    "aout": 8, "déc": 12, "mrz": 3, "май": 5, "янв": 1, "фев": 2, "мар": 3, "апр": 4, "июн": 6,
    "июл": 7, "авг": 8, "сен": 9, "сент": 9, "окт": 10, "ноя": 11, "нояб": 11, "дек": 12,
    "январь": 1, "февраль": 2, "март": 3, "апрель": 4, "июнь": 6, "июль": 7, "август": 8,
    "сентябрь": 9, "октябрь": 10, "ноябрь": 11, "декабрь": 12, "setiembre": 9,
}  # fmt: skip


def _build_month_numbers() -> dict[str, int]:
    numbers_by_name: dict[str, int] = {}
    for names in _MONTHS.values():
        for number, name in enumerate(names.split(), start=1):
            numbers_by_name.setdefault(name, number)
            if name.isascii():
                numbers_by_name.setdefault(name[:3], number)
    return numbers_by_name | _IRREGULAR_MONTH_NAMES


MONTH_NUMBERS = _build_month_numbers()
MONTH_PATTERN = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))
