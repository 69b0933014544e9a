"""Korean sentence endings: what the agency prints in `-다`, a broadcaster reads in `-습니다`."""

_FIRST, _FINALS = 0xAC00, 28
_NIEUN, _BIEUP = 4, 17  # finals ㄴ and ㅂ


def stem(word: str) -> str:
    """The word without the ending of a declarative sentence, so that both styles are one word.

    >>> stem("밝혔다"), stem("밝혔습니다"), stem("합니다"), stem("한다")
    ('밝혔', '밝혔', '하', '하')
    """
    if not word.endswith("다") or len(word) < 2:
        return word
    if word.endswith("습니다"):
        return word[:-3]
    if word.endswith("니다") and len(word) > 2 and _final(word[-3]) == _BIEUP:
        return word[:-3] + _open(word[-3])
    if word.endswith("는다") and len(word) > 2:
        return word[:-2]
    if _final(word[-2]) == _NIEUN:
        return word[:-2] + _open(word[-2])
    return word[:-1]


def _final(syllable: str) -> int:
    code = ord(syllable) - _FIRST
    return code % _FINALS if 0 <= code < 11172 else -1


def _open(syllable: str) -> str:
    code = ord(syllable) - _FIRST
    return chr(_FIRST + code - code % _FINALS)
