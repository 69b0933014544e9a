from datetime import timedelta

import pytest

from storage.reports.delays import DelayRange


def minutes(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(minutes=number)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (13, 88, "13–88 min later"),
        (40, 150, "40 min–2.5 h later"),
        (78, 3 * 1440, "78 min–3.0 d later"),
        (25, 25.4, "25 min later"),
        (119, 121, "2.0 h later"),
        (0, 2, "1 min later"),
        (0, 0.5, "up to 0 min later"),
        (-6, -4, "5 min earlier"),
        (-1, 1, "up to 1 min later, perhaps earlier"),
        (0, 30, "up to 30 min later"),
        (-60, 64, "up to 64 min later, perhaps earlier"),
        (-20, 0.5, "not later, perhaps earlier"),
        (None, 64, "up to 64 min later, perhaps earlier"),
        (-90, -20, "20–90 min earlier"),
        (None, -20, "more than 20 min earlier"),
        (90, None, "more than 90 min later"),
        (-5, None, "more than 0 min later, perhaps earlier"),
        (None, None, "not known"),
    ],
)
def test_a_delay_that_may_be_negative_says_so(
    low: float | None, high: float | None, words: str
) -> None:
    assert DelayRange(minutes(low), minutes(high)).as_later_words() == words
