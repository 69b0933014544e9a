from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.importers.stated_dates import parse_time
from storage.records import TimePrecision

ZONES = st.integers(-12 * 4, 14 * 4).map(lambda quarters: timedelta(minutes=15 * quarters))
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 30)).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
WRITTEN = (
    lambda at: at.isoformat(),
    lambda at: f"{at:%Y-%m-%d %H:%M:%S} UTC",
    lambda at: f"{at:%Y-%m-%dT%H:%M:%S}.000+0000",
    lambda at: f"{at:%Y/%m/%d %H:%M:%S}",
    lambda at: f"{at.year}. {at.month}. {at.day}. {at:%H:%M:%S}",
    lambda at: f"{at.year}년 {at.month}월 {at.day}일 {at.hour}시 {at.minute}분 {at.second}초",
    lambda at: f"{at:%d.%m.%Y %I:%M:%S %p}",
    lambda at: f"{at:%B %d, %Y, %I:%M:%S %p}",
    format_datetime,
    lambda at: f"{at:%a %b %d %H:%M:%S UTC %Y}",
    lambda at: f"{at:%Y%m%d%H%M%S}",
    lambda at: f"{at:%Y%m%dT%H%M%SZ}",
    lambda at: (at - EXCEL_EPOCH) / timedelta(days=1),
)


@given(TIMES, st.sampled_from(WRITTEN))
def test_a_time_is_read_as_it_was_written(
    at: datetime, write: Callable[[datetime], object]
) -> None:
    found, precision = parse_time(write(at))
    assert found == at
    has_clock = precision in (TimePrecision.SECOND, TimePrecision.MINUTE)
    assert has_clock == bool(at.hour or at.minute or at.second)


@given(TIMES, ZONES)
def test_a_printed_zone_counts(at: datetime, offset: timedelta) -> None:
    local = at.astimezone(timezone(offset))
    for words in (format_datetime(local), f"{local:%Y/%m/%d %H:%M:%S %z}", local.isoformat(" ")):
        assert parse_time(words)[0] == at


@given(st.integers(1, 31), st.integers(1, 12), st.integers(1990, 2099), st.sampled_from("/-"))
def test_two_numbers_are_a_day_only_if_one_is_no_month(
    first: int, second: int, year: int, mark: str
) -> None:
    at, _ = parse_time(f"{first}{mark}{second}{mark}{year}")
    may_be_two_days = first <= 12 and first != second
    assert at is None or (not may_be_two_days and (at.day, at.month) == (first, second))


@given(st.text("0123456789-/.: TZ+APM년월일시분오전후", max_size=30))
def test_no_words_give_a_time_of_another_century(words: str) -> None:
    at, precision = parse_time(words)
    assert at is None or 1944 <= at.year <= 2100
    assert (at is None) == (precision is None)


