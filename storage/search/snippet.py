"""The passage of a text that shows why a search found it. Pure."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from storage.search.query import Node, Phrase, phrases
from storage.search.tokens import CJK, LONGEST_TOKEN, fold

WIDTH = 160
_LOOKED_AT = 20_000
# Most texts name what they are about early, and looking costs time.
_PARTS = (0, 1_000, 4_000, 10_000, _LOOKED_AT)
_OVERLAP = 100
_LETTER = f"[^\\W_{CJK}]"
_CJK_LETTER = re.compile(f"[{CJK}]")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage in one line. `marks`: start and end of each hit in `text`, in order, not overlapping."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def snippet(text: str, node: Node, width: int = WIDTH) -> Snippet:
    """The passage around the first hit in the text's first 20,000 characters, else its beginning."""
    for start, end in pairwise(_PARTS):
        if start >= len(text):
            break
        piece = _piece(text, start, end + width)
        if found := _hits(piece, node):
            return _cut(piece, found, width, (start > 0, end + width < len(text)))
    return _cut(_piece(text, 0, 2 * width), [], width, (False, 2 * width < len(text)))


def _piece(text: str, start: int, end: int) -> str:
    """A part of a text in one line, with some of what stands before it: a hit may lie across."""
    start = max(0, start - _OVERLAP)
    # Where there are spaces, it begins with a whole word.
    start = max(start, text.find(" ", start, start + _OVERLAP) + 1) if start else 0
    return " ".join(text[start:end].split())


def _cut(piece: str, found: list[tuple[int, int]], width: int, more: tuple[bool, bool]) -> Snippet:
    """The passage around the first hit. `more`: whether there is more before and after the piece."""
    middle = (found[0][0] + found[0][1]) // 2 if found else 0
    start = max(0, min(middle - width // 3, len(piece) - width))
    end = min(len(piece), start + width)
    before = "…" * (start > 0 or more[0])
    after = "…" * (end < len(piece) or more[1])
    shift = start - len(before)
    marks = [(a - shift, b - shift) for a, b in found if a >= start and b <= end]
    return Snippet(f"{before}{piece[start:end]}{after}", tuple(marks))


def _hits(text: str, node: Node) -> list[tuple[int, int]]:
    """Where the wanted phrases stand, first to last, overlaps joined."""
    folded = fold(text)
    hits = [
        found.span()
        for each in phrases(node, wanted=True)
        for found in _pattern(each).finditer(folded)
    ]
    if not hits:
        return []
    origin = _origin(text, folded)
    joined: list[tuple[int, int]] = []
    for start, end in sorted((origin(start), origin(end)) for start, end in hits):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


@lru_cache(maxsize=1_000)
def _pattern(phrase: Phrase) -> re.Pattern[str]:
    """What finds a phrase in folded text, as the tokens of the text would.

    It begins with letters that stand for themselves, which `re` looks for fast; what may not stand
    before them is said behind them. No part of it can be matched in two ways.
    """
    parts: list[str] = []
    last = len(phrase.tokens) - 1
    for place, token in enumerate(phrase.tokens):
        is_cjk = _CJK_LETTER.match(token) is not None
        if not is_cjk:
            parts.append(re.escape(token) + (f"(?<!{_LETTER}{re.escape(token)})" * (place == 0)))
            if not (phrase.prefix and place == last):
                parts.append(f"{_LETTER}*+" if len(token) == LONGEST_TOKEN else f"(?!{_LETTER})")
        elif len(token) == 1:
            parts.append(token + f"(?![{CJK}])" * (not (phrase.prefix and place == last)))
        else:
            # A pair overlaps the next one by a character.
            parts.append(token if place == last else f"{token[0]}(?={token[1]})")
            continue
        parts.append(r"[\W_]*+" * (place < last))
    return re.compile("".join(parts))


def _origin(text: str, folded: str) -> Callable[[int], int]:
    """Tells the offset in the text that an offset in the folded text comes from."""
    if len(folded) == len(text):
        return int
    stops = _stops(text)
    starts = [stop.folded for stop in stops]

    def origin(offset: int) -> int:
        stop = stops[bisect_right(starts, offset) - 1]
        return stop.text if stop.odd else min(stop.text + offset - stop.folded, len(text))

    return origin


@dataclass(frozen=True, slots=True)
class _Stop:
    """A place in a text and when folded, from where on each character is one (not if `odd`)."""

    folded: int
    text: int
    odd: bool


def _stops(text: str) -> list[_Stop]:
    stops = [_Stop(0, 0, odd=False)]
    letters = set(text)
    odd = "".join(sorted(filter(_folds_oddly, letters)))
    joining = "".join(sorted(filter(_joins, letters)))
    if not odd and not joining:
        return stops
    for found in _odd_pattern(odd, joining).finditer(text):
        start, end = found.span()
        at = stops[-1].folded + start - stops[-1].text
        stops.append(_Stop(at, start, odd=True))
        stops.append(_Stop(at + len(fold(found[0])), end, odd=False))
    return stops


@lru_cache(maxsize=100)
def _odd_pattern(odd: str, joining: str) -> re.Pattern[str]:
    joins = f"[{re.escape(joining)}]"
    parts = [f"[^{joins[1:]}?{joins}+"] if joining else []
    return re.compile("|".join([*parts, f"[{re.escape(odd)}]"] if odd else parts), re.DOTALL)


@lru_cache(maxsize=20_000)
def _folds_oddly(character: str) -> bool:
    return len(fold(character)) != 1


@lru_cache(maxsize=20_000)
def _joins(character: str) -> bool:
    """Whether it may become one with what stands before it."""
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.combining(first) != 0 or "\u1160" <= first <= "\u11ff"
