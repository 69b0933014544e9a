import json
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.clean import printable, printable_json

pytestmark = pytest.mark.threats("S14", "S20")

HIDDEN = [
    *"\x00\x07\x08\x0b\x0c\r\x1b\x7f\x80\x85\x90\x9b\x9d\x9f",
    *"\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e",
    *"\u2060\u2061\u2062\u2063\u2064\u2065\u2066\u2067\u2068\u2069\u206a\u206f",
    *"\ufeff\ufff0\ufff8\ufff9\ufffa\ufffb\ufffe\uffff\ufdd0\U0001fffe\U0010ffff",
    *"\U000e0001\U000e0020\U000e0041\U000e007f\U000e0100\U000e01ef\U000e0fff",
    *"\u034f\u115f\u1160\u3164\uffa0\u17b4\u17b5\u180b\u180e\u180f\u2800\U00016fe4",
    *"\U0001bca0\U0001d159\U0001d173\ufe00\ufe0e\ufe0f\u200c\u200d",
    *"\ud800\udbff\udc80\udfff\ue000\uf8ff\U000f0000\U00100000",
]
EVERYTHING = st.text(
    st.one_of(
        st.characters(exclude_categories=[]),
        st.sampled_from(HIDDEN),
        st.sampled_from("aéם조👩\n\t"),
    )
)
JOINED = "می\u200cروم क्\u200dष 👩\u200d👧 ❤\ufe0f\u200d🔥 ☢\ufe0f 1\ufe0f 葛\U000e0100 ᠠ\u180b"


def is_space_we_show(character: str) -> bool:
    return character in "\n\t" or unicodedata.category(character) == "Zs"


@pytest.mark.parametrize("character", HIDDEN, ids=lambda c: f"{ord(c):04x}")
def test_what_nobody_sees_is_shown_as_an_escape(character: str) -> None:
    for text in (character, f"a{character}b", f"조{character}선", f"a {character}", character * 3):
        shown = printable(text)
        assert character not in shown
        assert ascii(character)[1:-1] in shown


@given(EVERYTHING)
@example("\u061c\u200cم")
@example("a\ufe0f\u200d🔥")
@example("❤\ufe0f\ufe0f\u200d\u200d🔥")
@example("ک\xad\u200cم")
@example("葛\U000e0100\U000e0101")
def test_any_text_becomes_one_that_steers_no_terminal(text: str) -> None:
    shown = printable(text)
    kept = set("\u200c\u200d")
    assert all(c.isprintable() or is_space_we_show(c) or c in kept for c in shown)
    assert printable(shown) == shown
    shown.encode()


@given(EVERYTHING)
def test_no_two_characters_that_only_join_stand_together(text: str) -> None:
    shown = printable(text)
    joiners = "\u200c\u200d"
    assert not any(a in joiners and b in joiners for a, b in pairwise(shown))
    assert shown[:1] not in joiners or not shown
    assert shown[-1:] not in joiners or not shown


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="".join(HIDDEN))))
def test_letters_of_every_script_stay_as_they_are(text: str) -> None:
    assert printable(text) == text


def test_joiners_and_selectors_stay_where_a_script_needs_them() -> None:
    assert printable(JOINED) == JOINED


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Nord\xadkorea", "Nordkorea"),
        ("\xadkorea", "\\xadkorea"),
        ("a\xad\xadb", "a\\xad\\xadb"),
        ("a\xad b", "a\\xad b"),
    ],
)
def test_a_soft_hyphen_is_left_out_of_a_word_only(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(
    st.recursive(
        EVERYTHING | st.none() | st.integers(),
        lambda each: st.lists(each) | st.dictionaries(EVERYTHING, each),
    )
)
def test_json_is_printable_and_means_the_same(value: object) -> None:
    document = printable_json(json.dumps(value, ensure_ascii=False, indent=1))
    assert json.loads(document) == value
    assert all(c.isprintable() or c == "\n" for c in document)


@pytest.mark.parametrize("character", HIDDEN, ids=lambda c: f"{ord(c):04x}")
def test_json_escapes_what_nobody_sees(character: str) -> None:
    document = printable_json(json.dumps([character, {character: 1}], ensure_ascii=False))
    assert character not in document
    assert json.loads(document) == [character, {character: 1}]
