from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.clean import (
    clean_line,
    clean_text,
    plausible_time,
    printable,
    storable_line,
    storable_text,
)

NOW = datetime(2026, 7, 19, 12, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(exclude_categories=[])) | st.text(
    st.sampled_from(
        "ab조م\u200c\u200d\u200b\xad\x85\x92\n\x0b\x1c\u2028👩\ufe0f\ud800\ufeff\U0001f3f4\U000e0067"
    )
)


@pytest.mark.threats("S17")
@given(ANY_TEXT)
def test_clean_text_can_be_stored_and_exported_anywhere(text: str) -> None:
    for result in (clean_text(text), storable_text(text)):
        result.encode()
        assert all(c in "\n\t" or ord(c) >= 0x20 for c in result)
        assert not set(result) & {"\x7f", "\x85", "\ufffe", "\uffff", "\u2028", "\u2029"}


@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)
    assert storable_text(storable_text(text)) == storable_text(text)


@given(ANY_TEXT)
def test_a_clean_line_is_one_line(text: str) -> None:
    assert len(clean_line(text).splitlines()) <= 1
    assert len(storable_line(text).splitlines()) <= 1


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("a\x00b", "ab"),
        ("a\r\nb\rc\x85d\u2028e", "a\nb\nc\nd\ne"),
        ("a\ud83dz", "a\ufffdz"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("e\u0301 조선 \U0001f600", "e\u0301 조선 \U0001f600"),
        ("It\x92s \x93so\x94 \x97 \x80 5\x85", "It’s “so” — € 5…"),
        ("one\x85two", "one\ntwo"),
        ("a\x81b\x8dc\x8fd\x90e\x9d", "abcde"),
        ("Word\x0bprints\x0cpages", "Word\nprints\npages"),
        ("Pyong\xadyang, Py\u200bong\u2060yang\ufeff", "Pyongyang, Pyongyang"),
        ("\u200ea\u202eb\u2066c\u180ed\u061ce", "abcde"),
        ("pay\u200dpal 평\u200c양 \U0001f600\u200d", "paypal 평양 \U0001f600"),
        ("می\u200cروم क्\u200dष 👩\u200d👧", "می\u200cروم क्\u200dष 👩\u200d👧"),
        ("hid\U000e0068 🏴\U000e0067\U000e0062\U000e007f", "hid 🏴\U000e0067\U000e0062\U000e007f"),
    ],
    ids=[
        "nul",
        "line ends",
        "surrogate",
        "escape",
        "white space",
        "letters",
        "bytes of cp1252",
        "a line end that is no byte of cp1252",
        "bytes that cp1252 does not have",
        "ends of pages",
        "marks without width",
        "marks of direction",
        "joiners that join nothing",
        "joiners of a script",
        "tags",
    ],
)
def test_what_becomes_of_it(dirty: str, expected: str) -> None:
    assert clean_text(dirty) == expected


def test_a_name_stays_what_it_is() -> None:
    assert storable_line(" a\u200bb\xad\x00 \x92c ") == "a\u200bb\xad c"


@given(st.datetimes(timezones=st.timezones()))
def test_any_aware_time_is_plausible_or_none(at: datetime) -> None:
    found = plausible_time(at, NOW)
    assert found is None or (found == at.astimezone(UTC) and found.tzinfo is UTC)


@pytest.mark.parametrize(
    ("at", "kept"),
    [
        (datetime(1945, 1, 1, tzinfo=UTC), True),
        (datetime(1944, 12, 31, tzinfo=UTC), False),
        (NOW + timedelta(days=2), True),
        (NOW + timedelta(days=2, seconds=1), False),
        (datetime(1, 1, 1, tzinfo=ZoneInfo("Asia/Seoul")), False),
        (datetime(9999, 12, 31, 23, tzinfo=ZoneInfo("America/New_York")), False),
        (None, False),
    ],
)
def test_only_times_an_article_can_have_are_kept(at: datetime | None, kept: bool) -> None:
    assert (plausible_time(at, NOW) is not None) is kept


def test_a_time_without_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="no zone"):
        plausible_time(datetime(2026, 7, 19), NOW)


@pytest.mark.threats("S20")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Py\u200bong\u2060yang\ufeff", "Py\\u200bong\\u2060yang\\ufeff"),
        ("hidden\U000e0068\U000e0069", "hidden\\U000e0068\\U000e0069"),
        ("pay\u200dpal \u200c평\u200d양", "pay\\u200dpal \\u200c평\\u200d양"),
        (
            "می\u200cروم क्\u200dष 👩\u200d👧 ❤\ufe0f\u200d🔥",
            "می\u200cروم क्\u200dष 👩\u200d👧 ❤\ufe0f\u200d🔥",
        ),
    ],
    ids=["without width", "tags", "joiners that join nothing", "joiners of a script"],
)
def test_what_deceives_the_eye_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(ANY_TEXT)
def test_what_is_printable_stays_so(text: str) -> None:
    assert printable(printable(text)) == printable(text)
