"""Compares two texts by word; Chinese, Japanese and Korean text by character."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from dedup.changes.records import Piece
from dedup.changes.tokens import count_letters, has_word, tokens

if TYPE_CHECKING:
    from rapidfuzz.distance import Opcodes

MAX_TOKEN_PAIRS = 200_000_000
"""Limit of token pairs to compare (25 MB of bits); a larger stretch counts as replaced whole."""
_END_OF_NUMBER = re.compile(r"(?:[.,:]?\d)+")
_MAX_BRIDGE_LETTERS = (
    4  # letters; an equal stretch this short between two changes only hinders reading
)


def diff(old: str, new: str) -> list[Piece]:
    """Returns the pieces of both texts in order.

    Pieces with the signs " " and "-" make up `old`, those with " " and "+" make up `new`.
    """
    if old == new:
        return [Piece(" ", old)] if old else []
    return list(_merge_pieces(_absorb_short_matches(list(_iter_pieces(tokens(old), tokens(new))))))


def join_numbers(pieces: Sequence[Piece]) -> list[Piece]:
    """Returns the pieces with whole numbers: 12,000 and 18,000 differ, and not only 12 and 18.

    Signs and both texts stay the same.
    """
    result: list[Piece] = []
    for piece in pieces:
        end = _END_OF_NUMBER.match(piece.text) if piece.sign == " " else None
        if end is None or not _are_replaced_digits(result[-2:]):
            result.append(piece)
            continue
        result[-2:] = [Piece(each.sign, each.text + end[0]) for each in result[-2:]]
        if rest := piece.text[end.end() :]:
            result.append(Piece(" ", rest))
    return result


def _are_replaced_digits(pieces: Sequence[Piece]) -> bool:
    """Returns whether a removed and an added stretch both end with a digit."""
    signs = [each.sign for each in pieces]
    return signs == ["-", "+"] and all(each.text[-1:].isdigit() for each in pieces)


def count_changed_letters(pieces: Iterable[Piece]) -> tuple[int, int]:
    """Returns how many letters and digits were added, and how many were removed."""
    added = removed = 0
    for piece in pieces:
        if piece.sign == "+":
            added += count_letters(piece.text)
        elif piece.sign == "-":
            removed += count_letters(piece.text)
    return added, removed


def _iter_pieces(before: Sequence[str], after: Sequence[str]) -> Iterator[Piece]:
    for i, j, k, m, equal in find_blocks(before, after):
        if equal:
            yield Piece(" ", "".join(before[i:j]))
            continue
        if i < j:
            yield Piece("-", "".join(before[i:j]))
        if k < m:
            yield Piece("+", "".join(after[k:m]))


def find_blocks(
    before: Sequence[str], after: Sequence[str]
) -> Iterator[tuple[int, int, int, int, bool]]:
    """Yields equal and replaced stretches as indexes: of `before`, of `after`, and whether they are equal.

    The common start and end are split off first.
    """
    head = common_prefix_length(before, after)
    tail = common_prefix_length(before[head:][::-1], after[head:][::-1])
    if head:
        yield 0, head, 0, head, True
    before_end, after_end = len(before) - tail, len(after) - tail
    yield from _middle(before, after, head, before_end, after_end)
    if tail:
        yield before_end, len(before), after_end, len(after), True


def _middle(
    before: Sequence[str], after: Sequence[str], head: int, before_end: int, after_end: int
) -> Iterator[tuple[int, int, int, int, bool]]:
    if (before_end - head) * (after_end - head) > MAX_TOKEN_PAIRS:
        yield head, before_end, head, after_end, False
        return
    # Imported late: the command loads this module for its help, too.
    from rapidfuzz.distance import Indel

    for each in _merged(Indel.opcodes(before[head:before_end], after[head:after_end])):
        i, j, k, m, equal = each
        yield i + head, j + head, k + head, m + head, equal


def _merged(
    opcodes: "Opcodes",
) -> Iterator[tuple[int, int, int, int, bool]]:
    """Yields a deletion and the insertion at the same place as one replacement."""
    pending: tuple[int, int, int, int, bool] | None = None
    for each in opcodes:
        i, j, k, m = each.src_start, each.src_end, each.dest_start, each.dest_end
        equal = each.tag == "equal"
        if pending is not None and pending[4] is equal:
            pending = (pending[0], j, pending[2], m, equal)
            continue
        if pending is not None:
            yield pending
        pending = (i, j, k, m, equal)
    if pending is not None:
        yield pending


def common_prefix_length(before: Sequence[str], after: Sequence[str]) -> int:
    number = 0
    for a, b in zip(before, after, strict=False):
        if a != b:
            break
        number += 1
    return number


def _absorb_short_matches(pieces: list[Piece]) -> list[Piece]:
    """Turns short equal stretches inside a change into changes, since people read whole phrases."""
    result: list[Piece] = []
    last = len(pieces) - 1
    for i, piece in enumerate(pieces):
        is_inner = piece.sign == " " and 0 < i < last
        if is_inner and "\n" not in piece.text and _is_short_match(piece.text, pieces, i):
            result += [Piece("-", piece.text), Piece("+", piece.text)]
        else:
            result.append(piece)
    return result


def _is_short_match(text: str, pieces: Sequence[Piece], i: int) -> bool:
    if not has_word(text):
        return True
    neighbour_letters = count_letters(pieces[i - 1].text) + count_letters(pieces[i + 1].text)
    return count_letters(text) <= _MAX_BRIDGE_LETTERS and neighbour_letters >= 2 * count_letters(
        text
    )


def _merge_pieces(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yields at most one removed and one added stretch for each place."""
    old = new = same = ""
    for piece in pieces:
        if piece.sign == " ":
            yield from _replacement_pieces(old, new)
            old = new = ""
            same += piece.text
            continue
        if same:
            yield Piece(" ", same)
            same = ""
        old, new = old + piece.text * (piece.sign == "-"), new + piece.text * (piece.sign == "+")
    yield from _replacement_pieces(old, new)
    if same:
        yield Piece(" ", same)


def _replacement_pieces(old: str, new: str) -> Iterator[Piece]:
    if old:
        yield Piece("-", old)
    if new:
        yield Piece("+", new)
