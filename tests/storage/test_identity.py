import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.identity import (
    canonicalise,
    compute_identity,
    drop_tracking_parameters,
    make_uid,
    renew_identity,
)

ADDRESS_PIECES = [
    "a",
    "b=",
    "b=1",
    "a=%B1%E8",
    "c=%ea",
    "utm_source=x",
    "UTM_x=1",
    "gclid=1",
    "&",
    "&amp;",
    "?",
    ";",
    "=",
    "#",
    "#!/x",
    "/",
    "%26",
    "+",
    "김",
    "~",
]
ADDRESSES = st.lists(st.sampled_from(ADDRESS_PIECES), max_size=8).map(
    lambda pieces: f"https://outlet.test/v?{''.join(pieces)}"
)


@pytest.mark.parametrize(
    "other",
    [
        "http://outlet.test/a/b?x=1&y=2",
        "https://www.outlet.test/a/b?y=2&x=1",
        "https://OUTLET.test:443/a/b/?x=1&y=2",
        "https://outlet.test/a/b?utm_source=mail&x=1&y=2&fbclid=abc",
        " https://outlet.test/a/b?x=1&y=2#comments ",
        "https://outlet.test/a/b?x=1&UTM_Source=mail&y=2",
        "https://outlet.test/a/b?gad_source=1&x=1&wbraid=2&gbraid=3&y=2&srsltid=4&GCLID=5",
        "https://outlet.test/a/b?x=1&amp;utm_source=mail&amp;y=2&amp;amp;utm_medium=feed",
        "https://outlet.test/a/b?x=1&y=2;utm_source=mail;utm_medium=feed",
        "https://outlet.test/a/b?x=1&y=2?utm_source=mail&utm_medium=feed",
        "https://outlet.test/a/b?&x=1&&y=2&utm_source&utm_source=&utm_source=mail&",
        "https://outlet.test/a/b?x=1&utm%5Fsource=mail&y=2#utm_source=mail",
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
        "https://outlet.test/a/b?x=1&utm=2",
        "https://outlet.test/a/b?x=1;y=2",
        "https://outlet.test/a/b?x=1&NCID=2",
    ],
)
def test_these_addresses_are_other_pages(other: str) -> None:
    assert compute_identity("", "", other) != compute_identity(
        "", "", "https://outlet.test/a/b?x=1"
    )


@pytest.mark.parametrize(
    ("address", "dropped"),
    [
        ("https://a.test/v?k=%B1%E8&UTM_x=1&b=%2f+~", "https://a.test/v?k=%B1%E8&b=%2f+~"),
        ("https://a.test/v?utm_a=1&z=1&a=;2&b&utm_b", "https://a.test/v?z=1&a=;2&b"),
        ("https://a.test/v?utm_a=1#top", "https://a.test/v#top"),
        ("https://a.test/#!/7?utm_a=1&x=2", "https://a.test/#!/7?x=2"),
        ("https://a.test/v?", "https://a.test/v?"),
    ],
)
def test_only_tracking_parameters_leave_an_address(address: str, dropped: str) -> None:
    assert drop_tracking_parameters(address) == dropped


def test_bytes_of_another_charset_still_tell_articles_apart() -> None:
    kim, lee = (f"https://a.test/v?k={name}&utm_source=x" for name in ("%B1%E8", "%C0%CC"))
    assert canonicalise(kim) == "https://a.test/v?k=%B1%E8"
    assert compute_identity("", "", kim) != compute_identity("", "", lee)


@given(ADDRESSES)
def test_an_address_means_the_same_with_a_tracking_parameter(address: str) -> None:
    front, mark, fragment = address.partition("#")
    tracked = f"{front}&utm_campaign=x{mark}{fragment}"
    assert canonicalise(tracked) == canonicalise(address)


def former_identity(address: str) -> str:
    """The identity of an address in the words of the former rule, without scheme."""
    return hashlib.sha256(f"url:{address}".encode()).hexdigest()


@pytest.mark.parametrize(
    ("canonical", "url", "former"),
    [
        ("", "https://a.test/v?UTM_x=1&id=7", "a.test/v?UTM_x=1&id=7"),
        ("", "https://a.test/v?id=7&amp;utm_x=1", "a.test/v?amp%3Butm_x=1&id=7"),
        ("", "https://a.test/v?k=%B1%E8&utm_x=1", "a.test/v?k=%EF%BF%BD%EF%BF%BD"),
        ("https://a.test/v?id=7&srsltid=2", "https://a.test/8", "a.test/v?id=7&srsltid=2"),
        ("https://a.test/c", "https://a.test/v?UTM_x=1&id=7", "a.test/v?UTM_x=1&id=7"),
        ("", "https://a.test/v?id=7&utm_x=1", "a.test/v?id=7"),
    ],
)
def test_an_identity_of_the_former_rule_becomes_todays(
    canonical: str, url: str, former: str
) -> None:
    stated = canonical if canonical != "https://a.test/c" else ""  # the listing's address counted
    renewed = renew_identity(former_identity(former), "", canonical, url)
    assert renewed == compute_identity("", stated, url)


def test_an_address_whose_bytes_were_lost_is_no_identity() -> None:
    lost, url = "https://a.test/v?k=%EF%BF%BD%EF%BF%BD", "https://a.test/v?k=%B1%E8&utm_x=1"
    renewed = renew_identity(former_identity("a.test/v?k=%EF%BF%BD%EF%BF%BD"), "", lost, url)
    assert renewed == compute_identity("", "", "https://a.test/v?k=%B1%E8")


@given(ADDRESSES, st.sampled_from(["", "7"]))
def test_an_identity_of_today_stays(address: str, key: str) -> None:
    identity = compute_identity(key, "", address)
    assert renew_identity(identity, key, "", address) == identity


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


@given(st.text().map("https://outlet.test/{}".format) | ADDRESSES)
def test_canonical_is_canonical(address: str) -> None:
    once = canonicalise(address)
    assert canonicalise(once) == once
