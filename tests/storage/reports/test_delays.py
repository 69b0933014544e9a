from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.records import TimePrecision
from storage.reports.delays import (
    DelayRange,
    compute_polled_delay,
    compute_stated_delay,
    format_delay,
)
from storage.reports.origin import Appearance
from storage.stated_time import StatedTime

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def ranged(low: float | None, high: float | None) -> DelayRange:
    return DelayRange(
        None if low is None else minutes(low), None if high is None else minutes(high)
    )


@pytest.mark.parametrize(
    ("delay", "words", "may_be_earlier"),
    [
        (ranged(10, 30), "10 min to 30 min", False),
        (ranged(0, 30), "0 min to 30 min", False),
        (ranged(-55, 64), "-55 min to +64 min (perhaps earlier)", True),
        (ranged(-180, 1260), "-3.0 h to +21.0 h (perhaps earlier)", True),
        (ranged(-65, -40), "-65 min to -40 min", True),
        (ranged(None, 64), "less than 64 min (perhaps earlier)", True),
        (ranged(None, 0), "less than 0 min", True),
        (ranged(40, None), "more than 40 min", False),
        (ranged(0, None), "more than 0 min", False),
        (ranged(-40, None), "more than -40 min (perhaps earlier)", True),
        (ranged(None, None), "", None),
    ],
)
def test_a_delay_says_whether_it_may_begin_before_zero(
    delay: DelayRange, words: str, may_be_earlier: bool | None
) -> None:
    assert (delay.as_words(), delay.may_be_earlier) == (words, may_be_earlier)


def test_a_delay_known_to_the_minute_is_one_number_unless_its_sign_is_not_known() -> None:
    assert ranged(59, 61).as_rounded_words() == "60 min"
    assert ranged(-61, -59).as_rounded_words() == "-60 min"
    assert ranged(-1, 1).as_rounded_words() == "-1 min to +1 min (perhaps earlier)"
    assert ranged(59, 62).as_rounded_words() == "59 min to 62 min"
    assert format_delay(timedelta(days=-3)) == "-3.0 d"


def stated(at: datetime, precision: TimePrecision) -> Appearance:
    return Appearance(None, NOON + timedelta(days=30), StatedTime(at, precision))


def test_a_date_makes_the_stated_delay_a_range_of_its_day() -> None:
    first = stated(NOON, TimePrecision.MINUTE)
    day_in_seoul = stated(datetime(2026, 3, 2, 15, tzinfo=UTC), TimePrecision.DAY)
    found = compute_stated_delay(first, day_in_seoul)
    assert found == ranged(-21 * 60 - 1, 3 * 60)
    assert found.may_be_earlier
    assert compute_stated_delay(first, Appearance(None, NOON)) == DelayRange()
    assert compute_stated_delay(first, stated(NOON + minutes(60), TimePrecision.MINUTE)).exact == (
        minutes(60)
    )


@given(*[st.tuples(st.integers(-900, 900), st.integers(1, 900), st.integers(0, 900))] * 2)
def test_the_true_delay_lies_in_the_range_by_polls(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    """Each article: its true time, minutes since the poll without it, minutes until the next."""
    first, later = (
        Appearance(NOON + minutes(true - before), NOON + minutes(true + until))
        for true, before, until in (one, other)
    )
    found = compute_polled_delay(first, later)
    assert found.low is not None
    assert found.high is not None
    assert found.low < minutes(other[0] - one[0]) < found.high
