"""Aligns two texts sentence by sentence, to show them side by side. Pure.

Equal sentences are found first. The sentences between them are paired by dynamic programming over
their likeness, one with one, one with two, or two with one, after Gale and Church, "A Program for
Aligning Sentences in Bilingual Corpora" (1993), with edit distance in the place of lengths.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from dedup.changes.diff import diff, join_numbers
from dedup.changes.records import Piece
from dedup.changes.tokens import count_letters
from dedup.text.sentences import split_paragraphs, split_sentences

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_SENTENCE_CHARS = 200_000
"""Characters. A longer text is compared by paragraph only, and not word by word."""

_MAX_PAIRS = 20_000
"""Pairs of sentences in one changed stretch that are compared; beyond, they are paired in turn."""
_MAX_CHARACTER_PAIRS = 100_000_000
_MIN_LIKENESS = 0.45
"""Sentences that are less alike (0 to 1, by edit distance) are no versions of one another."""


_TYPOGRAPHY = str.maketrans(
    dict.fromkeys("“”„‟＂", '"')
    | dict.fromkeys("‘’‚‛＇´`", "'")
    | dict.fromkeys("‐‑‒–—―－", "-")
    | dict.fromkeys("\u00a0\u2009\u202f\u3000", " ")
)
"""One character for one, so that places in a text stay."""


@dataclass(frozen=True, slots=True)
class Row:
    """Sentences that stand next to each other.

    `left`: pieces with the signs " " and "-", of the first text. `right`: pieces with the signs " "
    and "+", of the second. A side without a counterpart is empty.
    """

    left: tuple[Piece, ...]
    right: tuple[Piece, ...]

    @property
    def is_equal(self) -> bool:
        """Whether both sides say the same; what does not count as a difference may differ."""
        return all(piece.sign == " " for piece in (*self.left, *self.right)) and bool(
            self.left and self.right
        )

    @property
    def ends_paragraph(self) -> bool:
        """Whether a line ends here in either text."""
        return any("\n" in side[-1].text for side in (self.left, self.right) if side)


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows that follow each other. `is_folded`: they are equal, and no change is near."""

    rows: tuple[Row, ...]
    is_folded: bool


_Table = Mapping[int, str]
"""A table for `str.translate` that keeps the length of a text."""


class _Match(NamedTuple):
    """A stretch of the first text (`i` to `j`) next to one of the second (`k` to `m`)."""

    i: int
    j: int
    k: int
    m: int


def align_sentences(old: str, new: str, *, ignore_typography: bool = False) -> list[Row]:
    """Returns both texts side by side, sentence by sentence.

    The pieces of the left sides, joined, are `old`; those of the right sides are `new`.
    `ignore_typography`: the form of quotation marks, dashes and spaces is no difference.
    """
    table = _TYPOGRAPHY if ignore_typography else {}
    if max(len(old), len(new)) > MAX_SENTENCE_CHARS:
        return _align_paragraphs(split_paragraphs(old), split_paragraphs(new), table)
    before, after = split_sentences(old), split_sentences(new)
    rows: list[Row] = []
    for block, is_equal in _blocks(before, after, table):
        if is_equal:
            rows += _equal_rows(before, after, block)
            continue
        for match in _pair_up(before[block.i : block.j], after[block.k : block.m]):
            left = "".join(before[block.i + match.i : block.i + match.j])
            right = "".join(after[block.k + match.k : block.k + match.m])
            rows.append(_compare(left, right, table))
    return rows


def group_rows(rows: Sequence[Row], *, context: int = 1, least: int = 3) -> list[RowGroup]:
    """Folds runs of equal rows, but for `context` rows next to a change.

    `least`: the smallest number of rows that is folded. The rows of all groups are `rows`.
    """
    changed = [n for n, row in enumerate(rows) if not row.is_equal]
    near = {n + step for n in changed for step in range(-context, context + 1)}
    groups: list[RowGroup] = []
    run: list[Row] = []
    is_far = False
    for n, row in enumerate(rows):
        if (n not in near) is not is_far:
            _close_run(groups, run, is_folded=is_far and len(run) >= least)
            run, is_far = [], not is_far
        run.append(row)
    _close_run(groups, run, is_folded=is_far and len(run) >= least)
    return groups


def shares_in_order(rows: Sequence[Row]) -> tuple[float, float]:
    """Returns which share of each text stands in the other in the same order, 0 to 1, by letters."""
    shares = []
    for sides in ([row.left for row in rows], [row.right for row in rows]):
        counts = [
            (piece.sign == " ", count_letters(piece.text)) for side in sides for piece in side
        ]
        total = sum(number for _, number in counts)
        kept = sum(number for is_kept, number in counts if is_kept)
        shares.append(kept / total if total else 0.0)
    return shares[0], shares[1]


def _close_run(groups: list[RowGroup], run: Sequence[Row], *, is_folded: bool) -> None:
    if not run:
        return
    if not is_folded and groups and not groups[-1].is_folded:
        run = (*groups.pop().rows, *run)
    groups.append(RowGroup(tuple(run), is_folded))


