"""The passage of a text that shows why a search found it. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from storage.query import Node, phrases
from storage.tokens import LONGEST_TOKEN, fold, runs

WIDTH = 160
_LOOKED_AT = 20_000
_FIRST = 1_000


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage in one line. `marks`: start and end of each hit in `text`, in order, not overlapping."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


def snippet(text: str, node: Node, width: int = WIDTH) -> Snippet:
    """The passage around the first hit in the text's first 20,000 characters, else its beginning."""
    text = " ".join(text[:_LOOKED_AT].split())
    # Most texts name what they are about early, and looking costs time.
    found = _hits(text[:_FIRST], node) or (_hits(text, node) if len(text) > _FIRST else [])
    middle = (found[0][0] + found[0][1]) // 2 if found else 0
    start = max(0, min(middle - width // 3, len(text) - width))
    end = min(len(text), start + width)
    before, after = "…" * (start > 0), "…" * (end < len(text))
    shift = start - len(before)
    marks = [(a - shift, b - shift) for a, b in found if a >= start and b <= end]
    return Snippet(f"{before}{text[start:end]}{after}", tuple(marks))


def _hits(text: str, node: Node) -> list[tuple[int, int]]:
    """Where the wanted phrases stand, first to last, overlaps joined."""
    folded, offsets = _folded(text)
    spans = _token_spans(folded)
    words = [word for word, _, _ in spans]
    hits: list[tuple[int, int]] = []
    for phrase in phrases(node, wanted=True):
        for place in _places(words, phrase.tokens, prefix=phrase.prefix):
            last = phrase.tokens[-1]
            start, end = spans[place][1], spans[place + len(phrase.tokens) - 1][1] + len(last)
            hits.append((offsets[start], offsets[end]))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(hits):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _places(words: Sequence[str], wanted: Sequence[str], *, prefix: bool) -> list[int]:
    first, rest = wanted[0], len(wanted) - 1
    if not rest:
        return [i for i, w in enumerate(words) if w == first or (prefix and w.startswith(first))]
    return [
        i
        for i, word in enumerate(words[: len(words) - rest])
        if word == first
        and list(words[i : i + rest]) == list(wanted[:-1])
        and (words[i + rest] == wanted[-1] or (prefix and words[i + rest].startswith(wanted[-1])))
    ]


def _token_spans(folded: str) -> list[tuple[str, int, int]]:
    spans: list[tuple[str, int, int]] = []
    for cjk, start, end in runs(folded):
        if cjk:
            spans += [(folded[i : min(i + 2, end)], i, min(i + 2, end)) for i in range(start, end)]
        else:
            spans.append((folded[start : min(end, start + LONGEST_TOKEN)], start, end))
    return spans


@lru_cache(maxsize=20_000)
def _fold_some(characters: str) -> str:
    return fold(characters)


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """The folded text, and for each of its offsets the one in the text; its end included."""
    folded = fold(text)
    if len(folded) == len(text):
        return folded, range(len(text) + 1)
    parts: list[str] = []
    offsets: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and (
            unicodedata.combining(text[end]) or "\u1160" <= text[end] <= "\u11ff"
        ):
            end += 1
        part = _fold_some(text[start:end])
        parts.append(part)
        offsets += [start] * len(part)
        start = end
    return "".join(parts), [*offsets, len(text)]
