"""Reads two articles side by side: their differences, or the passages that both have."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from dedup.changes.records import Piece
from dedup.changes.side_by_side import (
    MAX_SENTENCE_CHARS,
    RowGroup,
    align_sentences,
    group_rows,
    shares_in_order,
)
from dedup.changes.tokens import count_letters
from dedup.copies.compare import are_comparable, measure_pair, prepare
from dedup.copies.shared_passages import TextPart, cut_text, find_shared_passages
from storage.reading.rows import ArticleRow
from storage.stated_time import StatedTime
from web.page import Query
from web.rights import visible_text

_MIN_IN_ORDER = 0.6
"""Share of the shorter text that stands in the other in the same order; below, passages are shown."""


_MAX_SHOWN_CHARS = 60_000
"""Characters of each side that are shown at most."""
_IS_LONG = f"Only the first {_MAX_SHOWN_CHARS:,} characters are shown here."


class View(StrEnum):
    """How two articles are shown."""

    DIFFERENCES = "differences"
    PASSAGES = "passages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two articles.

    `share`: the share of it that the other has, by shared word sequences, 0 to 1; None: the two are
    not comparable. `in_order`: the share that stands in the other in the same order, by letters.
    `hidden_because`: why of some parts only lengths are shown, one sentence; "" if all are shown.
    `is_restricted`: whether the rights of the outlet are the reason.
    """

    letter: str
    article: int
    outlet: str
    title: str
    url: str
    language: str
    time: StatedTime | None
    letters: int
    share: float | None
    in_order: float
    hidden_because: str
    is_restricted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two articles side by side.

    `is_equal`: the two say the same, but for white space and the form of quotation marks. `groups`:
    aligned sentences, for the view "differences". `parts_a`, `parts_b`: the two texts in parts, for
    the view "passages". `passages`: how many both have. `is_by_paragraph`: the texts are so long
    that only whole paragraphs are compared.
    """

    a: Side
    b: Side
    view: View
    is_equal: bool
    groups: tuple[RowGroup, ...] = ()
    parts_a: tuple[TextPart, ...] = ()
    parts_b: tuple[TextPart, ...] = ()
    passages: int = 0
    is_by_paragraph: bool = False


def load_comparison(query: Query, a: int, b: int, view: View | None = None) -> Comparison:
    """Reads two articles side by side. `view`: None means the one that suits them.

    Raises NotFound.
    """
    articles = query.database.articles
    first, second = articles.get(a), articles.get(b)
    rows = align_sentences(first.text, second.text, ignore_typography=True)
    in_order = shares_in_order(rows)
    one, other = articles.document(a), articles.document(b)
    shares: tuple[float | None, float | None] = (None, None)
    if are_comparable(prepare(one), prepare(other)):
        measured = measure_pair(one, other)
        shares = measured.containment_ab, measured.containment_ba
    if view is None:
        view = View.DIFFERENCES if max(in_order) >= _MIN_IN_ORDER else View.PASSAGES
    limits = (
        count_shown_chars(query, first.outlet, first.rights, first.text, first.lead),
        count_shown_chars(query, second.outlet, second.rights, second.text, second.lead),
    )
    limits = min(limits[0], _MAX_SHOWN_CHARS), min(limits[1], _MAX_SHOWN_CHARS)
    shown = Comparison(
        a=_make_side(query, "A", first, shares[0], in_order[0]),
        b=_make_side(query, "B", second, shares[1], in_order[1]),
        view=view,
        is_equal=all(row.is_equal for row in rows),
        is_by_paragraph=max(len(first.text), len(second.text)) > MAX_SENTENCE_CHARS,
    )
    if view is View.DIFFERENCES:
        groups = group_rows(rows)
        return replace(shown, groups=tuple(limit_groups(groups, *limits, _MAX_SHOWN_CHARS)))
    spans = find_shared_passages(one, other)
    parts = (
        cut_text(first.text, [(each.a_start, each.a_end) for each in spans]),
        cut_text(second.text, [(each.b_start, each.b_end) for each in spans]),
    )
    return replace(
        shown,
        parts_a=tuple(_limit_parts(parts[0], limits[0])),
        parts_b=tuple(_limit_parts(parts[1], limits[1])),
        passages=len(spans),
    )


def _make_side(
    query: Query, letter: str, row: ArticleRow, share: float | None, in_order: float
) -> Side:
    visible = visible_text(query, row.outlet, row.rights, row.text, row.lead)
    return Side(
        letter=letter,
        article=row.id,
        outlet=row.outlet,
        title=row.title,
        url=row.url,
        language=row.language,
        time=row.published,
        letters=count_letters(row.text),
        share=share,
        in_order=round(in_order, 4),
        hidden_because=visible.reason or (_IS_LONG if len(row.text) > _MAX_SHOWN_CHARS else ""),
        is_restricted=not visible.is_whole,
    )


def count_shown_chars(query: Query, outlet: str, rights: str, text: str, lead: str) -> int:
    """Returns how many characters from the start of a text may be shown."""
    visible = visible_text(query, outlet, rights, text, lead)
    if visible.is_whole:
        return len(text)
    pairs = zip(visible.text, text, strict=False)
    return next((n for n, (one, other) in enumerate(pairs) if one != other), len(visible.text))


def limit_groups(
    groups: Sequence[RowGroup], left: int, right: int, most: int | None = None
) -> Iterable[RowGroup]:
    """Yields the groups; of what lies behind the first characters of a side, lengths only.

    `left`, `right`: how many characters of each side may be shown. `most`: nothing follows when so
    many characters of both sides, or all of them, were shown; None: no limit.
    """
    rows = [row for group in groups for row in group.rows]
    totals = (_count(row.left for row in rows), _count(row.right for row in rows))
    ends = [total if most is None else min(total, most) for total in totals]
    read_left = read_right = 0
    for group in groups:
        kept = []
        for row in group.rows:
            if most is not None and read_left >= ends[0] and read_right >= ends[1]:
                break
            shown = (
                _limit_pieces(row.left, left - read_left),
                _limit_pieces(row.right, right - read_right),
            )
            kept.append(replace(row, left=shown[0], right=shown[1]))
            read_left += _count([row.left])
            read_right += _count([row.right])
        if kept:
            yield replace(group, rows=tuple(kept))


def _count(sides: Iterable[Sequence[Piece]]) -> int:
    return sum(len(piece.text) for side in sides for piece in side)


def _limit_pieces(pieces: Sequence[Piece], room: int) -> tuple[Piece, ...]:
    shown = []
    for piece in pieces:
        shown.append(
            piece if len(piece.text.rstrip()) <= room else Piece(piece.sign, _length(piece.text))
        )
        room -= len(piece.text)
    return tuple(shown)


def _limit_parts(parts: Sequence[TextPart], room: int) -> Iterable[TextPart]:
    read = 0
    for part in parts:
        if read >= _MAX_SHOWN_CHARS:
            return
        is_shown = read + len(part.text.rstrip()) <= room
        yield part if is_shown else TextPart(_length(part.text), part.passage)
        read += len(part.text)


def _length(text: str) -> str:
    """Returns the length of a text that may not be shown; white space stays."""
    letters = count_letters(text)
    space = text[len(text.rstrip()) :]
    words = f"[{letters:,} letter{'' if letters == 1 else 's'}]" if letters else ""
    return f"{words}{space}"
