from hypothesis import given
from hypothesis import strategies as st

from dedup.changes.records import Piece
from dedup.changes.side_by_side import (
    MAX_SENTENCE_CHARS,
    Row,
    align_sentences,
    group_rows,
    shares_in_order,
)

TEXTS = st.lists(
    st.sampled_from(
        ["The glass works opened.", "“Good” work.", '"Good" work.', "It has two halls.", "It has three halls.", "공장이 문을 열었다.", "\n", " "]
    ),
    max_size=12,
).map("".join) | st.text(max_size=60)  # fmt: skip


def sides(row: Row) -> tuple[str, str]:
    return "".join(p.text for p in row.left).strip(), "".join(p.text for p in row.right).strip()


@given(TEXTS, TEXTS, st.booleans())
def test_the_pieces_of_each_side_put_together_are_its_text(
    old: str, new: str, ignore: bool
) -> None:
    rows = align_sentences(old, new, ignore_typography=ignore)
    assert "".join(piece.text for row in rows for piece in row.left) == old
    assert "".join(piece.text for row in rows for piece in row.right) == new
    assert {piece.sign for row in rows for piece in row.left} <= {" ", "-"}
    assert {piece.sign for row in rows for piece in row.right} <= {" ", "+"}


@given(TEXTS, TEXTS)
def test_groups_keep_all_rows_and_fold_equal_ones_only(old: str, new: str) -> None:
    rows = align_sentences(old, new)
    groups = group_rows(rows)
    assert [row for group in groups for row in group.rows] == rows
    assert all(row.is_equal for group in groups if group.is_folded for row in group.rows)


def test_a_changed_sentence_stands_next_to_its_former_self() -> None:
    old = "A first sentence stays. The works makes 12,000 panes of glass a month. The end came."
    new = "A first sentence stays. A wholly other thought. The works makes 18,000 panes of glass. The end came."
    rows = align_sentences(old, new)
    assert [row.is_equal for row in rows] == [True, False, False, True]
    assert sides(rows[1]) == ("", "A wholly other thought.")
    assert Piece("-", "12,000") in rows[2].left
    assert Piece("+", "18,000") in rows[2].right


def test_one_paragraph_is_compared_with_many_and_white_space_is_no_change() -> None:
    one = "하나는 전체를 위하여 일한다.전체는 하나를 위하여 일한다.끝이다."
    many = "하나는 전체를 위하여 일한다.\n\n전체는 하나를 위하여 일한다.\n\n끝이다."
    rows = align_sentences(one, many)
    assert all(row.is_equal for row in rows)
    assert shares_in_order(rows) == (1.0, 1.0)


def test_a_sentence_that_was_split_stands_next_to_both_halves() -> None:
    old = "He visited the new glass works, and he praised all of the workers there."
    new = "He visited the new glass works. And he praised all of the workers there."
    (row,) = align_sentences(old, new)
    assert sides(row) == (old, new)


def test_runs_of_equal_sentences_are_folded_but_for_one_beside_a_change() -> None:
    kept = "".join(f"Sentence number {n} stays. " for n in range(8))
    groups = group_rows(align_sentences(kept + "An old end.", kept + "A new end."))
    assert [(group.is_folded, len(group.rows)) for group in groups] == [(True, 7), (False, 2)]


def test_what_stands_in_another_order_is_not_shared_in_order() -> None:
    first, second = "The general secretary praised the workers.", "Coal is saved in all counties."
    rows = align_sentences(f"{first} {second}", f"{second} {first}")
    assert max(shares_in_order(rows)) < 0.7


def test_a_very_long_text_is_compared_by_paragraph_only() -> None:
    line = "x y z. " * 100
    many = f"{line}\n" * (MAX_SENTENCE_CHARS // len(line) + 2)
    rows = align_sentences(f"{many}old end", f"{many}new end")
    assert (rows[-1].left, rows[-1].right) == ((Piece("-", "old end"),), (Piece("+", "new end"),))
    assert len(rows) == many.count("\n") + 1


def test_the_form_of_quotation_marks_is_a_difference_only_where_it_is_asked_for() -> None:
    old, new = 'He said "go" to 3 men.', "He said “go” to 4 men."
    (row,) = align_sentences(old, new, ignore_typography=True)
    assert [piece for piece in row.right if piece.sign == "+"] == [Piece("+", "4")]
    assert "".join(piece.text for piece in row.right) == new
    (row,) = align_sentences(old, new)
    assert Piece("+", "“") in row.right
