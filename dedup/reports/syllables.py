"""Korean syllables in five scripts as keys that are equal in all of them.

A key has a class for the first consonant, the vowel and the last consonant: 환, Hwan, Хван, ファン and 焕
are all "Han". The classes are as coarse as the coarsest script: Russian and Japanese write the
finals n and ng alike, South Korean spellings take u for several vowels, and in the South r and n
are silent before i and y. Sources: Revised and McCune-Reischauer romanisation, Kontsevich's
system for Russian, and the table of the Japanese press for names in kana.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from dedup.reports.han import readings

_FIRST_SYLLABLE, _VOWEL_COUNT, _FINAL_COUNT = 0xAC00, 21, 28
_HANGUL_INITIALS = "KKNTTRMPPSS-JJJKTPH"
_HANGUL_VOWELS = "AEAEOEOEOAEEOOOEIOOII"
_HANGUL_FINALS = "-KKKNNNTLKMLLLPLMPPTTNTTKTPT"
"""The classes of Hangul's letters in the order of Unicode; - is none."""
_SILENT_BEFORE = frozenset({2, 3, 6, 7, 12, 17, 20})
"""Vowels of Hangul that begin with i or y; r and n are silent before them."""

_LATIN = re.compile(
    r"(?P<initial>kk|kh|k|g|tt|th|t|d|pp|ph|p|b|ss|sh|s|jj|tch|ch|ts|j|h|m|n|r|l|)"
    r"(?P<glide>[yw]?)(?P<vowel>eui|eui|ui|yi|wi|ae|eo|eu|ee|oo|oe|oi|ou|a|e|i|o|u)"
    r"(?P<final>ng|n|m|ck|k|g|l|r|p|b|t|s|)"
)
_CYRILLIC = re.compile(
    r"(?P<initial>кк|кх|к|г|тт|тх|т|д|пп|пх|п|б|сс|с|ш|чж|чх|ч|дж|ц|х|м|н|р|л|)"
    r"(?P<glide>в?)(?P<vowel>ый|ы|а|я|э|е|и|о|ё|у|ю)(?P<final>нъ|н|м|к|г|ль|л|р|п|б|т|)"
)
_CYRILLIC_CASE = re.compile(r"(?<=[бгклмнпртъ])(?:ом|ым|ем|а|у|е|я|ю|ь)$")


def _classes(spellings_by_class: dict[str, str]) -> dict[str, str]:
    """Returns the class of each spelling; what is not written has the empty class."""
    return {"": ""} | {
        spelling: name for name, row in spellings_by_class.items() for spelling in row.split()
    }


_INITIALS = _classes(
    {
        "K": "kk kh k g кк кх к г",
        "T": "tt th t d тт тх т д",
        "P": "pp ph p b пп пх п б",
        "S": "ss sh s сс с ш",
        "J": "jj j tch ch ts чж чх ч дж ц",
        "H": "h х",
        "M": "m м",
        "N": "n н",
        "R": "r l р л",
    }
)
_VOWELS = _classes(
    {
        "A": "a а я",
        "E": "ae e oe oi э е",
        "I": "i ee ui eui yi wi и ый",
        "O": "o eo u eu oo ou ы о ё у ю",
    }
)
_FINALS = _classes(
    {
        "N": "ng n н нъ",
        "M": "m м",
        "K": "ck k g к г",
        "L": "l r ль л р",
        "P": "p b п б",
        "T": "t s т",
    }
)
_I_AND_Y = ("i", "ee", "и", "я", "ё", "е", "ю")

