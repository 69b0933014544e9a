"""An answer of an undeclared site is read as what its bytes are."""

import gzip

import orjson
import pytest

from crawler.crawl.further_pages import choose_further_pages
from crawler.crawl.plan import RunLimits
from crawler.discovery.source_parser import detect_source, match_source
from crawler.registry import outlet_for
from crawler.sources import AnyListing, Feed, JsonListing, Sitemap, Source, SourcePage
from tests.crawler.discovery.reading import (
    FEED_URL,
    NOW,
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

LEAD = "<![CDATA[<p>A lead with <a href='https://video.example/watch'>a link</a></p>]]>"
FEED = rss(item("A", "<link>/n/1</link>", f"<description>{LEAD}</description>"))
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "items": [
        {
            "id": "1",
            "url": f"{SITE}/n/1",
            "title": "<속보> A &amp; B",
            "date_published": "2026-07-18T03:00:00Z",
            "date_modified": "2026-07-19T03:00:00Z",
            "summary": "<p>The lamp.</p>",
            "tags": ["port", 3],
        },
        {"id": f"{SITE}/n/2", "content_text": "No title"},
        {"id": "3", "external_url": "/n/3"},
        "nonsense",
    ],
}


@pytest.mark.parametrize(
    "body",
    [
        FEED,
        FEED.encode("utf-16"),
        gzip.compress(FEED.encode()),
        "<br /><b>Warning</b>: x <a href='/n/9'>y</a>" + FEED,
        atom(f"<entry><title>A</title><link href='/n/1'/><summary>{LEAD}</summary></entry>"),
    ],
    ids=["rss", "utf-16", "gzip", "warning", "atom"],
)
@pytest.mark.parametrize("url", [FEED_URL, "https://example.org/", f"{SITE}/news?id=7"])
def test_links_within_a_feeds_texts_are_no_items(body: str | bytes, url: str) -> None:
    (link,) = links(body, url)
    assert link.url.endswith("/n/1")
    assert link.title == "A"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<html><body><a href='/rss'>RSS</a></body></html>", AnyListing),
        ("<!doctype html><!-- <rdf:RDF xmlns='x'> --><p>x", AnyListing),
        ("<!doctype html><script>var x = '<rss>'</script>", AnyListing),
        ("<head><title>x</title></head><feed></feed>", AnyListing),
        ("<script>var x = '<rss>'</script><p>x", AnyListing),
        ("https://a.example/1 is where it was", AnyListing),
        (f"{SITE}/n/1\n{SITE}/n/2", Sitemap),
        ("<!-- " + "x" * 5000 + " --><urlset/>", Sitemap),
        ("<sm:urlset xmlns:sm='x'/>", Sitemap),
        ("<channel><item/></channel>", Feed),
        ("\ufeff\n<FEED></FEED>", Feed),
        (orjson.dumps(JSON_FEED), Feed),
        ('{"items": []}', JsonListing),
        (gzip.compress(b"<p>x", mtime=0), AnyListing),
    ],
)
def test_kinds_are_told_apart_by_the_first_element(body: str | bytes, kind: type[Source]) -> None:
    answer = body.encode() if isinstance(body, str) else body
    assert isinstance(detect_source(FEED_URL, answer), kind)
    assert isinstance(match_source(outlet_for(FEED_URL), FEED_URL, answer), kind)


@pytest.mark.parametrize("source", [None, Feed(FEED_URL), Sitemap(FEED_URL)])
def test_a_json_feed_is_read_as_a_feed(source: Source | None) -> None:
    found = links(orjson.dumps(JSON_FEED), FEED_URL, source)
    assert [link.url for link in found] == [f"{SITE}/n/{n}" for n in (1, 2, 3)]
    assert (found[0].title, found[0].lead, found[0].tags) == (
        "<속보> A & B",
        "The lamp.",
        ("port",),
    )
    assert str(found[0].published_at) == "2026-07-18 03:00:00+00:00"
    assert str(found[0].modified_at) == "2026-07-19 03:00:00+00:00"


@pytest.mark.parametrize("body", ["{", "{}", '{"items": 3}', '{"items": [{"id": "1"}]}'])
def test_a_json_feed_without_links_is_told(body: str) -> None:
    found = read(body, FEED_URL, Feed(FEED_URL))
    assert found.links == []
    assert len(found.problems) == 1


def test_a_feed_that_answers_a_sitemap_is_read_as_one() -> None:
    body = urlset("<url><loc>/n/1</loc></url>")
    assert urls(body, FEED_URL, Feed(FEED_URL)) == ["/n/1"]


def test_a_feed_that_answers_a_sitemap_index_leads_to_its_sitemaps() -> None:
    source = Feed(FEED_URL)
    body = f"<sitemapindex><sitemap><loc>{SITEMAP_URL}</loc></sitemap></sitemapindex>"
    page = SourcePage(source=source, url=FEED_URL)
    limits = RunLimits(now=NOW, max_pages=10, max_revisits=1)
    (further,) = choose_further_pages(read(body, FEED_URL, source), page, 1, limits, set())
    assert (further.url, type(further.source)) == (SITEMAP_URL, Sitemap)


def test_a_json_listing_is_read_in_the_charset_it_is_in() -> None:
    source = JsonListing(FEED_URL)
    body = '[{"url": "/n/1", "title": "항구 등대가 다시 켜졌다"}]'
    for charset in ("utf-8-sig", "cp949", "utf-16"):
        assert links(body.encode(charset), FEED_URL, source)[0].title == "항구 등대가 다시 켜졌다"


def test_the_front_page_of_an_undeclared_site_is_no_declared_listing() -> None:
    page = b"<html><nav><a href='/login'>Log in</a></nav></html>"
    source = match_source(outlet_for("https://example.org/"), "https://example.org/", page)
    assert isinstance(source, AnyListing)


def test_a_page_that_lists_articles_is_unpacked_and_decoded() -> None:
    page = "<ul><li><a href='/news/20260718-1'>항구 등대가 다시 켜졌다</a></li></ul>"
    for body in (page.encode("cp949"), gzip.compress(page.encode("utf-16"))):
        (link,) = links(body, f"{SITE}/list")
        assert link.title == "항구 등대가 다시 켜졌다"
