"""Zones guessed from hosts and languages, and zones that are printed."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from crawler.extract.dates.zones import ZONE_OF_COUNTRY, guess_zone, parse_zone

WINTER = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("host", "language", "zone"),
    [
        ("news.example.co.kr", "en", "Asia/Seoul"),
        ("example.com", "en-GB", "Europe/London"),
        ("example.com", "en-IN", "Asia/Kolkata"),
        ("example.com", "pt_BR", "America/Sao_Paulo"),
        ("example.com", "id", "Asia/Jakarta"),
        ("example.com", "nl-BE", "Europe/Amsterdam"),
        ("example.com", "zh-TW", "Asia/Taipei"),
        ("example.com", "en-US", ""),
        ("example.com", "en", ""),
        ("example.com", "es", ""),
    ],
)
def test_the_zone_is_guessed_from_the_country(host: str, language: str, zone: str) -> None:
    assert guess_zone(host, language) == zone


def test_every_country_has_a_zone_that_exists() -> None:
    for name in ZONE_OF_COUNTRY.values():
        assert ZoneInfo(name).utcoffset(WINTER) is not None


@pytest.mark.parametrize(
    ("mark", "local", "hours"),
    [
        ("CST", "", -6),
        ("CST", "America/Chicago", -6),
        ("CST", "Asia/Taipei", 8),
        ("(KST)", "", 9),
        ("GMT+9", "", 9),
        ("BST", "Europe/London", 0),
        ("IST", "Asia/Jerusalem", 2),
        ("по московскому времени", "", 3),
        ("Beijing time", "", 8),
    ],
)
def test_a_printed_mark_is_a_zone(mark: str, local: str, hours: int) -> None:
    zone = parse_zone(mark, local)
    assert zone is not None
    offset = WINTER.astimezone(zone).utcoffset()
    assert offset is not None
    assert offset.total_seconds() == 3600 * hours


@pytest.mark.parametrize("mark", ["GMT-9", "GMT\u22129", "UTC -09:00", "\u22120900"])
def test_an_offset_may_have_a_hyphen_or_a_minus_sign(mark: str) -> None:
    assert parse_zone(mark) == timezone(-timedelta(hours=9))


@pytest.mark.parametrize("mark", ["left", "", "GMT:9", "GMT,9", "109", "UTC/9"])
def test_a_word_or_a_number_without_a_sign_is_no_zone(mark: str) -> None:
    assert parse_zone(mark) is None
