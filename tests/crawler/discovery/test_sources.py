import gzip
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.source_parser import detect_source, match_source, parse_source
from crawler.outlet import Outlet
from crawler.sources import (
    AnyListing,
    Feed,
    FormListing,
    JsonListing,
    Listing,
    NewsSitemap,
    ParsedSource,
    Sitemap,
    Source,
)

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
URL = "https://herald.example/list"


class Herald(Outlet):
    """An invented paper."""

    name = "herald"
    every = timedelta(hours=1)
    languages = ("en",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("herald.example",)
    rights = "full"
    article = r"/(?:news|view)"
    key = r"(N\d{4})"
    sources = (
        Feed("https://herald.example/rss.xml"),
        Listing("https://herald.example/table", item="tr.row"),
    )


def read(source: Source, body: str | bytes, url: str = URL, page: int = 1) -> ParsedSource:
    return parse_source(
        source, body.encode() if isinstance(body, str) else body, url, Herald, NOW, page
    )


RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Herald</title>
<item><title><![CDATA[ Lantern &amp; Harbour ]]></title><link>https://herald.example/news/N0001</link>
<description>&lt;p&gt;A &lt;b&gt;short&lt;/b&gt; lead.&lt;/p&gt;</description><category>nation</category>
<pubDate>Sun, 19 Jul 2026 21:05:00 +0900</pubDate></item>
<item><title>Orchard</title><link>/news/N0002</link><pubDate>2026-07-18</pubDate></item>
</channel></rss>"""


def test_a_feed_gives_links_with_all_that_it_knows() -> None:
    first, second = read(Feed(URL), RSS).links
    assert (first.url, first.title) == ("https://herald.example/news/N0001", "Lantern & Harbour")
    assert (first.lead, first.tags, first.key) == ("A short lead.", ("nation",), "N0001")
    assert first.published_at == datetime(2026, 7, 19, 12, 5, tzinfo=UTC)
    assert second.url == "https://herald.example/news/N0002"
    assert second.published_precision == "day"


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="html">Orchard</title>
<link rel="self" href="/api/1"/><link rel="alternate" href="/news/1"/>
<published>2026-07-19T01:00:00Z</published><updated>2026-07-19T02:00:00Z</updated>
<summary>Lead</summary></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<item rdf:about="x"><title>Orchard</title><link>https://herald.example/news/1</link>
<dc:date>2026-07-19T01:00:00Z</dc:date></item></rdf:RDF>"""


@pytest.mark.parametrize("body", [ATOM, RDF], ids=["atom", "rss 1.0"])
def test_other_kinds_of_feeds(body: str) -> None:
    (link,) = read(Feed(URL), body).links
    assert (link.url, link.title) == ("https://herald.example/news/1", "Orchard")
    assert link.published_at == datetime(2026, 7, 19, 1, tzinfo=UTC)


def test_an_atom_entry_tells_when_it_was_edited() -> None:
    (link,) = read(Feed(URL), ATOM).links
    assert link.modified_at == datetime(2026, 7, 19, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        RSS.replace("</item>", "", 1),
        RSS[: RSS.index("</item>") + 60],
        RSS.replace("Orchard", "Orchard & <b>Co</p> &nbsp;"),
        "\n\n  " + RSS.replace("<?xml", "<?xml", 1),
        "\ufeff" + RSS,
        RSS.replace("<item>", "<item><!-- 1 --><?xml version='1.0'?>", 1),
    ],
    ids=[
        "unclosed item",
        "cut",
        "bare ampersand",
        "blank lines first",
        "byte order mark",
        "instruction within an item",
    ],
)
def test_a_broken_feed_still_gives_its_first_item(body: str) -> None:
    assert read(Feed(URL), body).links[0].title == "Lantern & Harbour"


def test_one_time_on_every_item_is_the_feeds_and_not_the_articles() -> None:
    items = "".join(
        f"<item><title>T{n}</title><link>/news/{n}</link>"
        "<pubdate>Sun, 19 Jul 2026 04:35:05 GMT</pubdate></item>"
        for n in range(4)
    )
    found = read(Feed(URL), f"<rss><channel>{items}</channel></rss>").links
    assert [link.published_at for link in found] == [None] * 4


@pytest.mark.parametrize(
    "body", ["", "<html><p>Maintenance</p></html>", "\x00\x01", "{}"], ids=repr
)
def test_what_is_no_feed_is_told_in_one_line(body: str) -> None:
    found = read(Feed(URL), body)
    assert found.links == []
    assert len(found.problems) == 1


def test_a_sitemap_is_read_newest_first() -> None:
    body = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
    <url><loc>https://herald.example/news/1</loc><lastmod>2026-07-01</lastmod></url>
    <url><loc> https://herald.example/news/2 </loc><lastmod>2026-07-19T10:00:00+09:00</lastmod></url>
    <url><loc>https://herald.example/about</loc></url></urlset>"""
    found = read(Sitemap(URL), body).links
    assert [link.url[-1] for link in found] == ["2", "1"]
    assert found[0].modified_at == datetime(2026, 7, 19, 1, tzinfo=UTC)


