"""The entries of sitemaps and of their indexes."""

import gzip

import pytest

from crawler.sources import NewsSitemap, Sitemap
from tests.crawler.discovery.reading import (
    FEED_URL,
    SITE,
    SITEMAP_URL,
    atom,
    item,
    links,
    read,
    rss,
    urls,
    urlset,
)

IMAGE = "<image:image><image:loc>/i.jpg</image:loc><image:title>Pier</image:title></image:image>"
VIDEO = (
    "<video:video><video:title>Clip</video:title><video:content_loc>/v.mp4</video:content_loc>"
    "<video:publication_date>2021-01-01T00:00:00Z</video:publication_date></video:video>"
)
NEWS = (
    "<news:news><news:publication><news:name>Herald</news:name></news:publication>"
    "<news:publication_date>2026-07-18T03:00:00Z</news:publication_date>"
    "<news:title>Lamp lit</news:title></news:news>"
)


@pytest.mark.parametrize(
    "entry",
    [
        f"{IMAGE}<loc>/n/1</loc>{NEWS}",
        f"<loc>/n/1</loc>{IMAGE}{VIDEO}{NEWS}",
        f"{VIDEO}{NEWS}<loc>/n/1</loc>{IMAGE}",
        f"<loc> <![CDATA[ /n/1 ]]> </loc>{NEWS}",
        "<loc>/n/1</loc>"
        + NEWS.replace("news:", "n:").replace(
            "<n:news>", '<n:news xmlns:n="https://www.google.com/schemas/sitemap-news/0.9/">'
        ),
        f"<image:loc>/i.jpg</image:loc><loc>/n/1</loc>{NEWS}",
    ],
)
def test_an_entry_is_its_own_and_not_its_pictures(entry: str) -> None:
    for body in (urlset(f"<url>{entry}</url>"), f"<urlset><url>{entry}</url></urlset>"):
        (link,) = links(body, SITEMAP_URL)
        assert (link.url, link.title) == (f"{SITE}/n/1", "Lamp lit")
        assert str(link.published_at) == "2026-07-18 03:00:00+00:00"


def test_a_page_with_a_video_has_no_date_of_its_own() -> None:
    (link,) = links(urlset(f"<url><loc>/n/1</loc>{VIDEO}{IMAGE}</url>"), SITEMAP_URL)
    assert (link.url, link.title, link.published_at) == (f"{SITE}/n/1", "", None)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("<loc>/n/1</loc><loc>/n/2</loc>", ["1", "2"]),
        ("<loc>/n/1</loc><loc>/n/2</loc><lastmod>2026-07-18</lastmod>", ["1 18", "2 18"]),
        (
            (
                "<loc>/n/1</loc><lastmod>2026-07-18</lastmod>"
                "<loc>/n/2</loc><lastmod>2026-07-17</lastmod>"
            ),
            ["1 18", "2 17"],
        ),
        ("<loc/><loc>/n/1</loc>", ["1"]),
        ("/n/1", ["1"]),
    ],
)
def test_an_entry_of_several_addresses_gives_each(entry: str, expected: list[str]) -> None:
    found = links(urlset(f"<url>{entry}</url>"), SITEMAP_URL)
    assert [
        link.url[-1] + (f"{link.modified_at: %d}" if link.modified_at else "") for link in found
    ] == expected


def test_an_index_entry_without_an_address_is_told() -> None:
    found = read(
        "<sitemapindex><sitemap><lastmod>2026-07-01</lastmod></sitemap>"
        f"<sitemap>{SITE}/a.xml</sitemap><sitemap><loc>/b.xml</loc></sitemap></sitemapindex>",
        SITEMAP_URL,
    )
    assert [page.url for page in found.further_pages] == [f"{SITE}/a.xml", f"{SITE}/b.xml"]
    assert found.problems == ["1 entries of the sitemap without an address"]


@pytest.mark.parametrize(
    "body",
    [
        f"\ufeff{SITE}/n/1\r\n{SITE}/n/2\r\n".encode(),
        f"{SITE}/n/1\n\n# old\n  {SITE}/n/2".encode("utf-16"),
        gzip.compress(f"{SITE}/n/1\n{SITE}/n/2".encode()),
        gzip.compress(f"{SITE}/n/1\n".encode()) + gzip.compress(f"{SITE}/n/2\n".encode()),
    ],
    ids=["byte order mark", "utf-16", "gzip", "gzip of two members"],
)
def test_a_list_of_addresses_is_a_sitemap(body: bytes) -> None:
    assert urls(body, f"{SITE}/sitemap.txt") == ["/n/1", "/n/2"]
    assert urls(body, f"{SITE}/sitemap.txt", Sitemap(SITEMAP_URL)) == ["/n/1", "/n/2"]


@pytest.mark.parametrize("rest", [b"", b"rubbish", b"\x00\x00\x00", b"\x00\x00<!-- -->"])
def test_a_sitemap_packed_in_pieces_is_read_whole(rest: bytes) -> None:
    body = urlset("".join(f"<url><loc>/n/{n}</loc></url>" for n in range(1, 4))).encode()
    half = body.index(b"<url><loc>/n/3")
    packed = gzip.compress(body[:half]) + gzip.compress(body[half:]) + rest
    assert urls(packed, f"{SITEMAP_URL}.gz") == ["/n/1", "/n/2", "/n/3"]


@pytest.mark.parametrize(
    "body",
    [
        rss(item("A", "<link>/n/1</link>")),
        atom("<entry><title>A</title><link href='/n/1'/></entry>"),
        '{"version": "https://jsonfeed.org/version/1", "items": [{"url": "/n/1"}]}',
        gzip.compress(rss(item("A", "<link>/n/1</link>")).encode()),
    ],
    ids=["rss", "atom", "json", "packed"],
)
def test_a_sitemap_that_answers_a_feed_is_read_as_one(body: str | bytes) -> None:
    for source in (Sitemap(SITEMAP_URL), NewsSitemap(SITEMAP_URL)):
        assert urls(body, SITEMAP_URL, source) == ["/n/1"]


def test_a_page_in_place_of_a_sitemap_is_told() -> None:
    found = read("<html><body>Not found</body></html>", FEED_URL, Sitemap(SITEMAP_URL))
    assert found.problems == ["not a sitemap: the root element is <html>"]


def test_a_warning_before_a_sitemap_does_not_hide_it() -> None:
    warning = "<br />\n<b>Notice</b>: Undefined index: p in <b>/s.php</b> on line <b>7</b><br />\n"
    assert urls(warning + urlset("<url><loc>/n/1</loc></url>"), SITEMAP_URL) == ["/n/1"]


def test_gzip_that_cannot_be_read_is_told() -> None:
    found = read(b"\x1f\x8bnonsense", f"{SITEMAP_URL}.gz")
    assert found.links == []
    assert "gzip is damaged" in found.problems[0]
