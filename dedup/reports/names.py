"""Korean personal names as keys that are equal in all languages.

리일환 비서, Ri Il Hwan, Ли Ир Хван, リ・イルファン and 李日煥 are one key. A name is a Korean surname and two
syllables of a given name. Where such letters are often ordinary words (Hangul and Chinese
characters), a title has to stand beside them.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from dedup.reports.concepts import load_concepts
from dedup.reports.han import fold_variants, readings
from dedup.reports.syllables import (
    key_of_cyrillic,
    key_of_han,
    key_of_hangul,
    key_of_latin,
    keys_of_kana,
)

PREFIX = "name:"
"""Keys of names begin so, to be told from concepts."""
NAME_WEIGHT = 6.0
"""How much it counts that two texts share a name; comparable to the weights of concepts."""

_KOREAN_TITLES = (
    "비서 부장 부부장 위원장 부위원장 위원 총리 부총리 외무상 국방상 부상 대사 국장 부국장 처장 총장 총참모장 사령관 장관 차관 의장 부의장 대변인 대통령 특사 대표 단장 원수 "
    "차수 대장 상장 중장 소장 동지 선생 녀사 여사 제1부상 제1부부장 책임비서 상임위원 후보위원 원장 서기관 공사 참사 지배인 이사장 총국장 군단장 선수 감독 교수 의원 당비서 내각총리"
)
_HAN_TITLES = (
    "同志 书记 秘书 部长 副部长 第一副部长 委员长 副委员长 委员 总理 副总理 外相 外务相 国防相 副相 大使 局长 总参谋长 司令官 长官 次官 议长 副议长 发言人 代言人 总统 大统领 特使 代表 团长 "
    "元帅 大将 上将 中将 少将 女士 先生 氏 首相 党书记 党部长 外务次官 校长 社长 选手 议员"
)
_MAX_TITLE = 8
_NO_LAST_SYLLABLE = "을의가는를에로이한"
"""Particles, which ordinary words end with more often than names."""
_HAN_SURNAMES = "金李朴崔郑全田赵姜康尹张林韩吴徐申辛权黄安宋孙洪高文梁裴白许柳沈卢河郭车朱禹具罗陈元千孔玄咸卞太薛玉吉明"
_ORDINARY = (
    "정부 방문 장관 한국 기관 현장 전문 장교 권한 권력 오찬 명의 임기 차남 최초 이상 하나 하지 하시 주재 전반 하반 고려 노동 방송 기후 장애 배우"
    " 신년 공습 표창 마두 채권 임추 정상 전체 주요 조선 고위 남성 여성 정치 정책 전략 주민 이날 이번 이후 이를 현재 현지 최고 최근 강원 서울 서부"
    " 동부 남부 북부 강제 공화 성명 원자 전국 조국 조직 주석 지도 양국 안보 안전 신임 전직 현직 진보 차기 유엔 나라 우리 우방 도시 석유 기자 문제 한반"
    " 배치 차관 공관 기구 우수 공무 공연 공방 구성 기업 임명 강력 공동 공군 공식 공장 한미 한중 한일"
)
"""Words of two syllables that begin like a name."""
_NOT_GIVEN_HAN = "韩总代在将山新"
"""Characters that ordinary words have after a surname more often than names."""
_PARTICLES = "은|는|이|가|을|를|의|에게|와|과|도"
_MORE_GIVEN = "열율녀련렬류유여려롱섭습협슬솔별샘빈늘봄"
"""Syllables of given names that the table of characters lacks."""
_SEPARATE = "、，。：；（）和与及・ \n"
_ENGLISH_WORDS = (
    "an can do go ha he her him i in is ma man me men my no of oh on one or see she sin so son song"
    " sun ten the to too us we won you"
)
"""Words that look like syllables of a name."""


def find_names(text: str) -> frozenset[str]:
    """Returns keys of the Korean people a text names, without those the lexicon has.

    Linear in the text. The keys are like `name:Ri Il Han`.
    """
    found = {*_iter_hangul(text), *_iter_latin(text), *_iter_cyrillic(text)}
    found |= {*_iter_kana(text), *_iter_han(text)}
    return frozenset(PREFIX + name for name in found - _names_in_lexicon())


@cache
def _names_in_lexicon() -> frozenset[str]:
    return frozenset(
        _name_of_hangul(name)
        for concept in load_concepts()
        if concept.kind == "person"
        for name in concept.east_asian
        if re.fullmatch("[가-힣]{3}", name) and name[0] in _surnames("hangul")
    )


@cache
def _surnames(script: str) -> dict[str, str]:
    """Returns the Latin surname of the key, by spelling in `hangul`, `latin`, `cyrillic`, `kana`."""
    text = files("dedup.reports").joinpath("surnames.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    column = ("key", "hangul", "latin", "cyrillic", "kana").index(script)
    table: dict[str, str] = {}
    for row in rows:
        spellings = list(row[column]) if script == "hangul" else row[column].split("|")
        for spelling in filter(None, spellings):
            table.setdefault(spelling, row[0])
    return table


def _name_of_hangul(name: str) -> str:
    given = " ".join(map(key_of_hangul, name[1:]))
    return f"{_surnames('hangul')[name[0]]} {given}"


def _iter_hangul(text: str) -> Iterator[str]:
    for found in _hangul_pattern().finditer(text):
        name, ending, following = found.groups()
        if name[2] in _NO_LAST_SYLLABLE or name[:2] in _words(_ORDINARY):
            continue
        preceding = text[max(0, found.start() - _MAX_TITLE) : found.start()].rstrip(" ")
        titles = following.split()
        if (
            ending == "동지"
            or preceding.endswith(_words(_KOREAN_TITLES))
            or (not ending and any(map(_begins_with_title, titles)))
        ):
            yield _name_of_hangul(name)


@cache
def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _begins_with_title(word: str) -> bool:
    return word.startswith(_words(_KOREAN_TITLES))


@cache
def _hangul_pattern() -> re.Pattern[str]:
    """Matches what may be a name, its particle, and the next words up to the title at most."""
    given = "".join(sorted({*readings().values(), *_MORE_GIVEN}))
    return re.compile(
        f"(?<![가-힣])([{''.join(_surnames('hangul'))}][{given}]{{2}})"
        f"(동지|{_PARTICLES}|)(?![가-힣])(?=((?: [가-힣0-9]{{1,7}}){{0,3}}))"
    )


def _iter_latin(text: str) -> Iterator[str]:
    for found in _latin_pattern().finditer(text):
        surname, first, hyphen, second = found.group("surname", "first", "hyphen", "second")
        is_byline = text[max(0, found.start() - 3) : found.start()].casefold() == "by "
        words = [
            word for word in (surname, first, second) if word.casefold() in _words(_ENGLISH_WORDS)
        ]
        keys = key_of_latin(first), key_of_latin(second)
        is_written_so = hyphen == "-" or second[0].isupper()
        if is_written_so and not is_byline and len(words) < 2 and None not in keys:
            yield f"{_surnames('latin')[surname]} {keys[0]} {keys[1]}"


@cache
def _latin_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"\b(?=[A-Z][a-z]{{0,5}} [A-Z])(?P<surname>{'|'.join(_surnames('latin'))}) "
        r"(?P<first>[A-Z][a-z]{0,6})(?P<hyphen>[- ])(?P<second>[A-Za-z][a-z]{0,6})\b"
    )


def _iter_cyrillic(text: str) -> Iterator[str]:
    for found in _cyrillic_pattern().finditer(text):
        surname, first, second = found.group("surname", "first", "second")
        keys = key_of_cyrillic(first), key_of_cyrillic(second)
        if None not in keys:
            yield f"{_surnames('cyrillic')[surname]} {keys[0]} {keys[1]}"


@cache
def _cyrillic_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"\b(?=[А-Я][а-яё]{{0,4}} [А-ЯЁ])(?P<surname>{'|'.join(_surnames('cyrillic'))}) "
        r"(?P<first>[А-ЯЁ][а-яё]{0,5})[- ]?(?P<second>[А-ЯЁ][а-яё]{0,7})\b"
    )


def _iter_kana(text: str) -> Iterator[str]:
    for found in _kana_pattern().finditer(text):
        keys = keys_of_kana(found["given"])
        if keys:
            yield f"{_surnames('kana')[found['surname']]} {keys[0]} {keys[1]}"


@cache
def _kana_pattern() -> re.Pattern[str]:
    surnames = "|".join(sorted(_surnames("kana"), key=len, reverse=True))
    return re.compile(
        f"(?<![ァ-ヺー・])(?P<surname>{surnames})・(?P<given>[ァ-ヺー]{{2,8}})(?![ァ-ヺー・])"
    )


def _iter_han(text: str) -> Iterator[str]:
    folded = fold_variants(text)
    for found in _han_pattern().finditer(folded):
        name, start, end = found[1], found.start(), found.end(1)
        preceding = folded[max(0, start - _MAX_TITLE) : start]
        is_listed = preceding[-1:] in _SEPARATE and folded[end : end + 1] in _SEPARATE
        if (
            is_listed
            or preceding.endswith(_words(_HAN_TITLES))
            or folded.startswith(_words(_HAN_TITLES), end)
        ):
            keys = [key_of_han(character) for character in name[1:]]
            yield f"{_surnames('hangul')[readings()[name[0]]]} {keys[0]} {keys[1]}"


@cache
def _han_pattern() -> re.Pattern[str]:
    """Matches what may be a name; matches may overlap, because words have no borders."""
    given = "".join(readings().keys() - set(_NOT_GIVEN_HAN))
    return re.compile(f"(?=([{_HAN_SURNAMES}][{given}]{{2}}))")