def test_a_news_sitemap_knows_title_and_date() -> None:
    body = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
    xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url>
    <loc>https://herald.example/news/1</loc><news:news><news:publication><news:name>Herald</news:name>
    </news:publication><news:publication_date>2026-07-19T10:00:00+09:00</news:publication_date>
    <news:title>Lantern &amp; Harbour</news:title><news:keywords>a, b</news:keywords></news:news>
    </url></urlset>"""
    (link,) = read(NewsSitemap(URL), body).links
    assert (link.title, link.tags) == ("Lantern & Harbour", ("a", "b"))
    assert link.published_at == datetime(2026, 7, 19, 1, tzinfo=UTC)


def test_an_index_names_its_sitemaps_newest_first() -> None:
    body = "<sitemapindex>" + "".join(
        f"<sitemap><loc>/{name}-{n}.xml</loc><lastmod>2026-0{n}-01</lastmod></sitemap>"
        for n in (1, 3, 2)
        for name in ("news", "video")
    )
    found = read(Sitemap(URL, follow="news-"), body + "</sitemapindex>")
    assert [follow.url[-10:] for follow in found.further_pages] == [
        "news-3.xml",
        "news-2.xml",
        "news-1.xml",
    ]


def test_packed_and_bare_sitemaps() -> None:
    body = b"<urlset><url><loc>https://herald.example/news/1</loc></url></urlset>"
    assert len(read(Sitemap(URL), gzip.compress(body)).links) == 1
    assert len(read(Sitemap(URL), "https://herald.example/news/1\nnonsense\n").links) == 1


@pytest.mark.threats("S4")
def test_s4_a_sitemap_bomb_is_cut_at_its_limit() -> None:
    found = read(Sitemap(URL), gzip.compress(b" " * 200_000_000, 1))
    assert found.links == []
    assert any("50 MiB" in problem for problem in found.problems)


@pytest.mark.threats("S7")
def test_s7_a_sitemap_of_too_many_addresses_is_read_to_its_limit() -> None:
    body = "<urlset>" + "".join(f"<url><loc>/news/{n}</loc></url>" for n in range(50_500))
    found = read(Sitemap(URL), body + "</urlset>")
    assert len(found.links) == 50_000
    assert any("more than 50000" in problem for problem in found.problems)


@pytest.mark.threats("S7")
@pytest.mark.parametrize("kind", [Feed, Sitemap], ids=["feed", "sitemap"])
def test_s7_entities_are_not_expanded_and_files_not_read(kind: type[Source]) -> None:
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    body = f"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{bomb}
    <!ENTITY f SYSTEM "file:///etc/hostname">]><rss><channel><item><title>&l8;&f;</title>
    <link>/news/1</link></item></channel></rss>"""
    found = read(kind(URL), body)
    assert all(len(link.title) < 100 for link in found.links)


TABLE = """<table><tr class=row><td><a href="javascript:open_it('view?id=N0007')">Lantern <nobr>Kim
</nobr> opens</a></td><td>2026.07.19</td></tr><tr class=row><td><a href="/about">About us</a></td></tr>
<tr class=row><td><a name=x>No link</a></td></tr></table>"""


def test_a_listing_unwraps_script_calls() -> None:
    source = Listing(URL, item="tr.row", date="td:nth-child(2)", link_pattern=r"open_it\('([^']+)'")
    (link,) = read(source, TABLE).links
    assert (link.url, link.key) == ("https://herald.example/view?id=N0007", "N0007")
    assert link.title == "Lantern Kim opens"
    assert link.published_at == datetime(2026, 7, 18, 15, tzinfo=UTC)


def test_a_listing_builds_addresses_from_what_a_script_call_names() -> None:
    body = """<a class=t href="#this" onclick='show("N0140","L")'>One</a>
    <a class=t href="#this" onclick='show("N0140","I")'></a>"""
    source = Listing(
        URL,
        item="a.t",
        link="@onclick",
        link_pattern=r'show\("(N\d+)"',
        link_template="/view?code={0}",
    )
    (link,) = read(source, body).links
    assert (link.url, link.title) == ("https://herald.example/view?code=N0140", "One")


def test_a_listing_without_rows_says_so() -> None:
    found = read(Listing(URL, item="tr.gone"), TABLE)
    assert found.problems == ["no row matches 'tr.gone'"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (Listing(URL, item="li", next="a.next@href"), "https://herald.example/list?p=2"),
        (Listing(URL, item="li", next_template="/list/{page}"), "https://herald.example/list/2"),
    ],
    ids=["selected", "template"],
)
def test_a_listing_names_its_next_page(source: Listing, expected: str) -> None:
    body = '<li><a href="/news/1">Lantern</a></li><a class=next href="?p=2">next</a>'
    (follow,) = read(source, body).further_pages
    assert (follow.url, follow.page, follow.form_fields) == (expected, 2, ())


