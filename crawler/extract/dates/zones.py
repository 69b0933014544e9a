"""Parses the time zone printed after a time, and guesses zones from country and language."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

# Abbreviations that the press prints; ambiguous ones have the meaning that is usual in news.
_OFFSET_MINUTES = {
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 60, "cet": 60, "west": 60, "cest": 120,
    "eet": 120, "sast": 120, "eest": 180, "msd": 240, "cst": -360, "ist": 330,
    "npt": 345, "ict": 420, "wib": 420, "hkt": 480, "sgt": 480, "pht": 480, "awst": 480,
    "kst": 540, "jst": 540, "wit": 540, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
    "est": -300, "edt": -240, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "brt": -180, "art": -180, "akst": -540, "hst": -600,
}  # fmt: skip
_ZONE_NAMES = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver",
    "pt": "America/Los_Angeles", "bjt": "Asia/Shanghai", "mez": "Europe/Berlin",
    "mesz": "Europe/Berlin", "msk": "Europe/Moscow", "мск": "Europe/Moscow",
    "日本時間": "Asia/Tokyo", "北京时间": "Asia/Shanghai", "北京時間": "Asia/Shanghai",
    "台灣時間": "Asia/Taipei", "香港時間": "Asia/Hong_Kong",
    "한국시간": "Asia/Seoul", "한국시각": "Asia/Seoul", "korea standard time": "Asia/Seoul",
    "korea time": "Asia/Seoul", "seoul time": "Asia/Seoul", "pyongyang time": "Asia/Pyongyang",
    "japan standard time": "Asia/Tokyo", "japan time": "Asia/Tokyo",
    "eastern": "America/New_York", "pacific": "America/Los_Angeles",
    "eastern time": "America/New_York", "pacific time": "America/Los_Angeles",
    "london time": "Europe/London", "beijing time": "Asia/Shanghai",
    "hong kong time": "Asia/Hong_Kong", "moscow time": "Europe/Moscow",
    "по московскому времени": "Europe/Moscow", "московское время": "Europe/Moscow",
    "по мск": "Europe/Moscow", "по москве": "Europe/Moscow",
}  # fmt: skip
ZONE_OF_COUNTRY = {
    "kr": "Asia/Seoul", "kp": "Asia/Pyongyang", "jp": "Asia/Tokyo", "cn": "Asia/Shanghai",
    "tw": "Asia/Taipei", "hk": "Asia/Hong_Kong", "mo": "Asia/Macau", "sg": "Asia/Singapore",
    "my": "Asia/Kuala_Lumpur", "th": "Asia/Bangkok", "vn": "Asia/Ho_Chi_Minh", "id": "Asia/Jakarta",
    "ph": "Asia/Manila", "mm": "Asia/Yangon", "kh": "Asia/Phnom_Penh", "la": "Asia/Vientiane",
    "in": "Asia/Kolkata", "pk": "Asia/Karachi", "bd": "Asia/Dhaka", "lk": "Asia/Colombo",
    "np": "Asia/Kathmandu", "ir": "Asia/Tehran", "il": "Asia/Jerusalem", "tr": "Europe/Istanbul",
    "ae": "Asia/Dubai", "qa": "Asia/Qatar", "sa": "Asia/Riyadh", "ru": "Europe/Moscow",
    "su": "Europe/Moscow", "by": "Europe/Minsk", "ua": "Europe/Kyiv", "kz": "Asia/Almaty",
    "mn": "Asia/Ulaanbaatar", "uz": "Asia/Tashkent", "uk": "Europe/London", "gb": "Europe/London",
    "ie": "Europe/Dublin", "fr": "Europe/Paris", "de": "Europe/Berlin", "at": "Europe/Vienna",
    "ch": "Europe/Zurich", "es": "Europe/Madrid", "it": "Europe/Rome", "pt": "Europe/Lisbon",
    "nl": "Europe/Amsterdam", "be": "Europe/Brussels", "pl": "Europe/Warsaw",
    "cz": "Europe/Prague", "se": "Europe/Stockholm", "no": "Europe/Oslo", "dk": "Europe/Copenhagen",
    "fi": "Europe/Helsinki", "gr": "Europe/Athens", "hu": "Europe/Budapest", "ro": "Europe/Bucharest",
    "rs": "Europe/Belgrade", "bg": "Europe/Sofia", "za": "Africa/Johannesburg",
    "ng": "Africa/Lagos", "ke": "Africa/Nairobi", "eg": "Africa/Cairo", "cu": "America/Havana",
    "ar": "America/Argentina/Buenos_Aires", "cl": "America/Santiago", "co": "America/Bogota",
    "pe": "America/Lima", "ve": "America/Caracas", "nz": "Pacific/Auckland",
    "br": "America/Sao_Paulo", "mx": "America/Mexico_City", "uy": "America/Montevideo",
    "py": "America/Asuncion", "bo": "America/La_Paz", "cr": "America/Costa_Rica",
    "pa": "America/Panama", "gt": "America/Guatemala", "do": "America/Santo_Domingo",
    "ee": "Europe/Tallinn", "lv": "Europe/Riga", "lt": "Europe/Vilnius", "sk": "Europe/Bratislava",
    "si": "Europe/Ljubljana", "hr": "Europe/Zagreb", "ba": "Europe/Sarajevo", "mk": "Europe/Skopje",
    "al": "Europe/Tirane", "md": "Europe/Chisinau", "is": "Atlantic/Reykjavik",
    "lu": "Europe/Luxembourg", "mt": "Europe/Malta", "cy": "Asia/Nicosia", "ge": "Asia/Tbilisi",
    "am": "Asia/Yerevan", "az": "Asia/Baku", "kg": "Asia/Bishkek", "tj": "Asia/Dushanbe",
    "jo": "Asia/Amman", "lb": "Asia/Beirut", "iq": "Asia/Baghdad", "kw": "Asia/Kuwait",
    "om": "Asia/Muscat", "bh": "Asia/Bahrain", "sy": "Asia/Damascus", "ye": "Asia/Aden",
    "af": "Asia/Kabul", "bn": "Asia/Brunei", "ma": "Africa/Casablanca", "dz": "Africa/Algiers",
    "tn": "Africa/Tunis", "gh": "Africa/Accra", "et": "Africa/Addis_Ababa", "ug": "Africa/Kampala",
    "tz": "Africa/Dar_es_Salaam", "zw": "Africa/Harare",
}  # fmt: skip
_ZONE_OF_LANGUAGE = {
    "ko": "Asia/Seoul",
    "ja": "Asia/Tokyo",
    "th": "Asia/Bangkok",
    "vi": "Asia/Ho_Chi_Minh",
    "my": "Asia/Yangon",
    "mn": "Asia/Ulaanbaatar",
    "zh-cn": "Asia/Shanghai",
    "zh-hans": "Asia/Shanghai",
    "zh-tw": "Asia/Taipei",
    "zh-hk": "Asia/Hong_Kong",
    "zh-hant": "Asia/Taipei",
    "zh": "Asia/Shanghai",
    "ru": "Europe/Moscow",
    "de": "Europe/Berlin",
    "it": "Europe/Rome",
    "pl": "Europe/Warsaw",
    "fr": "Europe/Paris",
    "tr": "Europe/Istanbul",
    "uk": "Europe/Kyiv",
    "he": "Asia/Jerusalem",
    "fa": "Asia/Tehran",
    "sv": "Europe/Stockholm",
    "cs": "Europe/Prague",
    "hu": "Europe/Budapest",
    "el": "Europe/Athens",
    "nl": "Europe/Amsterdam",
    "da": "Europe/Copenhagen",
    "no": "Europe/Oslo",
    "nb": "Europe/Oslo",
    "nn": "Europe/Oslo",
    "fi": "Europe/Helsinki",
    "ro": "Europe/Bucharest",
    "bg": "Europe/Sofia",
    "hr": "Europe/Zagreb",
    "sk": "Europe/Bratislava",
    "sl": "Europe/Ljubljana",
    "id": "Asia/Jakarta",
    "ms": "Asia/Kuala_Lumpur",
}
# Languages of several countries: the country behind them decides, "en-IN", "pt-BR".
_LANGUAGES_WITH_COUNTRY = ("en-", "pt-")
ZONE_WORDS = "|".join(
    sorted((name for name in _ZONE_NAMES if len(name) > 5 or not name.isascii()), key=len)[::-1]
)
"""A pattern of the names of zones that are more than a few capitals."""
_OFFSET = re.compile(r"(?:gmt|utc|z)?\s?([+\-−])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)


@lru_cache(maxsize=512)
def zone_by_name(name: str) -> tzinfo | None:
    """Returns the zone of an IANA name; None for "" and for unknown names."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


