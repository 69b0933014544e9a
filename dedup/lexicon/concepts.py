"""Concepts of the news on North Korea, found by their names in seven languages.

Two articles can tell one report without a common word. They share what they speak of: people,
places, weapons, bodies, events and things. `lexicon.tsv` lists these concepts with their names in
Korean, Chinese and Japanese, in English, Spanish and French, and in Russian. It also tells how many
of 10,000 articles name each concept. The rarer a concept is, the more it counts that two articles
share it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product
from math import log

from dedup.lexicon.han import fold_variants

LEXICON_VERSION = "1"
"""Changes with the lexicon: cues of another version are extracted anew."""

PER_ARTICLES = 10_000
"""The frequency of a concept is the number of articles that name it, of this many."""

_WORD = re.compile(r"[A-Za-zÀ-ɏЀ-ӿ]+|[0-9]+")
_EAST_ASIAN = re.compile("[ぁ-ヿ㐀-鿿가-힣]")
_ONE_ARTICLE = 7
"""One article of the 1,500 that were counted: a concept that none of them names is not rarer."""
_BEGINNING = 3
_SEPARATORS = ("", " ", "-")


@dataclass(frozen=True, slots=True)
class Concept:
    """A line of the lexicon.

    `kind`: source, person, country, place, body, weapon, event, act or thing. A source is who tells the
    news, or a usual dateline. `frequency`: the number of
    articles that name the concept, of `PER_ARTICLES`. `east_asian`: names in Korean, Chinese and
    Japanese. `alphabetic`: names in Latin and Cyrillic letters; the key is one of them.
    """

    key: str
    kind: str
    frequency: float
    east_asian: tuple[str, ...]
    alphabetic: tuple[str, ...]

    @property
    def weight(self) -> float:
        """How much it counts that two articles share the concept.

        It is 0 for what most articles name, and for sources, which say nothing about the report.
        """
        if self.kind == "source" or self.frequency > PER_ARTICLES / 2:
            return 0.0
        return log((PER_ARTICLES + _ONE_ARTICLE) / (self.frequency + _ONE_ARTICLE))


@cache
def load_concepts() -> tuple[Concept, ...]:
    """Returns the concepts of the lexicon. The file is read once."""
    text = files("dedup.lexicon").joinpath("lexicon.tsv").read_text("utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return tuple(map(_parse_concept, lines))


def find_concepts(text: str) -> frozenset[str]:
    """Returns the keys of the concepts that a text names. Linear in the text."""
    return frozenset(_iter_alphabetic(text)) | frozenset(_iter_east_asian(fold_variants(text)))


@cache
def concept_weights() -> dict[str, float]:
    """Returns the weight of each concept, by key."""
    return {concept.key: concept.weight for concept in load_concepts()}


def _parse_concept(line: str) -> Concept:
    kind, key, frequency, korean, han, latin, cyrillic = line.split("\t")
    return Concept(
        key=key,
        kind=kind,
        frequency=float(frequency),
        east_asian=(*_split_names(korean), *_split_names(han)),
        alphabetic=(key, *_split_names(latin), *_split_names(cyrillic)),
    )


def _split_names(names: str) -> Iterator[str]:
    return filter(None, names.split("|"))


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A name in an alphabet. `parts`: its words in small letters. `open_parts`: which are stems.

    `beginning`: what the first word must begin with, in this case. `exact`: the words, if the name
    is an abbreviation that only capitals match.
    """

    key: str
    parts: tuple[str, ...]
    open_parts: tuple[bool, ...]
    beginning: str
    exact: tuple[str, ...]

    def matches(self, words: list[str], folded: list[str], position: int) -> bool:
        """Returns whether the phrase is at this word of a text, which matches its first part."""
        end = position + len(self.parts)
        if self.exact:
            return tuple(words[position:end]) == self.exact
        if self.beginning and not words[position].startswith(self.beginning):
            return False
        if len(self.parts) == 1:
            return True
        found = folded[position:end]
        return len(found) == len(self.parts) and all(
            map(_matches_part, found, self.parts, self.open_parts)
        )


def _matches_part(word: str, part: str, is_open: bool) -> bool:
    return word.startswith(part) if is_open else word in (part, part + "s")


