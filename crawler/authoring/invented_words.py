"""Replaces words by invented ones of the same script and shape, each word always by the same.

Kept is what extraction needs: digits, punctuation, months and weekdays, the words around times and
bylines, and whatever an outlet's own patterns match.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b

from crawler.extract.dates.months import MONTH_NUMBERS

_LATIN_WORDS = (
    "amber barley copper dancer ember fabric garden hollow island jasmine kettle lantern meadow nectar "
    "orchard pebble quarry ribbon saddle timber umbrella velvet willow yonder zephyr harbour granite "
    "violin glacier acorn birch cedar dune fern grove heron inlet jetty kelp loom maple oat pine"
)
_CYRILLIC_WORDS = (
    "якорь берег волна гавань дюна ель жемчуг залив ива камень лодка маяк нива остров пристань река "
    "сосна туман утёс флаг холм чайка шлюз"
)
_HANGUL_SYLLABLES = "가나다라마바사아자차카타파하거너더러머버서어저처고노도로모보소오조초"
_HAN_CHARS = "山川海石木花草云雨雪风月日星火水土田竹松鸟鱼舟桥门灯书笔纸茶"
_KANA_CHARS = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほ"
_WORD = re.compile(
    r"[A-Za-zÀ-ÖØ-öø-ÿ]+(?:['’][A-Za-z]+)?|[а-яёА-ЯЁ]+|[가-힣]+|[ぁ-ん]+|[ァ-ヺー]+|[一-龯]+"
)
_KEPT_WORD_LIST = (
    "by and the of in on at to a am pm est edt gmt kst jst utc published updated posted last modified end "
    "reporter photo lead ld mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday "
    "sunday 주체 월요일 화요일 수요일 목요일 금요일 토요일 일요일 "
    "입력 수정 등록 승인 기자 특파원 오전 오후 년 월 일 시 분 年 月 日 時 分 时 記者 记者 午前 午後 上午 下午 опубликовано обновлено "
    "msk por de par von juche чучхе"
)
_KEPT_WORDS = frozenset(_KEPT_WORD_LIST.split()) | frozenset(MONTH_NUMBERS)


def replace_words(text: str, keep: Iterable[re.Pattern[str]] = ()) -> str:
    """Returns the text with invented words; matches of the patterns in `keep` stay as they are."""
    spans = sorted(match.span() for pattern in keep for match in pattern.finditer(text))
    parts: list[str] = []
    position = 0
    for start, end in spans:
        if start >= position and end > start:
            parts += [_WORD.sub(_replace_word, text[position:start]), text[start:end]]
            position = end
    return "".join([*parts, _WORD.sub(_replace_word, text[position:])])


def _replace_word(match: re.Match[str]) -> str:
    word = match[0]
    if word.lower() in _KEPT_WORDS:
        return word
    digest = blake2b(word.lower().encode(), digest_size=8).digest()
    first_char = word[0]
    if first_char >= "가":
        return _replace_letters(word, digest, _HANGUL_SYLLABLES)
    if first_char >= "一":
        return _replace_letters(word, digest, _HAN_CHARS)
    if first_char >= "ぁ":
        return _replace_letters(word, digest, _KANA_CHARS)
    words = (_CYRILLIC_WORDS if "а" <= first_char.lower() <= "ё" else _LATIN_WORDS).split()
    replacement = words[int.from_bytes(digest, "big") % len(words)]
    if len(word) > 1 and word.isupper():
        return replacement.upper()
    return replacement.capitalize() if first_char.isupper() else replacement


def _replace_letters(word: str, digest: bytes, alphabet: str) -> str:
    return "".join(
        alphabet[(digest[index % 8] + index) % len(alphabet)] for index, _ in enumerate(word)
    )
