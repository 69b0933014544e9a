from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.wording.durations import InvalidDurationError, format_duration, parse_duration

DURATIONS = st.timedeltas(timedelta(0), timedelta(days=365 * 9999)).map(
    lambda each: timedelta(days=each.days, seconds=each.seconds)
)


@given(DURATIONS)
def test_what_is_printed_can_be_typed(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("45s", 45), ("15m", 900), ("15min", 900), ("15 min", 900), ("1h30m", 5400)),
        *(("2 hours", 7200), ("2d", 172_800), ("1Y", 31_536_000), ("0s", 0), ("1 day 2 h", 93_600)),
    ],
)
def test_a_duration_is_read_in_short_and_in_long_units(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", "m", "30", "5x", "-1h", "1m1h", "1e3m", "ⅷh", "1h 1h", "1.5h"]
)
def test_what_is_no_duration_is_said_in_one_line(text: str) -> None:
    with pytest.raises(InvalidDurationError, match="is no duration: write it as") as raised:
        parse_duration(text)
    assert "\n" not in str(raised.value)


@given(st.text(max_size=40))
def test_no_text_fails_otherwise(text: str) -> None:
    try:
        assert parse_duration(text) >= timedelta(0)
    except InvalidDurationError:
        return
