"""Dates that no article has: none stops the reading, and none gives a time that cannot be."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.extract.dates.dates import EARLIEST, parse_date
from storage.clean import plausible_time

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NO_TIME = [
    "9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00", "0001-01-01", "0001-01-01T00:00:00+14:00",
    "0000-00-00", "0000-00-00 00:00:00", "0", "-1", "1e308", "NaN", "Infinity",
    "99999999999999999999", "-62135596800", "253402300800", "2026-13-45", "2026-02-30", "32.13.2026",
    "2026-11-22T25:61:61", "2026-11-22T12:00:00+99:99", "1944-12-31", "1899-12-31", "2030-01-01",
    "2026-12-25T00:00:00Z", "주체999년 1월 1일", "Juche 9999", "tomorrow", "next year", "in 5 years", "never",
    "+275760-09-13T00:00:00Z", "-000001-01-01T00:00:00Z", "12026-11-22", "２０９９年１月１日", "٣٠٢٦-٠١-٠١",
    "\x00", "\ud800", "2026\u202e-99-99", "1" * 5_000, "2026-11-22T" + "0" * 5_000,
    "{{ date }}", "<time>", "'; DROP TABLE article; --", "%s%n", "Mon, 00 Foo 0000 00:00:00 ZZZ",
]  # fmt: skip


@pytest.mark.threats("R8")
@pytest.mark.parametrize("zone", ["", "Asia/Pyongyang", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_no_absurd_date_is_a_time_that_an_article_cannot_have(zone: str) -> None:
    assert len(NO_TIME) >= 40
    for words in NO_TIME:
        found = parse_date(words, timezone=zone, now=NOW)
        if found is not None:
            assert EARLIEST <= found.at <= NOW + timedelta(days=2), words


@pytest.mark.threats("R8")
@pytest.mark.parametrize(
    "at",
    [
        datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC),
        *(datetime(year, 1, 1, tzinfo=UTC) for year in (1, 1000, 1899, 1944, 2100, 9999)),
    ],
)  # fmt: skip
def test_a_time_that_reaches_the_database_is_bounded_again(at: datetime) -> None:
    assert plausible_time(at, NOW) is None
