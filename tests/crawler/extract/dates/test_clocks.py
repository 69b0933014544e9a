"""Times of day with the words of many languages."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.dates.clocks import clock_after, only_clock
from crawler.extract.dates.dates import parse_date
from storage.records import TimePrecision

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

CLOCKS = [
    ("5 de septiembre de 2025 - 12:05 a.\u00a0m.", "00:05"),
    ("5 de septiembre de 2025, 3:45 p. m.", "15:45"),
    ("5 de septiembre de 2025, a las 3:45 de la tarde", "15:45"),
    ("5 de setembro de 2025, 8:45 da noite", "20:45"),
    ("5 сентября 2025 года, 18.45", "18:45"),
    ("5 сентября 2025, 3:45 дня", "15:45"),
    ("5 сентября 2025, 8:45 вечера", "20:45"),
    ("5 сентября 2025, 3:45 ночи", "03:45"),
    ("5 сентября 2025, 9 утра", "09:00"),
    ("5 septembre 2025, 8 heures du matin", "08:00"),
    ("Sept. 5, 2025, 6 o'clock in the evening", "18:00"),
    ("5 сентября 2025, полдень", "12:00"),
    ("5. September 2025, 18.45 Uhr", "18:45"),
    ("5. September 2025 um 18 Uhr", "18:00"),
    ("5 septembre 2025 à 18h45", "18:45"),
    ("5 septembre 2025 à 18 h", "18:00"),
    ("5 settembre 2025 alle 18.45", "18:45"),
    ("5 September 2025, pukul 18.45", "18:45"),
    ("5.9.2025 klo 18.45", "18:45"),
    ("2025年9月5日 晚上8点45分", "20:45"),
    ("2025年9月5日 下午3点半", "15:30"),
    ("2025年9月5日 凌晨0:30", "00:30"),
    ("2025年9月5日 中午12點", "12:00"),
    ("2025年9月5日 傍晚6點10分", "18:10"),
    ("2025年9月5日 午後6時45分", "18:45"),
    ("2025年9月5日 午前0時15分", "00:15"),
    ("2025年9月5日 正午", "12:00"),
    ("2025年9月5日 夜8時", "20:00"),
    ("2025.09.05 저녁 8시 45분", "20:45"),
    ("2025년 9월 5일 새벽 3시 20분", "03:20"),
    ("2025년 9월 5일 낮 12시 30분", "12:30"),
    ("2025년 9월 5일 밤 11시", "23:00"),
    ("2025년 9월 5일 정오", "12:00"),
    ("2025년 9월 5일 자정", "00:00"),
    ("2025년 9월 5일 오후 3시 반", "15:30"),
    ("September 5, 2025 6.45pm", "18:45"),
    ("6.45pm, 5 September 2025", "18:45"),
    ("Sept. 5, 2025 at noon", "12:00"),
    ("Sept. 5, 2025 at 12 noon", "12:00"),
    ("Sept. 5, 2025 at 12 midnight", "00:00"),
    ("Sept. 5, 2025, 3:45 in the afternoon", "15:45"),
    ("Sept. 5, 2025 1845 hrs GMT", "18:45"),
    ("5 tháng 9, 2025 8:45 tối", "20:45"),
    ("05.09.202518:45", "18:45"),
    ("18:4505.09.2025", "18:45"),
    ("05.09.2025, Тирасполь 18:45", "18:45"),
    ("2025年9月5日18:45", "18:45"),
    ("2025年09月05日 18時45分 公開", "18:45"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "clock"), CLOCKS, ids=[text for text, _ in CLOCKS])
def test_the_words_of_the_day_say_the_hour(text: str, clock: str) -> None:
    found = parse_date(text, timezone="", languages=("",), now=NOW)
    assert found is not None
    assert f"{found.at:%Y-%m-%d %H:%M}" == f"2025-09-05 {clock}"
    assert found.precision is TimePrecision.MINUTE


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Sept. 5, 2025 at 12:00 noon KST", "2025-09-05T12:00:00+09:00"),
        ("28.11.201118:56 МСК", "2011-11-28T18:56:00+04:00"),
        ("28.11.2016 18:56 МСК", "2016-11-28T18:56:00+03:00"),
        ("5 сентября 2025, 18:45 по московскому времени", "2025-09-05T18:45:00+03:00"),
        ("2025-09-05 18:45 (Korea Standard Time)", "2025-09-05T18:45:00+09:00"),
        ("5 September 2025 0945 GMT", "2025-09-05T09:45:00+00:00"),
    ],
)
def test_a_zone_behind_the_words_is_the_printed_zone(text: str, instant: str) -> None:
    found = parse_date(text, timezone="", now=NOW)
    assert found is not None
    assert (found.at.isoformat(), found.zone_printed) == (instant, True)


def test_an_abbreviation_of_several_zones_is_the_local_one() -> None:
    def hours(text: str, zone: str) -> float:
        found = parse_date(f"5 Sep 2025 18:30 {text}", timezone="", likely_zone=zone, now=NOW)
        offset = found.at.utcoffset() if found else None
        assert offset is not None
        return offset.total_seconds() / 3600

    assert hours("CST", "Asia/Shanghai") == 8
    assert hours("CST", "") == -6
    assert hours("IST", "Asia/Kolkata") == 5.5
    assert hours("IST", "Europe/Dublin") == 1


@pytest.mark.parametrize(
    "text",
    [
        "2025년 9월 5일 밤 12시",  # the end of the day, or its beginning
        "5 September 2025 12.50 EUR",
        "5 September 2025 | 3 h",
        "5 September 2025, 25:61",
        "5 September 2025 9.5%",
    ],
)
def test_what_is_no_clock_leaves_the_day(text: str) -> None:
    found = parse_date(text, timezone="", languages=("en",), now=NOW)
    assert found is not None
    assert (found.at.isoformat()[:16], found.precision) == ("2025-09-05T00:00", TimePrecision.DAY)


def test_only_a_clock_is_only_a_clock() -> None:
    assert only_clock("(18:45)") is not None
    assert only_clock("오후 3:05") is not None
    assert only_clock("12:05 left") is None
    assert only_clock("3") is None


@given(st.text(max_size=200), st.integers(0, 200))
def test_any_text_gives_a_clock_of_the_day_or_none(text: str, start: int) -> None:
    found = clock_after(text, start, len(text))
    assert found is None or (0 <= found.hour <= 23 and 0 <= found.minute <= 59)
