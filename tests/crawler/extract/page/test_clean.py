"""Text of pages is cleaned by the rule of all stored text, so that nothing is left to clean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.page import clean
from storage import clean as stored

ANY_TEXT = st.text(st.characters(exclude_categories=[])) | st.text(
    st.sampled_from(
        "ab조م\u200c\u200d\u200b\xad\x85\x92 \xa0\n\x0b\x1c👩\ue000\ud800\ufeff\U0001f3f4\U000e0067"
    )
)


@given(ANY_TEXT)
def test_storing_finds_nothing_more_to_clean(text: str) -> None:
    assert stored.clean_text(clean.clean_text(text)) == clean.clean_text(text)
    assert stored.clean_line(clean.clean_line(text)) == clean.clean_line(text)


@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean.clean_text(clean.clean_text(text)) == clean.clean_text(text)
    assert clean.clean_line(clean.clean_line(text)) == clean.clean_line(text)


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("It\x92s  \x93so\x94\x85", "It’s “so”…"),
        ("\ue001 Pyong\xadyang\u200b\xa0now", "Pyongyang now"),
        ("two\x85lines", "two lines"),
    ],
    ids=["bytes of cp1252", "icons, marks and spaces", "a line end"],
)
def test_what_a_line_of_a_page_becomes(printed: str, read: str) -> None:
    assert clean.clean_line(printed) == read
