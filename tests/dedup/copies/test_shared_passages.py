import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.copies.shared_passages import cut_text, find_shared_passages
from dedup.records import Document

QUOTE = "the works must make twelve thousand square metres of sheet glass every month"
OTHER = "he praised the miners who had dug more coal in the cold month than was planned"


def make(number: int, text: str) -> Document:
    return Document(
        id=number, uid=str(number), title="", text=text, language="en", outlet=str(number)
    )


def texts(a: Document, b: Document) -> list[tuple[str, str]]:
    spans = find_shared_passages(a, b)
    return [(a.text[s.a_start : s.a_end], b.text[s.b_start : s.b_end]) for s in spans]


def test_passages_are_found_in_whatever_order_they_stand() -> None:
    a = make(1, f"On Sunday the leader said that {QUOTE}. At the pit {OTHER}.")
    b = make(2, f"According to state radio {OTHER}; so it was heard. In the town {QUOTE}, it said.")
    assert texts(a, b) == [(QUOTE, QUOTE), (OTHER, OTHER)]


def test_a_short_common_phrase_and_another_script_are_no_passage() -> None:
    a = make(1, f"The Workers' Party of Korea met. {QUOTE}.")
    b = make(
        2, "A paper wrote about the Workers' Party of Korea without more words about its plans."
    )
    assert texts(a, b) == []
    assert (
        texts(
            a,
            make(
                3, "김정은 위원장은 공장이 매달 유리를 생산해야 한다고 강조했다고 통신이 보도했다."
            ),
        )
        == []
    )


WORDS = st.lists(
    st.sampled_from(["glass", "works", "coal", "한국", "visit", "of", "12"]), max_size=80
)


@given(WORDS, WORDS)
def test_parts_put_together_are_the_texts_and_passages_never_overlap(
    one: list[str], other: list[str]
) -> None:
    a, b = make(1, " ".join(one)), make(2, " ".join(other))
    spans = find_shared_passages(a, b)
    for text, ranges in (
        (a.text, [(s.a_start, s.a_end) for s in spans]),
        (b.text, [(s.b_start, s.b_end) for s in spans]),
    ):
        parts = cut_text(text, ranges)
        assert "".join(part.text for part in parts) == text
        assert sorted(part.passage for part in parts if part.passage) == list(
            range(1, len(spans) + 1)
        )


def test_overlapping_ranges_are_refused() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        cut_text("abcdef", [(0, 4), (2, 6)])