_KANA_ROWS = {
    "K": "カキクケコガギグゲゴ",
    "S": "サシスセソ",
    "J": "ザジズゼゾ チ   ",
    "T": "タ ツテトダ  デド",
    "N": "ナニヌネノ",
    "H": "ハヒフヘホ",
    "P": "バビブベボパピプペポ",
    "M": "マミムメモ",
    "R": "ラリルレロ",
    "-": "アイウエオワ   ヲヤ ユ ヨ",
}
"""Kana by the first consonant, in the order of the vowels a i u e o."""
_KANA = {
    kana: (initial, "AIOEO"[position % 5])
    for initial, row in _KANA_ROWS.items()
    for position, kana in enumerate(row)
    if kana != " "
}
_SMALL_KANA = {
    **dict.fromkeys("ャァヮ", "A"),
    **dict.fromkeys("ュョゥォ", "O"),
    "ィ": "I",
    "ェ": "E",
}
_FINAL_KANA = {
    "ン": "N",
    "ム": "M",
    "ル": "L",
    "ク": "K",
    "プ": "P",
    "ッ": "T",
    "ト": "T",
    "ツ": "T",
}
_MORA = re.compile("([ア-ンッー])([ャュョァィゥェォヮ]?)")


def key_of_hangul(syllable: str) -> str:
    """Returns the key of one Hangul syllable. Raises IndexError for other letters."""
    code = ord(syllable) - _FIRST_SYLLABLE
    initial, rest = divmod(code, _VOWEL_COUNT * _FINAL_COUNT)
    vowel, final = divmod(rest, _FINAL_COUNT)
    return _make_key(
        _HANGUL_INITIALS[initial],
        _HANGUL_VOWELS[vowel],
        _HANGUL_FINALS[final],
        silent=vowel in _SILENT_BEFORE,
    )


def key_of_han(character: str) -> str | None:
    """Returns the key of a simplified character, or None if it is no usual one of names."""
    reading = readings().get(character)
    return key_of_hangul(reading) if reading else None


def key_of_latin(syllable: str) -> str | None:
    """Returns the key of a romanised syllable, or None if no Korean syllable is written so."""
    return _key_of_match(_LATIN.fullmatch(syllable.casefold()))


def key_of_cyrillic(syllable: str) -> str | None:
    """Returns the key of a syllable in Russian, also with a case ending; None if it is none."""
    folded = syllable.casefold()
    found = _CYRILLIC.fullmatch(folded) or _CYRILLIC.fullmatch(_CYRILLIC_CASE.sub("", folded))
    return _key_of_match(found)


def keys_of_kana(word: str) -> tuple[str, str] | None:
    """Returns the keys of a given name of two syllables in kana, or None if it has not two."""
    morae = [(found[1], found[2]) for found in _MORA.finditer(word.replace("ー", ""))]
    finals = [i for i, (kana, small) in enumerate(morae) if i and kana in _FINAL_KANA and not small]
    for chosen in combinations(finals, len(morae) - 2) if len(morae) >= 2 else ():
        syllables = list(_iter_kana_syllables(morae, chosen))
        if len(syllables) == 2 and None not in syllables:
            return syllables[0] or "", syllables[1] or ""
    return None


def _key_of_match(found: re.Match[str] | None) -> str | None:
    if not found:
        return None
    initial, glide, vowel, final = found.group("initial", "glide", "vowel", "final")
    # Russian е is eo in a closed syllable (Чен) and e in an open one (Ге).
    vowel_class = "O" if vowel == "е" and final else _VOWELS[vowel]
    silent = glide == "y" or vowel in _I_AND_Y
    return _make_key(_INITIALS[initial], vowel_class, _FINALS[final], silent=silent)


def _iter_kana_syllables(
    morae: Sequence[tuple[str, str]], finals: Sequence[int]
) -> Iterator[str | None]:
    """Yields the keys of syllables; `finals`: the positions of kana that end one."""
    for position, (kana, small) in enumerate(morae):
        if position in finals:
            continue
        final = _FINAL_KANA[morae[position + 1][0]] if position + 1 in finals else ""
        if kana not in _KANA:
            yield None
            continue
        initial, vowel = _KANA[kana]
        silent = small in ("ャ", "ュ", "ョ") or kana in "リニ"
        yield _make_key(initial, _SMALL_KANA.get(small, vowel), final, silent=silent)


def _make_key(initial: str, vowel: str, final: str, *, silent: bool) -> str:
    if silent and initial in ("N", "R"):
        initial = "-"
    return (initial + vowel + final).replace("-", "").capitalize()