def _iter_alphabetic(text: str) -> Iterator[str]:
    """Yields the concepts named in letters. The longest name counts where several begin."""
    words = _WORD.findall(text)
    folded = [word.casefold() for word in words]
    position = 0
    while position < len(words):
        step = 1
        for phrase in _phrases_from(folded[position]):
            if phrase.matches(words, folded, position):
                yield phrase.key
                step = len(phrase.parts)
                break
        position += step


@lru_cache(maxsize=20_000)
def _phrases_from(word: str) -> tuple[_Phrase, ...]:
    """Returns the phrases that can begin with a word in small letters, the longest first."""
    return tuple(
        phrase
        for phrase in _phrases(word[:_BEGINNING])
        if _matches_part(word, phrase.parts[0], phrase.open_parts[0])
    )


@cache
def _phrases(beginning: str) -> list[_Phrase]:
    """Returns the phrases with these first letters; they are made when a text first needs them."""
    phrases = [_make_phrase(key, name) for key, name in _alphabetic_names().get(beginning, ())]
    return sorted(phrases, key=lambda each: (-len(each.parts), -sum(map(len, each.parts))))


@cache
def _alphabetic_names() -> Mapping[str, list[tuple[str, str]]]:
    """Returns keys and names by the first letters of the first word."""
    table: dict[str, list[tuple[str, str]]] = {}
    for concept in load_concepts():
        for name in concept.alphabetic:
            first_word = _WORD.findall(name)[0]
            table.setdefault(first_word[:_BEGINNING].casefold(), []).append((concept.key, name))
    return table


def _make_phrase(key: str, name: str) -> _Phrase:
    words = list(_WORD.finditer(name))
    written = tuple(word.group() for word in words)
    is_abbreviation = name.isupper() and len(name) <= 8
    return _Phrase(
        key=key,
        parts=tuple(word.casefold() for word in written),
        open_parts=tuple(name[word.end() : word.end() + 1] == "*" for word in words),
        beginning=written[0][0] if written[0][0].isupper() else "",
        exact=written if is_abbreviation else (),
    )


@dataclass(frozen=True, slots=True)
class _Name:
    """A Korean, Chinese or Japanese name, and whether it must begin or end a Korean word."""

    key: str
    letters: str
    begins_word: bool
    ends_word: bool

    def matches(self, text: str, position: int) -> bool:
        """Returns whether the name stands at this position of a text."""
        end = position + len(self.letters)
        following = text[end : end + 1]
        return (
            text.startswith(self.letters, position)
            and not (self.begins_word and position and _is_hangul(text[position - 1]))
            and not (self.ends_word and _is_hangul(following))
            and not (self.letters[-1].isdigit() and following.isdigit())
        )


def _is_hangul(letter: str) -> bool:
    return "가" <= letter <= "힣"


def _iter_east_asian(text: str) -> Iterator[str]:
    """Yields the concepts named in Korean, Chinese or Japanese. The longest name counts."""
    if not _EAST_ASIAN.search(text):
        return
    beginnings = _east_asian_names()
    next_start = 0
    for position, beginning in enumerate(map(str.__add__, text, text[1:] + " ")):
        if position < next_start or not (beginning in beginnings or text[position] in beginnings):
            continue
        for name in _names(beginning):
            if name.matches(text, position):
                yield name.key
                next_start = position + len(name.letters)
                break


@lru_cache(maxsize=20_000)
def _names(beginning: str) -> tuple[_Name, ...]:
    """Returns the names that can begin with these two letters, the longest first."""
    table = _east_asian_names()
    rows = (*table.get(beginning, ()), *table.get(beginning[0], ()))
    names = [name for key, written in rows for name in _make_names(key, written)]
    return tuple(sorted(names, key=lambda name: -len(name.letters)))


@cache
def _east_asian_names() -> Mapping[str, list[tuple[str, str]]]:
    """Returns keys and names by the first two letters, or by the only one before a space."""
    table: dict[str, list[tuple[str, str]]] = {}
    for concept in load_concepts():
        for name in concept.east_asian:
            beginning = name.strip("^$")[:2].rstrip()
            table.setdefault(beginning, []).append((concept.key, name))
    return table


def _make_names(key: str, written: str) -> Iterator[_Name]:
    """Yields a name with each way to write its spaces: as they are, as hyphens, and not at all."""
    parts = written.strip("^$").split(" ")
    for separators in product(_SEPARATORS, repeat=len(parts) - 1):
        letters = "".join(map("".join, zip(parts, (*separators, ""), strict=True)))
        yield _Name(key, letters, written.startswith("^"), written.endswith("$"))
