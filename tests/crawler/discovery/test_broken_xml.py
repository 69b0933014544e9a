"""Feeds and sitemaps that are not well-formed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.xml_balance import balance
from crawler.discovery.xml_source import parse_xml, parse_xml_text
from tests.crawler.discovery.reading import (
    LINK,
    SITE,
    SITEMAP_URL,
    atom,
    item,
    links,
    read,
    rss,
    titles,
    urls,
    urlset,
)

SECOND = item("Second", "<link>/news/2</link>")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Fish & chips", "Fish & chips"),
        ("R&D and AT&T", "R&D and AT&T"),
        ("Q&A; what now", "Q&A; what now"),
        ("&& &", "&& &"),
        ("AT&amp;T & Co", "AT&T & Co"),
        ("Port&nbsp;opens&hellip;", "Port opens…"),
        ("&ldquo;Lamp&rdquo; &eacute;teinte", "“Lamp” éteinte"),
        ("&#8216;Lamp&#8217; & &#x1F600;", "‘Lamp’ & 😀"),
        ("&#0;Lamp&#x1F; & oil", "Lamp & oil"),
        ("Lamp\x02 on\x0b", "Lamp on"),
        ("&unknown; word", "&unknown; word"),
        ("5 < 6 & 7 > 6", "5 < 6 & 7 > 6"),
        ("I <3 lamps", "I <3 lamps"),
        ("Lamp ]]> oil", "Lamp ]]> oil"),
        ("<![CDATA[Fish & <b>chips</b>]]>", "Fish & chips"),
        ("Lamp<br>oil", "Lamp oil"),
        ("<b>등대</b>가 켜졌다", "등대가 켜졌다"),
    ],
)
def test_what_is_no_markup_stands_for_itself(written: str, expected: str) -> None:
    assert titles(rss(item(written) + SECOND)) == [expected, "Second"]
    news = f"<url><loc>/n/1</loc><news:news><news:title>{written}</news:title></news:news></url>"
    assert titles(urlset(news), SITEMAP_URL) == [expected]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/view?idx=1&cat=2&no=3", "/view?idx=1&cat=2&no=3"),
        ("/view?idx=1&amp;cat=2", "/view?idx=1&cat=2"),
        ("/view?a=1&copy=2&lt=3&amp=4", "/view?a=1&copy=2&lt=3&amp=4"),
        ("<![CDATA[/view?a=1&b=2]]>", "/view?a=1&b=2"),
        ("<![CDATA[/view?a=1&amp;b=2]]>", "/view?a=1&b=2"),
        ("/view?a=1&amp;amp;b=2", "/view?a=1&b=2"),
        ("/view?a=1&#038;b=2", "/view?a=1&b=2"),
    ],
)
def test_an_address_keeps_all_its_parameters(written: str, expected: str) -> None:
    assert urls(rss(item("A", f"<link>{written}</link>"))) == [expected]
    assert urls(urlset(f"<url><loc>{written}</loc></url>"), SITEMAP_URL) == [expected]


def test_an_attribute_keeps_its_ampersand() -> None:
    assert urls(atom('<entry><title>A</title><link href="/view?a=1&b=2"/></entry>')) == [
        "/view?a=1&b=2"
    ]


@pytest.mark.parametrize(
    "body",
    [
        "<br />\n<b>Warning</b>: f() in <b>/x.php</b> on line <b>3</b><br />\n" + rss(item("A")),
        "Notice: undefined index in /x.php\n" + rss(item("A")),
        "\n\n \ufeff\n" + rss(item("A")),
        "\ufeff\ufeff" + rss(item("A")),
        "<!-- <rss> of the old site -->" + rss(item("A")),
        '<?xml-stylesheet href="x.xsl"?>' + rss(item("A")),
        rss(item("A")).replace("<rss", "<!DOCTYPE rss [<!ENTITY a 'b'>]><rss"),
        rss(item("A")) + "<script>track()</script>",
        rss(item("A")) * 2,
        rss(f"<ITEM><TITLE>A</TITLE>{LINK.replace('link', 'LINK')}</ITEM>"),
        rss(f"<Item><Title>A</title>{LINK}</item>"),
        rss(f"<item><title>A{LINK}</item>"),
        rss(f"<item><title>A</title>{LINK}"),
        rss(f"<item><title>A</title>{LINK}</b></item>"),
        rss(f"<item><media:thumb url=x.jpg/><title>A</title>{LINK}</item>"),
        rss(f"<item><title>A</title>{LINK}<a x='1' x='2'>n</a></item>"),
        rss(
            f"<item><title>A</title>{LINK}<description><p>One <img src=x> two</description></item>"
        ),
    ],
)
def test_one_fault_does_not_cost_the_feed(body: str) -> None:
    assert [(link.title, link.url) for link in links(body)] == [("A", f"{SITE}/news/1")]


WHOLE = rss(item("First") + item("Second", f"<link>{SITE}/news/22</link>", "<pubDate>2026-07-18"))


@pytest.mark.parametrize("size", range(WHOLE.index("<item>") + 70, len(WHOLE)))
def test_a_feed_that_is_cut_gives_no_half_address_and_no_half_date(size: int) -> None:
    found = links(WHOLE[:size])
    assert found[0].url == f"{SITE}/news/1"
    assert [link.url for link in found[1:]] in ([], [f"{SITE}/news/22"])


def test_a_cut_date_is_no_date() -> None:
    assert links(WHOLE[: WHOLE.index("2026-07-18") + 7])[1].published_at is None


def test_a_cut_sitemap_keeps_its_whole_entries() -> None:
    body = urlset("".join(f"<url><loc>/news/{n}{n}</loc></url>" for n in range(1, 4)))
    assert urls(body[: body.index("/news/33") + 7], SITEMAP_URL) == ["/news/11", "/news/22"]


@pytest.mark.threats("S7")
def test_entities_that_a_feed_defines_are_not_expanded() -> None:
    bomb = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    head = f'<!DOCTYPE rss [<!ENTITY l0 "lol">{bomb}<!ENTITY f SYSTEM "file:///etc/hostname">]>'
    assert titles(head + rss(item("A &l8; &f; B"))) == ["A &l8; &f; B"]


@pytest.mark.threats("S7")
@pytest.mark.parametrize(
    "piece",
    [
        "<", "&", "<![CDATA[", "<!--", "<?", "<!DOCTYPE", "<a", '<a "', '<a x="', "<a>", "</a>",
        "<item>", "<title>", "<a></b>", "<a b='c\"", "<a " + "x" * 50, "<x y=1 ", "<!", "&#x41;",
    ],
)  # fmt: skip
@pytest.mark.parametrize("start", ["<rss><channel><item><title>x", "<urlset>", "<rss><x "])
def test_hostile_markup_is_read_and_invents_nothing(piece: str, start: str) -> None:
    # A reading that grows with the square would take minutes here.
    assert len(read(start + piece * (200_000 // len(piece))).links) <= 1


@given(st.text(st.sampled_from(list("<>/&;\"'= abITEM![]-?x\n항")), max_size=60))
def test_any_text_is_balanced_into_something_a_parser_reads(text: str) -> None:
    parse_xml(text.encode())
    assert parse_xml_text(f"<rss>{text}</rss>") is not None
    assert balance("<rss>" + text).count("<rss>") >= 1
