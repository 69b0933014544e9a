"""Dates that only the day of reading completes."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.dates.relative import parse_relative_date
from crawler.extract.extraction import extract_page
from crawler.extract.page.page import Page
from crawler.outlet import Outlet
from storage.records import TimePrecision

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

NOW = datetime(2026, 1, 5, 3, 20, tzinfo=UTC)  # 12:20 in Seoul


def at(text: str, language: str = "ko", zone: str = "Asia/Seoul") -> str | None:
    found = parse_relative_date(text, timezone=zone, languages=(language,), now=NOW)
    if found is None:
        return None
    shown = "%Y-%m-%d" if found.precision is TimePrecision.DAY else "%Y-%m-%d %H:%M"
    return found.at.strftime(shown)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("12분 전", "ko", "2026-01-05 12:08"),
        ("3시간 전", "ko", "2026-01-05"),
        ("15시간 전", "ko", "2026-01-04"),
        ("2일 전", "ko", "2026-01-03"),
        ("방금 전", "ko", "2026-01-05 12:20"),
        ("어제", "ko", "2026-01-04"),
        ("어제 10:30", "ko", "2026-01-04 10:30"),
        ("5 minutes ago", "en", "2026-01-05 12:15"),
        ("an hour ago", "en", "2026-01-05"),
        ("2 days ago", "en", "2026-01-03"),
        ("1 week ago", "en", "2025-12-29"),
        ("Yesterday", "en", "2026-01-04"),
        ("Today, 09:12", "en", "2026-01-05 09:12"),
        ("10分钟前", "zh", "2026-01-05 12:10"),
        ("3小时前", "zh", "2026-01-05"),
        ("昨天 22:15", "zh", "2026-01-04 22:15"),
        ("前天", "zh", "2026-01-03"),
        ("5分前", "ja", "2026-01-05 12:15"),
        ("2時間前", "ja", "2026-01-05"),
        ("昨日", "ja", "2026-01-04"),
        ("25 минут назад", "ru", "2026-01-05 11:55"),
        ("час назад", "ru", "2026-01-05"),
        ("2 дня назад", "ru", "2026-01-03"),
        ("вчера, 21:05", "ru", "2026-01-04 21:05"),
        ("hace 3 días", "es", "2026-01-02"),
        ("hace una hora", "es", "2026-01-05"),
        ("il y a 2 jours", "fr", "2026-01-03"),
        ("hier à 10:00", "fr", "2026-01-04 10:00"),
        ("vor 10 Minuten", "de", "2026-01-05 12:10"),
        ("gestern", "de", "2026-01-04"),
    ],
)
def test_time_passed_and_names_of_days_are_counted_back(
    text: str, language: str, expected: str
) -> None:
    assert at(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("1월 4일", "ko", "2026-01-04"),
        ("12월 31일 23:50", "ko", "2025-12-31 23:50"),
        ("12-31", "ko", "2025-12-31"),
        ("01.04 09:10", "ko", "2026-01-04 09:10"),
        ("12月30日", "zh", "2025-12-30"),
        ("1月4日", "ja", "2026-01-04"),
        ("December 31", "en", "2025-12-31"),
        ("Jan. 4", "en", "2026-01-04"),
        ("31 декабря", "ru", "2025-12-31"),
        ("04.01", "ru", "2026-01-04"),
        ("30 de diciembre", "es", "2025-12-30"),
        ("31. Dezember", "de", "2025-12-31"),
        ("12/31", "en", "2025-12-31"),
        ("09:30", "ko", "2026-01-05 09:30"),
        ("23:30", "ko", "2026-01-04 23:30"),
        ("2월 29일", "ko", None),
    ],
)
def test_a_day_without_a_year_is_before_the_reading(
    text: str, language: str, expected: str | None
) -> None:
    assert at(text, language) == expected


@pytest.mark.parametrize("text", ["", "Sport", "7전 8기", "no 12", "99-99", "45:99", "전일 대비"])
def test_other_words_are_no_dates(text: str) -> None:
    assert at(text) is None


def test_a_page_that_prints_only_the_hour_is_dated_by_its_capture(
    stories: dict[str, "Story"], unknown: type[Outlet]
) -> None:
    story = stories["ko"]
    html = f"<h1>{story.title}</h1><p>입력 20분 전</p><div>{story.body()}</div>"
    url = "https://news.example.co.kr/a/1"
    reading = extract_page(Page(html.encode(), url, fetched_at=NOW), unknown)
    assert reading.published is not None
    assert reading.published.at == NOW - timedelta(minutes=20)
    assert "day of capture" in reading.evidence["published_at"]
    assert extract_page(Page(html.encode(), url), unknown).published is None


@given(st.text(max_size=90))
def test_any_text_can_be_asked_and_nothing_lies_ahead(text: str) -> None:
    found = parse_relative_date(text, timezone="Asia/Seoul", languages=("ko",), now=NOW)
    assert found is None or found.at <= NOW + timedelta(days=2)
