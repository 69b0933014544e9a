"""Years of two digits: read where something decides, refused where nothing does."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.dates.dates import parse_date
from crawler.extract.dates.relative import parse_relative_date

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def day(text: str, *languages: str, likely_zone: str = "") -> str | None:
    found = parse_date(text, timezone="", languages=languages, now=NOW, likely_zone=likely_zone)
    return found.at.date().isoformat() if found else None


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Sat, 30 Nov 24 18:30:00 GMT", "2024-11-30T18:30:00+00:00"),
        ("Fri, 5 Sep 25 18:30 KST", "2025-09-05T18:30:00+09:00"),
        ("05 Sep 25 18:30:00 +0900", "2025-09-05T18:30:00+09:00"),
        ("Friday, 05-Sep-25 18:30:00 GMT", "2025-09-05T18:30:00+00:00"),
        ("05-Sep-25 6:30 PM", "2025-09-05T18:30:00+00:00"),
        ("Sep 5, '25 18:30", "2025-09-05T18:30:00+00:00"),
        ("Опубликовано 28 ноября 11 (17:50)", "2011-11-28T17:50:00+00:00"),
        ("Sun, 30 Nov 97 10:00:00 GMT", "1997-11-30T10:00:00+00:00"),
    ],
)
def test_the_year_behind_a_named_month_is_no_clock_and_not_this_year(
    text: str, instant: str
) -> None:
    found = parse_date(text, timezone="", now=NOW)
    assert found is not None
    assert found.at.isoformat() == instant


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("입력 25.09.05 18:45", "ko", "2025-09-05"),
        ("입력 25.09.05 18:45", "", "2025-09-05"),
        ("등록 '25.9.5", "ko", "2025-09-05"),
        ("25-09-05 18:45", "ko", "2025-09-05"),
        ("25년 9월 5일", "ko", "2025-09-05"),
        ("25/09/05", "ja", "2025-09-05"),
        ("25-09-05", "zh", "2025-09-05"),
        ("30.11.24", "ko", "2024-11-30"),
        ("05.09.25 18:45", "ru", "2025-09-05"),
        ("05.09.25", "de", "2025-09-05"),
        ("05/09/25", "fr", "2025-09-05"),
        ("05/09/25", "en-gb", "2025-09-05"),
        ("09/05/25", "en-us", "2025-09-05"),
        ("31/12/25", "", "2025-12-31"),
        ("25-09-05T18:45:00+09:00", "", "2025-09-05"),
    ],
)
def test_language_script_and_form_decide_the_order(text: str, language: str, expected: str) -> None:
    assert day(text, language) == expected


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("05/09/25", ()),
        ("25.09.05", ()),
        ("25.09.05", ("en",)),
        ("04/05/06", ()),
        ("05-09-2025", ("en",)),
        ("05/09/2025", ()),
        ("30 Nov 45", ()),
        ("1.2.25", ("ko",)),
        ("v1.2.25", ("ko",)),
        ("192.168.10.25", ("de",)),
    ],
)
def test_where_nothing_decides_there_is_no_date(text: str, languages: tuple[str, ...]) -> None:
    assert day(text, *languages) is None


def test_the_weekday_and_the_country_decide_where_the_language_does_not() -> None:
    assert day("Tue, 04/11/2025") == "2025-11-04"
    assert day("Mon, 05/12/2025", "en") == "2025-05-12"
    assert day("Tue, 04/11/2025", "en") == "2025-11-04"
    assert day("화, 04/11/2025", "ko") == "2025-11-04"
    assert day("05/09/2025", "en", likely_zone="Europe/London") == "2025-09-05"
    assert day("05/09/2025", "en", likely_zone="Asia/Kolkata") == "2025-09-05"
    assert day("05/09/2025", "en", likely_zone="America/Chicago") == "2025-05-09"
    assert day("12/10/2026", "en") == "2026-10-12"  # December is still to come


@pytest.mark.parametrize("text", ["30 Nov 45", "5 Sep 24 km", "Sep 5 24", "March 3, 25 photos"])
def test_a_number_behind_the_day_is_not_left_out(text: str) -> None:
    assert parse_relative_date(text, timezone="", languages=("en",), now=NOW) is None


def test_a_clock_behind_the_day_is_no_year() -> None:
    for text in ("5 Sep 10:30", "5 Sep, 10 p.m.", "Sep 5 10:30"):
        assert day(text, "en") is None
        found = parse_relative_date(text, timezone="", languages=("en",), now=NOW)
        assert found is not None
        assert found.at.date().isoformat() == "2026-09-05"


@given(st.dates(datetime(1981, 1, 1).date(), datetime(2026, 11, 20).date()))
def test_every_day_of_a_feed_with_a_short_year_is_read_back(date: object) -> None:
    text = f"{date:%a, %d %b %y} 10:00:00 GMT"
    assert day(text) == str(date)
