"""Shortens a difference to the changed words and a few words around them. Pure functions."""

import re
from collections.abc import Iterable, Sequence

from dedup.changes.diff import common_prefix_length, diff, find_blocks, join_numbers
from dedup.changes.records import Piece
from dedup.changes.tokens import sentences

CONTEXT_WORDS = 6  # words kept on both sides of a change
ELLIPSIS = "…"
_WORD = re.compile(r"\s{0,20}\S{1,20}")  # a script without spaces is cut into pieces
_MAX_PIECE_CHARS = 160
_MAX_COMPARED_CHARS = 600


def shorten_unchanged(pieces: Sequence[Piece]) -> list[Piece]:
    """Keeps a few words around each change; an ellipsis stands for the rest."""
    last = len(pieces) - 1
    return [
        piece if piece.sign != " " else Piece(" ", _shorten_text(piece.text, i > 0, i < last))
        for i, piece in enumerate(pieces)
    ]


def changed_words(old: str, new: str, *, max_chars: int = 320) -> list[Piece]:
    """Returns the first changes from one text to another, with a few words around each, as one line.

    Only sentences that differ are compared, and of these only what is shown: a long removed or added
    stretch is cut, and after `max_chars` characters an ellipsis ends the list. [] if no sentence
    differs.
    """
    before, after = sentences(old), sentences(new)
    shown: list[Piece] = []
    for i, j, k, m, is_equal in find_blocks(before, after):
        pieces = [] if is_equal else _compare(" ".join(before[i:j]), " ".join(after[k:m]))
        if pieces and shown:
            shown.append(Piece(" ", f" {ELLIPSIS} "))
        shown += pieces
        if sum(len(each.text) for each in shown) > max_chars:
            break
    return list(_cut(shown, max_chars))


def _compare(old: str, new: str) -> list[Piece]:
    """Returns the difference of the first characters that differ, and those behind them."""
    if old == new:
        return []
    common = common_prefix_length(old, new)
    start = max(0, common - _MAX_PIECE_CHARS)
    start = max(start, old.find(" ", start, common) + 1 if start else 0)
    before, after = (each[start : start + _MAX_COMPARED_CHARS] for each in (old, new))
    return shorten_unchanged(join_numbers(diff(before, after)))


def _cut(pieces: Iterable[Piece], max_chars: int) -> Iterable[Piece]:
    room = max_chars
    for piece in pieces:
        if room <= 0:
            yield Piece(" ", ELLIPSIS)
            return
        text = piece.text
        if piece.sign != " " and len(text) > _MAX_PIECE_CHARS:
            text = f"{text[:_MAX_PIECE_CHARS].rstrip()}{ELLIPSIS}"
        room -= len(text)
        yield Piece(piece.sign, text)


def _shorten_text(text: str, is_after_change: bool, is_before_change: bool) -> str:
    """Shortens an unchanged text.

    Keeps its beginning if it follows a change, and its end if it precedes one.
    """
    word_ends = [match.end() for match in _WORD.finditer(text)]
    left, right = CONTEXT_WORDS * is_after_change, CONTEXT_WORDS * is_before_change
    if len(word_ends) <= left + right + 1:
        return text
    head = text[: word_ends[left - 1]] if left else ""
    tail = text[word_ends[len(word_ends) - right - 1] :] if right else ""
    return f"{head} {ELLIPSIS}{tail}" if tail else f"{head} {ELLIPSIS} "
