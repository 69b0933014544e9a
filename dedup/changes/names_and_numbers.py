"""Counts names and numbers in a text: readers care most about changes of these."""

import re
import unicodedata
from collections import Counter

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
# Latin and Cyrillic names: a capitalised word inside a sentence, or two in a row anywhere.
_CAPITAL = re.compile(r"[A-ZÀ-ÖØ-ÞА-ЯЁ][\w’'-]*")
_WORD = re.compile(r"[^\W\d_][\w’'-]*|[.!?:\n“”\"]")
# Korean, Chinese and Japanese names are recognised by the title that follows them.
_TITLED = re.compile(
    r"([가-힣]{2,4})\s?(?:동지|총비서|위원장|대통령|총리|외무상|국방상|외교부장|장관|부부장|부장|대사"
    r"|주석|총서기|대변인|의원)"
    r"|([\u3400-\u9fff]{2,4})(?:同志|委员长|委員長|总统|大統領|总书记|総書記|主席|总理|首相|外长|外相"
    r"|部长|部長|大使)"
    r"|([\u30a0-\u30ff・]{3,12})(?:同志|大統領|首相|外相|国務長官)"
)
LEADER = re.compile(
    r"Kim Jong[ -]?Un\b|김정은|金正恩|Ким Чен Ын|キム・?ジョンウン|김 정 은|敬愛する金正恩",
    re.IGNORECASE,
)
"""The leader's name in the languages of the outlets."""


def count_numbers(text: str) -> Counter[str]:
    """Returns the numbers of a text; full-width digits and digit grouping are normalised."""
    normalised = unicodedata.normalize("NFKC", text)
    return Counter(ungrouped(found) for found in _NUMBER.findall(normalised))


def ungrouped(number: str) -> str:
    """Returns a number without the commas between its thousands."""
    return number.replace(",", "") if _GROUPED.fullmatch(number) else number


def count_names(text: str, language: str = "") -> Counter[str]:
    """Returns the probable names of a text with their counts.

    German capitalises every noun, so only names with a title count in German.
    """
    names = Counter(next(filter(None, groups)) for groups in _TITLED.findall(text))
    names.update(name.casefold() for name in LEADER.findall(text))
    return names if language == "de" else names + _capitalised(text)


def concerns_leader(title: str) -> bool:
    """Returns whether a headline names the leader: such reports are re-translated within hours."""
    return LEADER.search(title) is not None


def _capitalised(text: str) -> Counter[str]:
    words = _WORD.findall(text)
    names: Counter[str] = Counter()
    sentence_initial: Counter[str] = Counter()
    for previous, word, following in zip([".", *words], words, [*words[1:], "."], strict=False):
        if not _CAPITAL.match(word):
            continue
        starts_sentence = not previous[0].isalpha()
        is_paired = _CAPITAL.match(following) is not None
        (sentence_initial if starts_sentence and not is_paired else names)[word.rstrip("'’")] += 1
    # A word that occurs only at the start of sentences is no name.
    names.update({word: count for word, count in sentence_initial.items() if word in names})
    return names
