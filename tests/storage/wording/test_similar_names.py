"""Which names somebody may have meant who wrote another one."""

from hypothesis import given
from hypothesis import strategies as st

from storage.wording.similar_names import MAX_SUGGESTIONS, hint_at_similar, suggest


@given(st.text(max_size=30), st.lists(st.text(min_size=1, max_size=10), max_size=8))
def test_suggestions_are_known_names(name: str, known: list[str]) -> None:
    found = suggest(name, known)
    assert len(found) <= MAX_SUGGESTIONS
    assert set(found) <= set(known)


def test_a_slip_and_a_beginning_are_similar_and_nothing_else_is() -> None:
    known = ("kcna", "yonhap_ko", "Yonhap En", "tass")
    for name, found in (
        ("knca", ["kcna"]),
        ("YONHAP", ["Yonhap En", "yonhap_ko"]),
        ("yonhap-k", ["yonhap_ko"]),
        ("xyzzy", []),
        ("", []),
    ):
        assert suggest(name, known) == found
    assert hint_at_similar("knca", known, "see the list") == "did you mean kcna?"
    assert hint_at_similar("xyzzy", known, "see the list") == "see the list"
