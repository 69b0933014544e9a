import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.identity import canonicalise, compute_identity, make_uid


@pytest.mark.parametrize(
    "other",
    [
        "http://outlet.test/a/b?x=1&y=2",
        "https://www.outlet.test/a/b?y=2&x=1",
        "https://OUTLET.test:443/a/b/?x=1&y=2",
        "https://outlet.test/a/b?utm_source=mail&x=1&y=2&fbclid=abc",
        " https://outlet.test/a/b?x=1&y=2#comments ",
    ],
)
def test_these_addresses_are_one_page(other: str) -> None:
    assert compute_identity("", "", other) == compute_identity(
        "", "", "https://outlet.test/a/b?x=1&y=2"
    )


@pytest.mark.parametrize(
    "other",
    [
        "https://outlet.test/a/B?x=1",
        "https://outlet.test/a/b?x=2",
        "https://outlet.test/a/b",
        "https://m.outlet.test/a/b?x=1",
        "https://outlet.test/a/b?x=1#!/article/7",
    ],
)
def test_these_addresses_are_other_pages(other: str) -> None:
    assert compute_identity("", "", other) != compute_identity(
        "", "", "https://outlet.test/a/b?x=1"
    )


def test_a_key_is_the_identity_and_cannot_be_taken_for_an_address() -> None:
    assert compute_identity("7", "https://a.test/1", "https://a.test/2") == compute_identity(
        "7", "", ""
    )
    assert compute_identity("a.test/1", "", "") != compute_identity("", "", "https://a.test/1")


def test_the_canonical_address_wins_unless_it_is_the_front_page() -> None:
    page = "https://a.test/1?from=feed"
    assert compute_identity("", "https://a.test/1", page) == compute_identity(
        "", "", "https://a.test/1"
    )
    assert compute_identity("", "https://a.test/", page) == compute_identity("", "", page)


def test_the_uid_is_the_same_in_every_database() -> None:
    name = compute_identity("", "", "https://a.test/1")
    assert name == "c501317f0005552613f7ed83aefddc4a1424acbc1deb7d27b0a701ee62bce2b1"
    assert make_uid("kcna", name) == f"kcna/{name}"


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_has_an_identity(text: str) -> None:
    assert len(compute_identity("", text, text)) == len(compute_identity(text, "", "")) == 64


@given(st.text())
def test_canonical_is_canonical(text: str) -> None:
    once = canonicalise(f"https://outlet.test/{text}")
    assert canonicalise(once) == once
