"""Finds where North Korea itself speaks, or acts as only its own media show."""

import re
from functools import cache

from dedup.attribution.state_phrases import COUNTRY_NAMES, LANGUAGES, StateSpeech

STATE_REACH_CHARS = 300
"""The state speaks if a sentence begins with it in the headline or this early in the text."""

_SENTENCE_REACH_CHARS = 300
_BEFORE_CHARS = 25


def speaks_for_itself(title: str, text: str) -> bool:
    """Returns whether North Korea speaks in the headline or at the beginning of the text.

    "North Korea said on Monday": such an article retells what the state made public, mostly through
    its media, without naming them. Acts of the leader that only its media show (an inspection,
    a performance) count as well.
    """
    body = text[: STATE_REACH_CHARS + _SENTENCE_REACH_CHARS]
    return any(
        _speaks(title, len(title), each) or _speaks(body, STATE_REACH_CHARS, each)
        for each in _languages()
    )


def find_north_korea(text: str) -> int | None:
    """Returns the offset at which a text first names North Korea, its capital or its leader."""
    found = _country_names().search(text)
    return found.start() if found else None


class _Patterns:
    """The compiled patterns of one language."""

    def __init__(self, declared: StateSpeech) -> None:
        self.subject = re.compile(declared.subject)
        self.says = re.compile(declared.says)
        self.before = re.compile(declared.before)
        self.not_before = re.compile(declared.not_before)
        self.says_before = re.compile(declared.says_before)


def _speaks(text: str, reach: int, language: _Patterns) -> bool:
    for found in language.subject.finditer(text, 0, reach):
        before = text[max(0, found.start() - _BEFORE_CHARS) : found.start()]
        if language.says_before.search(before):
            return True
        if (
            language.before.search(before)
            and not language.not_before.search(before)
            and language.says.match(text, found.end())
        ):
            return True
    return False


@cache
def _languages() -> tuple[_Patterns, ...]:
    return tuple(_Patterns(each) for each in LANGUAGES)


@cache
def _country_names() -> re.Pattern[str]:
    return re.compile(COUNTRY_NAMES)
