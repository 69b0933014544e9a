"""Years of other calendars, digits of other scripts, and months of many languages."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.dates.calendars import to_gregorian
from crawler.extract.dates.dates import parse_date
from crawler.extract.dates.months import month_number

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

DAYS = [
    ("令和7年9月5日 18時45分", "ja", "2025-09-05"),
    ("令和元年5月1日", "ja", "2019-05-01"),
    ("平成30年6月12日(火)", "ja", "2018-06-12"),
    ("昭和63年6月12日", "ja", "1988-06-12"),
    ("R7.9.5", "ja", "2025-09-05"),
    ("H30/6/12 18:00", "ja", "2018-06-12"),
    ("2025(令和7)年9月5日", "ja", "2025-09-05"),
    ("2025年（令和7年）9月5日(金)", "ja", "2025-09-05"),
    ("令和7年（2025年）9月5日", "ja", "2025-09-05"),
    ("中華民國114年9月5日", "zh", "2025-09-05"),
    ("民國114年09月05日 下午3:20", "zh", "2025-09-05"),
    ("民國114.09.05", "zh", "2025-09-05"),
    ("中華民國一百一十四年九月五日", "zh", "2025-09-05"),
    ("令和七年九月五日", "ja", "2025-09-05"),
    ("114/09/05 18:45", "zh-tw", "2025-09-05"),
    ("二〇二五年九月五日", "zh", "2025-09-05"),
    ("二○二五年十一月二十五日", "zh", "2025-11-25"),
    ("二零二五年十二月三十一日", "", "2025-12-31"),
    ("２０２５年９月５日　１８時４５分", "ja", "2025-09-05"),
    ("２０２５．０９．０５", "ko", "2025-09-05"),
    ("주체114(2025)년 9월 5일", "ko", "2025-09-05"),
    ("주체114년 9월 5일", "ko", "2025-09-05"),
    ("주체 114(2025)년 9월 5일 금요일", "ko", "2025-09-05"),
    ("September 5, Juche 114", "en", "2025-09-05"),
    ("September 5, Juche 114 (2025)", "en", "2025-09-05"),
    ("5/9/2568", "th", "2025-09-05"),
    ("5 กันยายน พ.ศ. 2568", "th", "2025-09-05"),
    ("금, 05 9월 2025 18:30:00 +0900", "", "2025-09-05"),
    ("金, 05 9月 2025 18:30:00 +0900", "", "2025-09-05"),
    ("星期五, 05 九月 2025 18:30:00 +0800", "", "2025-09-05"),
    ("週五, 05 十二月 2025 18:30:00 +0800", "", "2025-12-05"),
    ("九月 5, 2025", "zh", "2025-09-05"),
    ("9월 5, 2025", "ko", "2025-09-05"),
    ("ngày 5 tháng 9 năm 2025", "vi", "2025-09-05"),
    ("ven., 05 sept. 2025 18:30:00 +0200", "", "2025-09-05"),
    ("Mi, 05 Mär 2025 18:30:00 +0100", "", "2025-03-05"),
    ("Пт, 05 сен 2025 18:30:00 +0300", "", "2025-09-05"),
    ("vie, 05 dic 2025 18:30:00 +0100", "", "2025-12-05"),
    ("5 października 2025", "pl", "2025-10-05"),
    ("5 oktober 2025", "nl", "2025-10-05"),
    ("5 maart 2025", "nl", "2025-03-05"),
    ("5 Maret 2025", "id", "2025-03-05"),
    ("5. května 2025", "cs", "2025-05-05"),
    ("5. syyskuuta 2025", "fi", "2025-09-05"),
    ("2025. szeptember 5.", "hu", "2025-09-05"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "language", "day"), DAYS, ids=[text for text, _, _ in DAYS])
def test_every_calendar_and_script_is_read(text: str, language: str, day: str) -> None:
    found = parse_date(text, timezone="", languages=(language,), now=NOW)
    assert found is not None
    assert found.at.date().isoformat() == day
    assert found.raw == text


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("R7.9.5", "en"),
        ("114.09.05", "en"),
        ("114/09/05", "ko"),
        ("5/9/2568", "en"),
        ("주체999년 9월 5일", "ko"),
        ("5 listopada 2025", ""),
        ("[2024.13.45]", "ko"),
    ],
)
def test_a_year_of_another_country_is_refused(text: str, language: str) -> None:
    assert parse_date(text, timezone="", languages=(language,), now=NOW) is None


def test_a_name_of_two_months_follows_the_language() -> None:
    assert month_number("listopada", ("pl",)) == 11
    assert month_number("listopada", ("hr",)) == 10
    assert month_number("listopada") is None
    assert month_number("nothing") is None


@given(st.text(max_size=120))
def test_any_text_can_be_rewritten_and_stays_when_it_is_plain(text: str) -> None:
    once = to_gregorian(text, ("ja",))
    assert isinstance(once, str)
    if text.isascii() and not any(letter in text.lower() for letter in "jrhs"):
        assert once == text
