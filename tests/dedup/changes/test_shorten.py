from hypothesis import given
from hypothesis import strategies as st

from dedup.changes.records import Piece
from dedup.changes.shorten import ELLIPSIS, changed_words

BEGINNING = "The hall was built in a year. Its roof is of glass."
END = "The workers were praised. A photograph was taken."


def test_the_changed_words_stand_between_a_few_others() -> None:
    old = f"{BEGINNING} The works makes 12,000 square metres of sheet glass every month. {END}"
    new = old.replace("12,000", "18,000")
    assert changed_words(old, new) == [
        Piece(" ", "The works makes "),
        Piece("-", "12,000"),
        Piece("+", "18,000"),
        Piece(" ", " square metres of sheet glass every month."),
    ]


def test_a_removed_sentence_is_shown_alone() -> None:
    old = f"{BEGINNING} Jo Yong Won came too. {END}"
    assert changed_words(old, f"{BEGINNING} {END}") == [Piece("-", "Jo Yong Won came too.")]


def test_a_long_change_is_cut_and_said_to_be() -> None:
    pieces = changed_words(BEGINNING, f"{BEGINNING} {'Another word. ' * 200}")
    assert sum(len(each.text) for each in pieces) < 400
    assert pieces[-1].text.endswith(ELLIPSIS)


@given(st.text(max_size=80), st.text(max_size=80))
def test_nothing_is_shown_only_if_the_sentences_are_equal(old: str, new: str) -> None:
    signs = {each.sign for each in changed_words(old, new)}
    has_change = bool(signs & {"-", "+"})
    assert has_change or not signs
    if old.split() == new.split():
        assert not has_change