def test_the_last_page_has_no_next_one() -> None:
    source = Listing(URL, item="li", next_template="/list/{page}", page_count=r"pages=(\d+)")
    body = '<script>pages=3</script><li><a href="/news/1">Lantern</a></li>'
    assert read(source, body, page=2).further_pages
    assert not read(source, body, page=3).further_pages


def test_a_form_is_posted_with_all_its_fields() -> None:
    body = """<form id=f action="/list/post"><input name=page_num value=1><input name=_csrf value=tok>
    <input type=checkbox name=no value=1><input type=submit name=go value=Go><textarea name=q>w
    </textarea><select name=s><option value=a><option value=b selected></select></form>
    <script>var total=41;</script><li><a href="/news/1">Lantern</a></li>"""
    source = FormListing(URL, item="li", form="#f", total=r"total=(\d+)")
    found = read(source, body)
    (follow,) = found.further_pages
    assert follow.url == "https://herald.example/list/post"
    fields = dict(follow.form_fields)
    assert fields.pop("q").strip() == "w"
    assert fields == {"page_num": "2", "_csrf": "tok", "s": "b"}
    assert found.declared_total == 41


def test_a_json_listing() -> None:
    rows = {
        "data": {"rows": [{"u": "/news/1", "t": " Lantern ", "d": "2026-07-19"}, {"u": None}, 3]}
    }
    source = JsonListing(URL, items="data.rows", link="u", title="t", date="d")
    (link,) = read(source, orjson.dumps(rows)).links
    assert (link.url, link.title) == ("https://herald.example/news/1", "Lantern")
    assert link.published_precision == "day"


@pytest.mark.parametrize("body", ["{", "[]", '{"data": 3}', ""], ids=repr)
def test_a_json_listing_of_another_shape_is_told(body: str) -> None:
    found = read(JsonListing(URL, items="data.rows"), body)
    assert found.links == []
    assert len(found.problems) == 1


def test_an_article_listed_twice_is_one_link_with_the_longer_title() -> None:
    body = """<li><a href="/news/N0001/photo">Lantern</a></li>
    <li><a href="/news/N0001">Lantern office opens</a></li>"""
    (link,) = read(Listing(URL, item="li"), body).links
    assert link.title == "Lantern office opens"


def test_the_source_of_an_answer_is_found_by_address_then_by_its_rows() -> None:
    assert match_source(Herald, "http://www.herald.example/rss.xml", b"") is Herald.sources[0]
    assert match_source(Herald, "https://herald.example/x", TABLE.encode()) is Herald.sources[1]
    assert isinstance(match_source(Herald, "https://herald.example/x", b"<p>x"), AnyListing)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (RSS, Feed),
        (ATOM, Feed),
        (RDF, Feed),
        ("<urlset></urlset>", Sitemap),
        ('<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"/>', NewsSitemap),
        ("[1]", JsonListing),
        ("<!doctype html><p>x", AnyListing),
        ("", AnyListing),
    ],
)
def test_kinds_of_answers_are_told_apart(body: str, kind: type[Source]) -> None:
    assert type(detect_source(URL, body.encode())) is kind


@pytest.mark.threats("S8")
def test_s8_traps_in_a_listing_are_counted_and_left_out() -> None:
    body = f'<li><a href="/news/{"cal/" * 4}">Next month</a></li><li><a href="/news/1">One</a></li>'
    found = read(Listing(URL, item="li"), body)
    assert len(found.links) == 1
    assert "1 address looks like a crawler trap" in found.problems[0]


ANY_SOURCE = [
    Feed(URL),
    Sitemap(URL),
    NewsSitemap(URL),
    JsonListing(URL),
    AnyListing(URL),
    Listing(URL, item="li", date="b", next="a@href"),
    FormListing(URL, item="li", form="form"),
]
MARKUP = st.lists(
    st.sampled_from(
        [
            "<li>", "<a href='", "/news/1", "'>", "</a>", "<b>", "2026.7.19", "<form>", "<item>",
            "<link>", "<urlset>", "<url><loc>", "</loc>", "<?xml version='1.0'?>", "<![CDATA[",
            "&#0;", "&lt;", "\x00", "\ud800", "９９９９年", "[", "{", '"', ":", "<!--", "]]>",
        ]
    )
)  # fmt: skip


@pytest.mark.parametrize("source", ANY_SOURCE, ids=lambda source: type(source).__name__)
@given(parts=MARKUP, noise=st.binary(max_size=40))
@settings(max_examples=60, deadline=None)
def test_no_answer_makes_reading_fail(source: Source, parts: list[str], noise: bytes) -> None:
    body = "".join(parts).encode("utf-8", "surrogatepass")
    for answer in (body, noise + body, body + noise):
        for link in read(source, answer).links:
            assert link.url.startswith("https://")
