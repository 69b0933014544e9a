"""Dates of feeds as publishers write them."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.discovery.source_parser import parse_source
from crawler.outlet import Outlet
from crawler.sources import Feed

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)


class Gazette(Outlet, abstract=True):
    """An invented outlet of which only the host is known."""

    name = "gazette"
    every = timedelta(hours=1)
    languages = ()
    country, timezone = "", ""
    hosts = ("gazette.example",)
    rights = "full"
    article = r"."
    sources = ()


def read(pub_date: str) -> str | None:
    body = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>G</title><item><title>Lantern</title>'
        f"<link>https://gazette.example/a/1</link><pubDate>{pub_date}</pubDate></item></channel></rss>"
    )
    [link] = parse_source(
        Feed("https://gazette.example/rss"), body.encode(), "", Gazette, NOW
    ).links
    return link.published_at.isoformat() if link.published_at else None


@pytest.mark.parametrize(
    ("pub_date", "instant"),
    [
        ("Sat, 30 Nov 24 18:30:00 GMT", "2024-11-30T18:30:00+00:00"),
        ("Fri, 5 Sep 25 18:30 KST", "2025-09-05T18:30:00+09:00"),
        ("금, 05 9월 2025 18:30:00 +0900", "2025-09-05T18:30:00+09:00"),
        ("金, 05 9月 2025 18:30:00 +0900", "2025-09-05T18:30:00+09:00"),
        ("星期五, 05 九月 2025 18:30:00 +0800", "2025-09-05T18:30:00+08:00"),
        ("пт, 05 сент. 2025 18:30:00 +0300", "2025-09-05T18:30:00+03:00"),
        ("ven., 05 sept. 2025 18:30:00 +0200", "2025-09-05T18:30:00+02:00"),
        ("Fr, 05 Dez 2025 18:30:00 +0100", "2025-12-05T18:30:00+01:00"),
        ("25-09-05T18:30:00+09:00", "2025-09-05T18:30:00+09:00"),
    ],
)
def test_the_date_of_a_feed_is_read_in_any_language(pub_date: str, instant: str) -> None:
    assert read(pub_date) == instant


@pytest.mark.parametrize(
    "pub_date", ["05/09/25", "04/05/06 10:00", "30 Nov 45 10:00:00 GMT", "25.09.05"]
)
def test_an_undecided_date_of_a_feed_is_none(pub_date: str) -> None:
    assert read(pub_date) is None
