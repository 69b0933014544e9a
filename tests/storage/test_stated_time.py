from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.records import TimePrecision
from storage.stated_time import StatedTime, TimeRange, make_stated_time, offset_of_midnight

MARCH_3 = datetime(2026, 3, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)


def local_midnight(hours: float) -> datetime:
    return datetime(2026, 3, 3, tzinfo=timezone(timedelta(hours=hours)))


@pytest.mark.parametrize(
    ("at", "precision", "text", "words"),
    [
        (MARCH_3, TimePrecision.DAY, "2026-03-03", "2026-03-03"),
        (local_midnight(9), TimePrecision.DAY, "2026-03-03", "2026-03-03"),
        (local_midnight(5.75), TimePrecision.DAY, "2026-03-03", "2026-03-03"),
        (local_midnight(-5), TimePrecision.DAY, "2026-03-03", "2026-03-03"),
        (MARCH_3.replace(day=1), TimePrecision.MONTH, "2026-03", "2026-03"),
        (MARCH_3.replace(month=1, day=1), TimePrecision.YEAR, "2026", "2026"),
        (MARCH_3, TimePrecision.MINUTE, "2026-03-03T00:00:00Z", "2026-03-03 00:00"),
        (MARCH_3 + 9.5 * HOUR, TimePrecision.SECOND, "2026-03-03T09:30:00Z", "2026-03-03 09:30"),
    ],
)
def test_a_time_is_written_with_the_fields_that_are_known(
    at: datetime, precision: TimePrecision, text: str, words: str
) -> None:
    stated = StatedTime(at, precision)
    assert (str(stated), stated.as_words()) == (text, words)


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (
            StatedTime(MARCH_3, TimePrecision.DAY),
            TimeRange(MARCH_3 - 14 * HOUR, MARCH_3 + 36 * HOUR),
        ),
        (
            StatedTime(local_midnight(9), TimePrecision.DAY),
            TimeRange(MARCH_3 - 9 * HOUR, MARCH_3 + 15 * HOUR),
        ),
        (
            StatedTime(datetime(2026, 2, 28, 15, tzinfo=UTC), TimePrecision.MONTH),
            TimeRange(datetime(2026, 2, 28, 15, tzinfo=UTC), datetime(2026, 3, 31, 15, tzinfo=UTC)),
        ),
        (
            StatedTime(datetime(2026, 12, 31, 15, tzinfo=UTC), TimePrecision.YEAR),
            TimeRange(
                datetime(2026, 12, 31, 15, tzinfo=UTC), datetime(2027, 12, 31, 15, tzinfo=UTC)
            ),
        ),
        (
            StatedTime(MARCH_3 + timedelta(minutes=5, seconds=20), TimePrecision.MINUTE),
            TimeRange(MARCH_3 + timedelta(minutes=5), MARCH_3 + timedelta(minutes=6)),
        ),
        (
            StatedTime(MARCH_3, TimePrecision.SECOND, is_zone_known=False),
            TimeRange(MARCH_3 - 14 * HOUR, MARCH_3 + timedelta(hours=12, seconds=1)),
        ),
    ],
    ids=["day of any zone", "day in Seoul", "month", "year", "minute", "zone unknown"],
)
def test_a_stated_time_is_a_range_of_its_precision(stated: StatedTime, expected: TimeRange) -> None:
    assert stated.range == expected


def test_a_stored_time_without_precision_is_a_day_at_midnight_only() -> None:
    assert make_stated_time(None, "day") is None
    assert make_stated_time(MARCH_3, None) == StatedTime(MARCH_3, TimePrecision.DAY)
    assert make_stated_time(MARCH_3 + HOUR, None) == StatedTime(
        MARCH_3 + HOUR, TimePrecision.MINUTE
    )
    stored = make_stated_time(MARCH_3, "minute", "element time, zone unknown")
    assert stored == StatedTime(MARCH_3, TimePrecision.MINUTE, is_zone_known=False)


@given(st.dates(datetime(1950, 1, 1).date()), st.integers(-40, 55))
def test_midnight_of_any_zone_keeps_its_date(day: datetime, quarters: int) -> None:
    offset = timedelta(minutes=15 * quarters)
    at = datetime(day.year, day.month, day.day, tzinfo=timezone(offset))
    stated = StatedTime(at, TimePrecision.DAY)
    assert stated.day == datetime(day.year, day.month, day.day).date()
    assert offset_of_midnight(at) == (offset or None)
    assert stated.range.start <= at < at + timedelta(days=1) <= stated.range.end
