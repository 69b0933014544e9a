import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.sentences import split_paragraphs, split_sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One. ", "Two! ", "Three?"]),
        ("하나다.둘이다. 셋", ["하나다.", "둘이다. ", "셋"]),
        ('그는 "가자."고 했다.', ['그는 "가자."', "고 했다."]),
        ("一。「二。」三", ["一。", "「二。」", "三"]),
        ("메일은 a@b.co.kr 이다. 끝", ["메일은 a@b.co.kr 이다. ", "끝"]),
        ("N. Korea and the U.S. met. It said 3.5 km.", ["N. Korea and the U.S. met. ", "It said 3.5 km."]),
        ("Head\n\n  Body", ["Head\n\n  ", "Body"]),
        ("", []),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    assert split_sentences(text) == expected


@given(st.text(alphabet='ab.!?…。 \n"”)Aé가國', max_size=60) | st.text())
def test_sentences_and_paragraphs_put_together_are_the_text(text: str) -> None:
    assert "".join(split_sentences(text)) == text
    assert "".join(split_paragraphs(text)) == text
    assert all(split_sentences(text))


@pytest.mark.threats("S9")
@pytest.mark.parametrize("text", ["." * 300_000, ".'" * 150_000, " \n" * 150_000, "。」" * 150_000])
def test_a_hostile_text_is_split_in_linear_time(text: str) -> None:
    assert "".join(split_sentences(text)) == text
