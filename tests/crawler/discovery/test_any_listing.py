from datetime import UTC, datetime

import pytest

from crawler.discovery.link_urls import absolute_url, is_crawler_trap
from crawler.discovery.source_parser import parse_source
from crawler.outlet import Outlet
from crawler.sources import AnyListing

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
URL = "https://herald.example/list"


PLAIN = """<body><nav><a href="/news/politics">All of our politics</a></nav><main><div><ul>
<li><h3><a href="/world/2026/07/19/lantern-office-opens">Lantern office opens in the harbour</a></h3>
<time datetime="2026-07-19T01:00:00Z">19 July</time></li>
<li><a href="/articles/c3r7xpv48gxo">등대 사무소가 항구에서 문을 열었다</a></li>
<li><a href="/topics/c3r7xpv48gxo">A topic with a long enough name</a></li>
<li><a href="https://elsewhere.example/news/20260719-1">Something on another site</a></li>
<li><a href="/img/20260719-1.jpg">A photograph with a long name</a></li></ul></div></main>
<footer><a href="/about-us">Why you can trust us</a></footer></body>"""


def test_a_page_that_nobody_declared_is_searched_for_articles() -> None:
    class Anywhere(Outlet, abstract=True):
        name, languages, timezone, article, key = "any", (), "UTC", "", ""

    found = parse_source(AnyListing(URL), PLAIN.encode(), URL, Anywhere, NOW)
    assert [link.url.rpartition("/")[2] for link in found.links] == [
        "lantern-office-opens",
        "c3r7xpv48gxo",
    ]
    assert found.links[0].published_at == datetime(2026, 7, 19, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("/a/b;jsessionid=0A?x=1#top", "https://h.example/a/b?x=1"),
        (" \n//other.example/a ", "https://other.example/a"),
        ("news/\u200b1", "https://h.example/dir/news/1"),
        ("javascript:void(0)", ""),
        ("mailto:a@b.example", ""),
        ("file:///etc/passwd", ""),
        ("data:text/html,x", ""),
        ("http://[bad", ""),
        ("http://h.example:port/", ""),
        ("#top", ""),
        ("", ""),
    ],
)
def test_addresses_are_made_absolute_or_refused(raw: str, expected: str) -> None:
    assert absolute_url(raw, "https://h.example/dir/page") == expected


@pytest.mark.threats("S8")
@pytest.mark.parametrize(
    "url",
    [
        "https://h.example/" + "a/b/" * 3,
        "https://h.example/" + "/".join(str(n) for n in range(25)),
        "https://h.example/" + "x" * 5000,
    ],
    ids=["repeats", "deep", "long"],
)
def test_s8_traps_are_recognised_by_their_address(url: str) -> None:
    assert is_crawler_trap(url)
    assert not is_crawler_trap("https://h.example/2026/07/19/news/lantern")
