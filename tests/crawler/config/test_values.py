"""What in a free text counts as an address by which outlets can write to somebody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.config.values import has_address


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("you@example.org", True),
        ("https://lab.example/nk", True),
        ("The Lab <you@example.org>, https://lab.example", True),
        ("see (http://lab.example)", True),
        ("mailto:you@example.org", True),
        ("not an address", False),
        ("x", False),
        ("", False),
        ("you at example.org", False),
        ("@example.org you@", False),
        ("https://", False),
        ("ftp://lab.example", False),
        ("http://[broken", False),
    ],
)
def test_a_contact_needs_a_mail_address_or_a_web_address(text: str, expected: bool) -> None:
    assert has_address(text) is expected


@given(before=st.text(max_size=20), after=st.text(max_size=20))
def test_an_address_is_found_in_any_text(before: str, after: str) -> None:
    assert has_address(f"{before} you@example.org {after}")
