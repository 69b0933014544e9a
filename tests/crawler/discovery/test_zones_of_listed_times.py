"""Times without a zone in feeds of outlets that nobody declared."""

import pytest

from tests.crawler.discovery.reading import item, links, rss


@pytest.mark.parametrize(
    ("host", "offset"),
    [
        ("herald.example.co.kr", "+09:00"),
        ("herald.example.jp", "+09:00"),
        ("herald.example.cn", "+08:00"),
        ("herald.example.ru", "+03:00"),
        ("herald.example.org", "+00:00"),
    ],
)
@pytest.mark.parametrize("printed", ["2025-09-05 18:30:00", "Fri, 05 Sep 2025 18:30:00"])
def test_the_hosts_country_decides_about_a_time_without_a_zone(
    printed: str, host: str, offset: str
) -> None:
    address = f"<link>https://{host}/news/1</link>"
    feed = rss(item("The ferry returns", address, f"<pubDate>{printed}</pubDate>"))
    [link] = links(feed, f"https://{host}/feed.xml")
    assert link.published_at is not None
    assert link.published_at.isoformat() == f"2025-09-05T18:30:00{offset}"


@pytest.mark.parametrize("printed", ["Fri, 05 Sep 2025 18:30:00 GMT", "2025-09-05T18:30:00Z"])
def test_a_printed_zone_is_kept(printed: str) -> None:
    address = "<link>https://herald.example.co.kr/news/1</link>"
    feed = rss(item("The ferry returns", address, f"<pubDate>{printed}</pubDate>"))
    [link] = links(feed, "https://herald.example.co.kr/feed.xml")
    assert link.published_at is not None
    assert link.published_at.isoformat() == "2025-09-05T18:30:00+00:00"