def _align_paragraphs(before: Sequence[str], after: Sequence[str], table: _Table) -> list[Row]:
    """Pairs changed paragraphs in turn; what differs inside them is not looked for."""
    rows: list[Row] = []
    for block, is_equal in _blocks(before, after, table):
        if is_equal:
            rows += _equal_rows(before, after, block)
            continue
        pairs = zip_longest(before[block.i : block.j], after[block.k : block.m], fillvalue="")
        rows += [Row(_side(left, "-"), _side(right, "+")) for left, right in pairs]
    return rows


def _equal_rows(before: Sequence[str], after: Sequence[str], block: _Match) -> Iterator[Row]:
    pairs = zip(before[block.i : block.j], after[block.k : block.m], strict=True)
    return (Row((Piece(" ", left),), (Piece(" ", right),)) for left, right in pairs)


def _compare(left: str, right: str, table: _Table) -> Row:
    if not left or not right:
        return Row(_side(left, "-"), _side(right, "+"))
    one, other = left.rstrip(), right.rstrip()
    pieces = join_numbers(diff(one.translate(table), other.translate(table)))
    return Row(
        (*_take(one, pieces, " -"), *_space(left[len(one) :])),
        (*_take(other, pieces, " +"), *_space(right[len(other) :])),
    )


def _take(text: str, pieces: Sequence[Piece], signs: str) -> Iterator[Piece]:
    """Yields the pieces with one of these signs, in the words of the text itself."""
    place = 0
    for piece in pieces:
        if piece.sign in signs:
            end = place + len(piece.text)
            yield Piece(piece.sign, text[place:end])
            place = end


def _side(text: str, sign: str) -> tuple[Piece, ...]:
    words = text.rstrip()
    pieces = (Piece(sign, words),) if words else ()
    return (*pieces, *_space(text[len(words) :]))


def _space(text: str) -> tuple[Piece, ...]:
    return (Piece(" ", text),) if text else ()


def _blocks(
    before: Sequence[str], after: Sequence[str], table: _Table
) -> Iterator[tuple[_Match, bool]]:
    """Yields the equal stretches and those between them, in order. White space does not count."""
    # Imported late: the command loads this module for its help, too.
    from rapidfuzz.distance import Indel

    one, other = (
        [" ".join(each.translate(table).split()) for each in side] for side in (before, after)
    )
    i = k = 0
    for block in Indel.opcodes(one, other).as_matching_blocks():
        if i < block.a or k < block.b:
            yield _Match(i, block.a, k, block.b), False
        i, k = block.a + block.size, block.b + block.size
        if block.size:
            yield _Match(block.a, i, block.b, k), True


def _pair_up(before: Sequence[str], after: Sequence[str]) -> list[_Match]:
    """Returns which sentences of a changed stretch stand next to each other, in order."""
    characters = sum(map(len, before)) * sum(map(len, after))
    if not before or not after or characters > _MAX_CHARACTER_PAIRS:
        return _in_turn(len(before), len(after))
    if len(before) * len(after) > _MAX_PAIRS:
        return _in_turn(len(before), len(after))
    return _best_pairs(before, after)


def _in_turn(before: int, after: int) -> list[_Match]:
    return [
        _Match(min(n, before), min(n + 1, before), min(n, after), min(n + 1, after))
        for n in range(max(before, after))
    ]


def _best_pairs(before: Sequence[str], after: Sequence[str]) -> list[_Match]:
    """Finds the pairs with the largest sum of letters that both sides have."""
    gains = {
        (rows, columns): _gains(_joined(before, rows), _joined(after, columns))
        for rows, columns in ((1, 1), (1, 2), (2, 1))
        if rows <= len(before) and columns <= len(after)
    }
    height, width = len(before), len(after)
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    steps = [[(0, 0)] * (width + 1) for _ in range(height + 1)]
    for i in range(height - 1, -1, -1):
        for k in range(width - 1, -1, -1):
            value, step = best[i + 1][k], (1, 0)
            if best[i][k + 1] > value:
                value, step = best[i][k + 1], (0, 1)
            for (rows, columns), gain in gains.items():
                if i + rows > height or k + columns > width or not gain[i][k]:
                    continue
                if (total := gain[i][k] + best[i + rows][k + columns]) > value:
                    value, step = total, (rows, columns)
            best[i][k], steps[i][k] = value, step
    return list(_walk(steps, height, width))


def _walk(steps: Sequence[Sequence[tuple[int, int]]], height: int, width: int) -> Iterator[_Match]:
    i = k = 0
    while i < height or k < width:
        if i == height:
            rows, columns = 0, 1
        elif k == width:
            rows, columns = 1, 0
        else:
            rows, columns = steps[i][k]
        yield _Match(i, i + rows, k, k + columns)
        i, k = i + rows, k + columns


def _joined(sentences: Sequence[str], number: int) -> list[str]:
    return ["".join(sentences[n : n + number]) for n in range(len(sentences) - number + 1)]


def _gains(before: Sequence[str], after: Sequence[str]) -> list[list[float]]:
    """Returns for each pair the characters that both have; 0 if they are not alike."""
    import numpy as np
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cdist

    likeness: NDArray[np.float32] = cdist(before, after, scorer=Indel.normalized_similarity)
    sizes = np.add.outer([len(each) for each in before], [len(each) for each in after])
    gains: list[list[float]] = np.where(likeness < _MIN_LIKENESS, 0, likeness * sizes).tolist()
    return gains