@lru_cache(maxsize=64)
def _abbreviations(name: str) -> frozenset[str]:
    """Returns the abbreviations that are in use in a zone, for example `{"IST", "GMT"}`."""
    zone = zone_by_name(name)
    days = (datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC))
    return frozenset(day.astimezone(zone).strftime("%Z") for day in days) if zone else frozenset()


def parse_zone(text: str, local: str = "") -> tzinfo | None:
    """Returns the zone that a printed mark means ("KST", "GMT+9", "+09:00", "Z"); None if unknown.

    `local`: the outlet's IANA zone. An abbreviation that is in use there means that zone: "IST" is
    Indian, Irish or Israeli time.
    """
    zone_text = text.strip(" ()").lower().replace(".", "")
    if zone_text == "cst" and local.startswith("Asia"):
        return timezone(timedelta(hours=8))
    if local and zone_text.upper() in _abbreviations(local):
        return zone_by_name(local)
    if zone_text in _OFFSET_MINUTES:
        return (
            UTC
            if zone_text in ("utc", "gmt", "z")
            else timezone(timedelta(minutes=_OFFSET_MINUTES[zone_text]))
        )
    if zone_text in _ZONE_NAMES:
        return zone_by_name(_ZONE_NAMES[zone_text])
    return _offset(zone_text)


def guess_zone(host: str, language: str) -> str:
    """Guesses the IANA zone from a host's country domain, else from a language; "" if unknown."""
    country = host.rsplit(".", 1)[-1].lower()
    if country in ZONE_OF_COUNTRY:
        return ZONE_OF_COUNTRY[country]
    language = language.lower().replace("_", "-")
    if language.startswith(_LANGUAGES_WITH_COUNTRY):
        return ZONE_OF_COUNTRY.get(language.split("-")[1], "")
    return _ZONE_OF_LANGUAGE.get(language) or _ZONE_OF_LANGUAGE.get(language.split("-")[0], "")


def _offset(text: str) -> tzinfo | None:
    match = _OFFSET.fullmatch(text)
    if not match:
        return None
    hours, minutes = int(match[2]), int(match[3] or 0)
    if hours > 14 or minutes > 59:
        return None
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(offset if match[1] == "+" else -offset)
