"""Extracts the passage of a text that shows the hits of a query. No I/O."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from storage.search.query import Phrase, QueryNode, iter_phrases
from storage.search.tokeniser import CJK_RANGES, MAX_TOKEN_CHARS, fold_text

SNIPPET_CHARS = 160
_MAX_SEARCHED_CHARS = 20_000
# A text is searched in growing pieces: most texts have a hit early, and searching takes time.
_PIECE_BOUNDS = (0, 1_000, 4_000, 10_000, _MAX_SEARCHED_CHARS)
_OVERLAP_CHARS = 100
_LETTER = f"[^\\W_{CJK_RANGES}]"
_CJK_LETTER = re.compile(f"[{CJK_RANGES}]")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage in one line.

    `hit_spans`: start and end offsets of the hits in `text`, in order, without overlaps.
    """

    text: str
    hit_spans: tuple[tuple[int, int], ...] = ()


def make_snippet(text: str, node: QueryNode | None, width: int = SNIPPET_CHARS) -> Snippet:
    """Returns the passage around the first hit, or the beginning of the text if there is no hit.

    `node`: None if nothing was searched for. Only about the first 20,000 characters are searched.
    `width`: length of the passage in characters, without the ellipses.
    """
    for start, end in pairwise(_PIECE_BOUNDS):
        if start >= len(text) or node is None:
            break
        piece = _extract_piece(text, start, end + width)
        if hits := _find_hits(piece, node):
            return _cut_passage(piece, hits, width, (start > 0, end + width < len(text)))
    return _cut_passage(
        _extract_piece(text, 0, 2 * width), [], width, (False, 2 * width < len(text))
    )


def _extract_piece(text: str, start: int, end: int) -> str:
    """Returns a part of a text in one line, with up to 100 characters that come before it.

    So a hit that crosses the start is found.
    """
    start = max(0, start - _OVERLAP_CHARS)
    # If there are spaces, the piece begins with a whole word.
    start = max(start, text.find(" ", start, start + _OVERLAP_CHARS) + 1) if start else 0
    return " ".join(text[start:end].split())


def _cut_passage(
    piece: str, hits: list[tuple[int, int]], width: int, continues: tuple[bool, bool]
) -> Snippet:
    """Returns the passage around the first of `hits`, or the beginning of the piece.

    `continues`: whether the text continues before and after the piece.
    """
    middle = (hits[0][0] + hits[0][1]) // 2 if hits else 0
    start = max(0, min(middle - width // 3, len(piece) - width))
    end = min(len(piece), start + width)
    before = "…" * (start > 0 or continues[0])
    after = "…" * (end < len(piece) or continues[1])
    shift = start - len(before)
    hit_spans = [
        (hit_start - shift, hit_end - shift)
        for hit_start, hit_end in hits
        if hit_start >= start and hit_end <= end
    ]
    return Snippet(f"{before}{piece[start:end]}{after}", tuple(hit_spans))


def _find_hits(text: str, node: QueryNode) -> list[tuple[int, int]]:
    """Returns the spans of the phrases in order. Overlapping and adjacent spans are merged."""
    folded = fold_text(text)
    hits = [
        found.span()
        for phrase in iter_phrases(node, positive_only=True)
        for found in _phrase_pattern(phrase).finditer(folded)
    ]
    if not hits:
        return []
    origin = _make_offset_mapper(text, folded)
    merged: list[tuple[int, int]] = []
    for start, end in sorted((origin(start), origin(end)) for start, end in hits):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


@lru_cache(maxsize=1_000)
def _phrase_pattern(phrase: Phrase) -> re.Pattern[str]:
    """Returns a pattern that finds a phrase in folded text as the index does in its tokens.

    The pattern begins with literal letters, which `re` finds fast. So the condition on the
    characters before them is a lookbehind that follows them. No part can match in two ways, which
    avoids long backtracking.
    """
    parts: list[str] = []
    last_index = len(phrase.tokens) - 1
    for index, token in enumerate(phrase.tokens):
        is_cjk = _CJK_LETTER.match(token) is not None
        if not is_cjk:
            parts.append(re.escape(token) + (f"(?<!{_LETTER}{re.escape(token)})" * (index == 0)))
            if not (phrase.prefix and index == last_index):
                parts.append(f"{_LETTER}*+" if len(token) == MAX_TOKEN_CHARS else f"(?!{_LETTER})")
        elif len(token) == 1:
            parts.append(
                token + f"(?![{CJK_RANGES}])" * (not (phrase.prefix and index == last_index))
            )
        else:
            # A bigram shares a character with the next one.
            parts.append(token if index == last_index else f"{token[0]}(?={token[1]})")
            continue
        parts.append(r"[\W_]*+" * (index < last_index))
    return re.compile("".join(parts))


def _make_offset_mapper(text: str, folded: str) -> Callable[[int], int]:
    """Returns a function that maps offsets in the folded text to offsets in the text."""
    if len(folded) == len(text):
        return int
    points = _find_fold_points(text)
    folded_offsets = [point.folded_offset for point in points]

    def origin(offset: int) -> int:
        point = points[bisect_right(folded_offsets, offset) - 1]
        return (
            point.text_offset
            if point.is_irregular
            else min(point.text_offset + offset - point.folded_offset, len(text))
        )

    return origin


@dataclass(frozen=True, slots=True)
class _FoldPoint:
    """The same point in a text and in its folded form.

    From here on each character folds to one character, unless `is_irregular`.
    """

    folded_offset: int
    text_offset: int
    is_irregular: bool


def _find_fold_points(text: str) -> list[_FoldPoint]:
    points = [_FoldPoint(0, 0, is_irregular=False)]
    characters = set(text)
    length_changing = "".join(sorted(filter(_changes_length, characters)))
    composing = "".join(sorted(filter(_may_compose, characters)))
    if not length_changing and not composing:
        return points
    for found in _irregular_pattern(length_changing, composing).finditer(text):
        start, end = found.span()
        folded_offset = points[-1].folded_offset + start - points[-1].text_offset
        points.append(_FoldPoint(folded_offset, start, is_irregular=True))
        points.append(_FoldPoint(folded_offset + len(fold_text(found[0])), end, is_irregular=False))
    return points


@lru_cache(maxsize=100)
def _irregular_pattern(length_changing: str, composing: str) -> re.Pattern[str]:
    composing_class = f"[{re.escape(composing)}]"
    parts = [f"[^{composing_class[1:]}?{composing_class}+"] if composing else []
    return re.compile(
        "|".join([*parts, f"[{re.escape(length_changing)}]"] if length_changing else parts),
        re.DOTALL,
    )


@lru_cache(maxsize=20_000)
def _changes_length(character: str) -> bool:
    return len(fold_text(character)) != 1


@lru_cache(maxsize=20_000)
def _may_compose(character: str) -> bool:
    """Returns whether folding may combine the character with the one before it."""
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.combining(first) != 0 or "\u1160" <= first <= "\u11ff"
