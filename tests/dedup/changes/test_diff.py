import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.changes.diff import count_changed_letters, diff, join_numbers
from dedup.changes.records import Piece
from dedup.changes.tokens import sentences, tokens


def told(old: str, new: str) -> str:
    marks = {" ": ("", ""), "-": ("[-", "-]"), "+": ("{+", "+}")}
    return "".join(marks[p.sign][0] + p.text + marks[p.sign][1] for p in diff(old, new))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("12 tons of milk", "14 tons of milk", "[-12-]{+14+} tons of milk"),
        ("the old farm", "the farm", "the [-old -]farm"),
        ("he said it", "she said it", "[-he-]{+she+} said it"),
        ("북이 말했다.", "북이 말했습니다.", "북이 말했{+습니+}다."),
        ("朝鮮は発射した", "朝鮮が発射した", "朝鮮[-は-]{+が+}発射した"),
        ("a big red barn", "a tall new barn", "a [-big red-]{+tall new+} barn"),
        ("", "new", "{+new+}"),
        ("same", "same", "same"),
    ],
    ids=["word", "cut", "start", "korean", "japanese", "phrase", "from-nothing", "same"],
)
def test_changes_are_told_by_word_and_by_character(old: str, new: str, expected: str) -> None:
    assert told(old, new) == expected


@given(st.text(max_size=80), st.text(max_size=80))
def test_the_pieces_make_up_both_texts(old: str, new: str) -> None:
    pieces = diff(old, new)
    assert "".join(p.text for p in pieces if p.sign != "+") == old
    assert "".join(p.text for p in pieces if p.sign != "-") == new


@given(st.text())
def test_tokens_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


def test_size_is_counted_in_letters() -> None:
    assert count_changed_letters([Piece("+", "a b, 1"), Piece("-", "朝鮮 "), Piece(" ", "x")]) == (
        3,
        2,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("하나다. 둘이다.\n셋", ["하나다.", "둘이다.", "셋"]),
        ("一。二。", ["一。", "二。"]),
        ("  \n ", []),
    ],
)
def test_sentences_are_found(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text("129,.: a", max_size=20), st.text("129,.: a", max_size=20))
def test_whole_numbers_keep_both_texts(old: str, new: str) -> None:
    pieces = join_numbers(diff(old, new))
    assert "".join(each.text for each in pieces if each.sign != "+") == old
    assert "".join(each.text for each in pieces if each.sign != "-") == new


def test_a_number_changes_as_a_whole() -> None:
    pieces = join_numbers(diff("makes 12,000 panes", "makes 18,000 panes"))
    assert [each.text for each in pieces] == ["makes ", "12,000", "18,000", " panes"]
