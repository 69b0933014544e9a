import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.show.edits import format_edit
from dedup.changes.diff import diff
from dedup.changes.shorten import shorten_unchanged


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        pytest.param("one two three", "one 2 three", "one [-two-]{+2+} three", id="a word"),
        pytest.param("a", "a", "a", id="nothing"),
        pytest.param("", "new", "{+new+}", id="all new"),
        pytest.param("a\nb", "a\nc", "a [-b-]{+c+}", id="line breaks become spaces"),
        pytest.param(
            "a \x1b[31m", "b \x1b[31m", "[-a-]{+b+} \\x1b[31m", id="no colours from pages"
        ),
    ],
)
def test_changes_are_marked(old: str, new: str, shown: str) -> None:
    assert format_edit(old, new).plain == shown


def test_only_a_few_words_around_a_change_are_kept() -> None:
    words = " ".join(f"w{i}" for i in range(100))
    shown = format_edit(f"{words} old {words}", f"{words} new {words}").plain
    assert "[-old-]{+new+}" in shown
    assert len(shown) < 100
    assert shown.count("…") == 2


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_change_is_ever_left_out(old: str, new: str) -> None:
    pieces = diff(old, new)
    kept = shorten_unchanged(pieces)
    assert [p for p in kept if p.sign != " "] == [p for p in pieces if p.sign != " "]
