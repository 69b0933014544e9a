"""Clock words of the night and the afternoon, words without a space, and years that are said twice."""

from datetime import UTC, datetime

import pytest

from crawler.extract.dates.calendars import to_gregorian
from crawler.extract.dates.dates import parse_date
from storage.records import TimePrecision

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2025年9月5日 夜间11时20分", "23:20"),
        ("2025年9月5日 夜間8時45分", "20:45"),
        ("2025年9月5日 午后3点", "15:00"),
        ("2025年9月5日 午后3点30分", "15:30"),
        ("2025.9.5 PM6:45", "18:45"),
        ("2025.9.5 AM6:45", "06:45"),
        ("2025-09-05 PM12:05", "12:05"),
        ("5 сентября 2025 г. 18 ч. 45 мин.", "18:45"),
        ("5 сентября 2025 г., 9 ч 05 мин", "09:05"),
    ],
)
def test_a_clock_word_says_which_half_of_the_day(text: str, clock: str) -> None:
    time = parse_date(text, timezone="Asia/Seoul", now=NOW)
    assert time is not None
    assert f"{time.at:%Y-%m-%d %H:%M}" == f"2025-09-05 {clock}"


@pytest.mark.parametrize(
    "text",
    [
        "September 5, 2025 Juche 114",
        "September 5, Juche 114, 2025",
        "Sep.5,2025 Juche114",
        "5 September 2025 (Juche 114)",
        "2025년 9월 5일(주체114년)",
    ],
)
def test_a_year_that_is_said_twice_is_no_clock(text: str) -> None:
    time = parse_date(text, timezone="Asia/Seoul", now=NOW)
    assert time is not None
    assert (f"{time.at:%Y-%m-%d}", time.precision) == ("2025-09-05", TimePrecision.DAY)


@pytest.mark.parametrize("text", ["2025 2025:30", "in 2025, 20256 people", "12025 2025"])
def test_other_numbers_behind_a_year_stay(text: str) -> None:
    assert to_gregorian(text) == text
    assert to_gregorian(text + " Juche") == text + " Juche"
