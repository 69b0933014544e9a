"""Rates how much a decoded text looks like writing, to tell a wrong encoding from the right one.

A wrong encoding seldom fails to decode. It gives rare characters, scripts mixed within a word, or
capitals within one. So each character gets a mark, and the frequent ones of a language more. No I/O.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TypeAlias

Rating: TypeAlias = Callable[[str, str, str], float]

_FREQUENT_KOREAN = frozenset(
    "이다는을의에가고하지로한기사도인대정시를은서자리해국들어그나과아부장수북일제으등전상주조원위라보관미것성통화공동비선계회"
)
_FREQUENT_CHINESE = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多"
    "经法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日军者意无力与长把机十民第公此已工使情明性知全三又"
    "关点正业外将两高间由问很最重并物手应战向头文体政美相见被利二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海"
    "這個們來為國說時會對發後裡經現當沒動還進樣開從實軍無與長機關業將兩間問並應戰頭體見產話給東聲員論處義條係氣題變總電數報結"
)
_FREQUENT_RUSSIAN = frozenset("оеаинтсрвл")  # six of ten letters; of Greek in its place one of four
_WESTERN = frozenset("àáâãäåæçèéêëìíîïñòóôõöøœùúûüßÿÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØŒÙÚÛÜŸ")
# Of all scripts: they count little, since they stand in many encodings.
_PUNCTUATION = frozenset(
    "“”‘’…·•△▲▽▼■□◆◇○●◎☆★※→←↑↓「」『』〈〉《》【】〔〕―—–、。ー〜～″′№«»„‹›¡¿€£¥§°©®™±²³½¼¾´¨¸ªº×÷\xa0\u3000"
    + "".join(map(chr, range(0xFF01, 0xFF5F)))
)
_NEVER_WITHIN_WORDS = frozenset("¿¡±²³¹½¼¾ªº×÷№§©®¥£€")
_PUNCTUATION_SHARE = 0.2  # of the weight of a letter
_PUNCTUATION_MARK = 0.5
_BROKEN_MARK, _WRONG_MARK = -5.0, -1.0
_CAPITAL_WITHIN_WORD = -20.0  # other encodings of Russian differ in few letters
_FREQUENT_MARK = 1.4
_FIRST_RARE_HANZI, _FIRST_RARE_KANJI, _FIRST_RARE_HANJI = 0xD8, 0xD0, 0xC9  # the levels 2
_KANJI_OF_ANOTHER_TABLE = 0x8F


def rate(text: str, encoding: str) -> float:
    """Returns how well a text that was decoded by `encoding` looks like writing: 1 is good.

    Only characters beyond ASCII count. `encoding`: one of `RATINGS`.
    """
    rating = RATINGS[encoding]
    marks = weight = 0.0
    before = ""
    for place, character in enumerate(text):
        after = text[place + 1 : place + 2]
        if character > "\x7f":
            mark, share = _mark(rating, before, character, after)
            marks += mark * share
            weight += share
        before = character
    return marks / weight if weight else 0.0


def _mark(rating: Rating, before: str, character: str, after: str) -> tuple[float, float]:
    if character in _PUNCTUATION:
        if character in _NEVER_WITHIN_WORDS and before.isalpha() and after.isalpha():
            return _WRONG_MARK, 1.0
        return _PUNCTUATION_MARK, _PUNCTUATION_SHARE
    if character == "\ufffd":
        return _BROKEN_MARK, 1.0
    return rating(before, character, after), 1.0


@lru_cache(8192)
def _code(character: str, encoding: str) -> bytes:
    try:
        return character.encode(encoding)
    except UnicodeError:
        return b""


def _rate_korean(before: str, character: str, after: str) -> float:
    if character in _FREQUENT_KOREAN:
        return _FREQUENT_MARK
    is_common = len(_code(character, "euc_kr")) == 2  # longer for syllables that it lacks
    if "\uac00" <= character <= "\ud7a3":
        return 0.7 if is_common else _WRONG_MARK
    return 0.2 if _is_han(character) and is_common else _WRONG_MARK


def _rate_japanese(before: str, character: str, after: str) -> float:
    if "\u3041" <= character <= "\u30ff":
        return 1.3
    code = _code(character, "euc_jp")
    is_common = bool(code) and code[0] < _FIRST_RARE_KANJI and code[0] != _KANJI_OF_ANOTHER_TABLE
    return (0.7 if is_common else -0.5) if _is_han(character) else _WRONG_MARK


def _rate_simplified(before: str, character: str, after: str) -> float:
    if not _is_han(character):
        return _WRONG_MARK
    if character in _FREQUENT_CHINESE:
        return _FREQUENT_MARK
    code = _code(character, "gb2312")
    return (0.6 if code[0] < _FIRST_RARE_HANZI else 0.0) if code else -0.8


def _rate_traditional(before: str, character: str, after: str) -> float:
    if not _is_han(character):
        return _WRONG_MARK
    if character in _FREQUENT_CHINESE:
        return _FREQUENT_MARK
    code = _code(character, "big5")
    return 0.7 if code and code[0] < _FIRST_RARE_HANJI else -0.8


def _rate_russian(before: str, character: str, after: str) -> float:
    if not ("А" <= character <= "я" or character in "Ёё"):
        return _WRONG_MARK
    if _is_ascii_letter(before) or _is_ascii_letter(after):
        return _WRONG_MARK
    if character.islower():
        return _FREQUENT_MARK if character in _FREQUENT_RUSSIAN else 0.0
    return _CAPITAL_WITHIN_WORD if before.islower() else 0.4


def _rate_western(before: str, character: str, after: str) -> float:
    if character not in _WESTERN:
        return _WRONG_MARK
    is_within_run = before > "\x7f" and before.isalpha()
    is_capital_within = character.isupper() and before.islower()
    return _WRONG_MARK if is_within_run or is_capital_within else 0.9


def _is_han(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff"


def _is_ascii_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()


RATINGS: Mapping[str, Rating] = {
    "cp1252": _rate_western,
    "cp1251": _rate_russian,
    "koi8_r": _rate_russian,
    "cp949": _rate_korean,
    "cp932": _rate_japanese,
    "euc_jp": _rate_japanese,
    "gb18030": _rate_simplified,
    "cp950": _rate_traditional,
    "big5hkscs": _rate_traditional,
}
"""By encoding. Of two that decode a text to the same, the first one is meant."""
