"""Measures which scripts a text is written in, and whether it was decoded correctly."""

import re
from collections.abc import Sequence

_RANGES = {
    "hangul": "\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f",
    "kana": "\u3041-\u30ff\uff66-\uff9f",
    "han": "\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff",
    "cyrillic": "\u0400-\u04ff",
    "arabic": "\u0600-\u06ff",
    "thai": "\u0e00-\u0e7f",
    "greek": "\u0370-\u03ff",
    "hebrew": "\u0590-\u05ff",
    "devanagari": "\u0900-\u097f",
    "burmese": "\u1000-\u109f",
}
_SCRIPT_PATTERNS = {name: re.compile(f"[{chars}]+") for name, chars in _RANGES.items()}
SCRIPTS_OF_LANGUAGE = {
    "ko": ("hangul",), "ja": ("kana",), "zh": ("han",), "ru": ("cyrillic",), "uk": ("cyrillic",),
    "bg": ("cyrillic",), "sr": ("cyrillic",), "mn": ("cyrillic",), "ar": ("arabic",),
    "fa": ("arabic",), "ur": ("arabic",), "th": ("thai",), "el": ("greek",), "he": ("hebrew",),
    "hi": ("devanagari",), "my": ("burmese",), "kk": ("cyrillic",), "be": ("cyrillic",),
    "mk": ("cyrillic",),
}  # fmt: skip
_TAGS = re.compile(r"<[^>]*+(?:>|\Z)")  # one left open goes to the end, so no other is tried
# The commonest characters of each language's newspaper text; mojibake has hardly any of them.
_COMMON = re.compile(
    "[이다의가에을는고한로지기사시은자대를도인어리하일원서정제부해아스라수나상보"
    "的一是在不了有人和国中大为上个会年日我这时到出要他以来们对生发作地业就分成主经行方同全面前进"
    "工都第部新市长高学力政起明下理开将与区水加家电量多关于气定机性系民天重实展当报外表示员最者得"
    "國為個會時這們對發業經進長學開將與區電關機實當報員應後於過還說點海安请可能其本去想着"
    "のはをにがたとでしてるいなれらっかあすまりもこ"
    "оаеинтсрвлкмдпуяыьг"
    "éèàçñöüäßóáíúêâãõåø"
    "ةالنيمرتوبه]"
)
_NON_LATIN_LETTERS = re.compile(r"[^\W\d_a-zA-Z]+")
# Wrongly decoded Cyrillic, Korean and Chinese has runs of Latin-1 letters, control characters,
# small letters before capitals, box drawings and currency signs.
_MOJIBAKE = re.compile(
    r"[\x80-\x9f]|[А-Я]{2}[а-я]|[а-я][А-Я]|[\u2500-\u257f]|[¤¦¨ª¬¯±´µ¶¸º¼-¾]|[a-z][А-Яа-я]|[ЂЃЉЊЌЋЏђѓљњќћџЎЈҐЄЇІ]"
    "|[\u0400-\u04ff][†‡‰‹›€]|[†‡‰‹›€][\u0400-\u04ff]"
)


# Runs of accented Latin letters; no language has four in a row.
_ACCENTED_RUNS = re.compile("[À-ÖØ-öø-ÿ]{3,}")


def fits_languages(text: str, languages: Sequence[str]) -> bool:
    """Returns whether a text can be in one of the languages, judged by its non-Latin letters.

    Returns True if a language is unknown here, or if the text has fewer than 30 such letters.
    """
    scripts = {script for language in languages for script in SCRIPTS_OF_LANGUAGE.get(language, ())}
    if not scripts or len(scripts) < len(languages):
        return True
    letter_count = _count(_NON_LATIN_LETTERS, text[:200_000])
    if letter_count < 30:
        return True
    script_letter_count = sum(_count(_SCRIPT_PATTERNS[name], text[:200_000]) for name in scripts)
    return script_letter_count >= 0.2 * letter_count


def plausibility(text: str) -> float:
    """Returns about 1 for a text in a language known here, about 0 or less for mojibake.

    Returns 0.3 for a text without non-Latin letters.
    """
    letters = "".join(_NON_LATIN_LETTERS.findall(_TAGS.sub(" ", text)))
    if not letters:
        return 0.3
    common_count = len(_COMMON.findall(letters))
    wrong_count = len(_MOJIBAKE.findall(text)) + sum(
        len(run) - 2 for run in _ACCENTED_RUNS.findall(text)
    )
    return (common_count - wrong_count) / len(letters)


def script_shares(text: str) -> dict[str, float]:
    """Returns each script's share of the letters, 0 to 1, without scripts that do not occur."""
    letter_count = sum(map(str.isalpha, text)) or 1
    counts = {name: _count(pattern, text) for name, pattern in _SCRIPT_PATTERNS.items()}
    return {name: count / letter_count for name, count in counts.items() if count}


def _count(runs: re.Pattern[str], text: str) -> int:
    """Returns how many characters stand in the runs that a pattern finds."""
    return sum(map(len, runs.findall(text)))