@pytest.mark.parametrize(
    ("value", "expected", "precision"),
    [
        ("2026-07-19", "2026-07-19T00:00:00+00:00", TimePrecision.DAY),
        ("２０２６-０７-１９ 10:30", "2026-07-19T10:30:00+00:00", TimePrecision.MINUTE),
        ("٢٠٢٦-٠٧-١٩", "2026-07-19T00:00:00+00:00", TimePrecision.DAY),
        ("2026-07-19 00:00:00", "2026-07-19T00:00:00+00:00", TimePrecision.DAY),
        ("2026-07-19T00:00+09:00", "2026-07-18T15:00:00+00:00", TimePrecision.DAY),
        ("2026-07", "2026-07-01T00:00:00+00:00", TimePrecision.MONTH),
        ("2026", "2026-01-01T00:00:00+00:00", TimePrecision.YEAR),
        ("2026-07-19 10:30", "2026-07-19T10:30:00+00:00", TimePrecision.MINUTE),
        ("2026-07-19T10:30:00+09:00", "2026-07-19T01:30:00+00:00", TimePrecision.SECOND),
        ("2026-07-19T10:30+09:00", "2026-07-19T01:30:00+00:00", TimePrecision.MINUTE),
        ("2026-07-19T10:30Z", "2026-07-19T10:30:00+00:00", TimePrecision.MINUTE),
        ("20260719T103000Z", "2026-07-19T10:30:00+00:00", TimePrecision.SECOND),
        ("2026-07-19T10:30:00.25-03:30", "2026-07-19T14:00:00.250000+00:00", TimePrecision.SECOND),
        ("Juche 115", "2026-01-01T00:00:00+00:00", TimePrecision.YEAR),
        ("Juche115.7", "2026-07-01T00:00:00+00:00", TimePrecision.MONTH),
        ("[Juche 115.7.9.]", "2026-07-09T00:00:00+00:00", TimePrecision.DAY),
        ("주체115(2026)년 7월 9일", "2026-07-09T00:00:00+00:00", TimePrecision.DAY),
        ("チュチェ115年7月9日", "2026-07-09T00:00:00+00:00", TimePrecision.DAY),
        ("2026-07-19 10:30:00 UTC", "2026-07-19T10:30:00+00:00", TimePrecision.SECOND),
        ("2026-07-19T10:30:00.000+0000", "2026-07-19T10:30:00+00:00", TimePrecision.SECOND),
        ("2026-07-19T10:30+09:00[Asia/Seoul]", "2026-07-19T01:30:00+00:00", TimePrecision.MINUTE),
        ("2026/07/19 10:30", "2026-07-19T10:30:00+00:00", TimePrecision.MINUTE),
        ("2026.07.19", "2026-07-19T00:00:00+00:00", TimePrecision.DAY),
        ("2026. 7. 9. (목) 오후 3:30", "2026-07-09T15:30:00+00:00", TimePrecision.MINUTE),
        ("2026.07", "2026-07-01T00:00:00+00:00", TimePrecision.MONTH),
        ("2026년 7월 9일 오후 3:30", "2026-07-09T15:30:00+00:00", TimePrecision.MINUTE),
        ("2026年7月9日15时30分", "2026-07-09T15:30:00+00:00", TimePrecision.MINUTE),
        ("２０２６年７月", "2026-07-01T00:00:00+00:00", TimePrecision.MONTH),
        ("Sun, 19 Jul 2026 10:30:00 +0900", "2026-07-19T01:30:00+00:00", TimePrecision.SECOND),
        ("Sun, 19 Jul 2026 10:30 EST", "2026-07-19T15:30:00+00:00", TimePrecision.MINUTE),
        ("July 19, 2026 at 12:05 AM", "2026-07-19T00:05:00+00:00", TimePrecision.MINUTE),
        ("19-Jul-2026", "2026-07-19T00:00:00+00:00", TimePrecision.DAY),
        ("Thu Jul  9 10:30:00 UTC 2026", "2026-07-09T10:30:00+00:00", TimePrecision.SECOND),
        (
            "Sun Jul 19 2026 10:30:00 GMT+0900 (Korean Standard Time)",
            "2026-07-19T01:30:00+00:00",
            TimePrecision.SECOND,
        ),
        ("25/12/2025", "2025-12-25T00:00:00+00:00", TimePrecision.DAY),
        ("12/25/2025 9:05 PM", "2025-12-25T21:05:00+00:00", TimePrecision.MINUTE),
        ("03/03/2026", "2026-03-03T00:00:00+00:00", TimePrecision.DAY),
        ("03.04.2026 09:00", "2026-04-03T09:00:00+00:00", TimePrecision.MINUTE),
        (2026, "2026-01-01T00:00:00+00:00", TimePrecision.YEAR),
        ("202607", "2026-07-01T00:00:00+00:00", TimePrecision.MONTH),
        (20260719, "2026-07-19T00:00:00+00:00", TimePrecision.DAY),
        ("20260719.0", "2026-07-19T00:00:00+00:00", TimePrecision.DAY),
        (202607191030, "2026-07-19T10:30:00+00:00", TimePrecision.MINUTE),
        ("20260719103000", "2026-07-19T10:30:00+00:00", TimePrecision.SECOND),
        (46222, "2026-07-19T00:00:00+00:00", TimePrecision.DAY),
        ("46222.4375", "2026-07-19T10:30:00+00:00", TimePrecision.MINUTE),
        ("1784425800", "2026-07-19T01:50:00+00:00", TimePrecision.SECOND),
        (1784425800.5, "2026-07-19T01:50:00.500000+00:00", TimePrecision.SECOND),
        (1784425800000000, "2026-07-19T01:50:00+00:00", TimePrecision.SECOND),
        ("1784425800000000000", "2026-07-19T01:50:00+00:00", TimePrecision.SECOND),
        (1784419200000, "2026-07-19T00:00:00+00:00", TimePrecision.DAY),
        (-315619200, "1960-01-01T00:00:00+00:00", TimePrecision.DAY),
        (1784425800, "2026-07-19T01:50:00+00:00", TimePrecision.SECOND),
        (1784425800000, "2026-07-19T01:50:00+00:00", TimePrecision.SECOND),
    ],
)
def test_times_are_read_with_their_precision(
    value: object, expected: str, precision: TimePrecision
) -> None:
    at, found = parse_time(value)
    assert at is not None
    assert (at.astimezone(UTC).isoformat(), found) == (expected, precision)


@pytest.mark.parametrize(
    "value",
    [
        "03/04/2026",
        "03-04-2026 09:00",
        "26/03/03",
        "260303",
        "200312",  # a month of 2003, or a day of 2020
        "2026071910",  # a day and an hour, or seconds of 1970
        "2026-07-19 10:30:00 CST",
        "2026-07-19 13:30 AM",
        "2026/25/12",
        "1900-01-01",
        "2100-01-01",
        5,
        12345,
        99999,
        True,
        2026.5,
        float("inf"),
    ],
)
def test_what_may_be_two_times_is_none(value: object) -> None:
    assert parse_time(value) == (None, None)


@pytest.mark.parametrize("value", ["Juche 115.13.45", "Juche 115.2.30", "Juche", "Juche 115 7 9 1"])
def test_a_day_of_no_calendar_is_no_time(value: str) -> None:
    assert parse_time(value) == (None, None)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=3))
def test_any_value_of_a_time_is_a_time_or_none(value: object) -> None:
    at, precision = parse_time(value)
    assert (at is None) == (precision is None)
