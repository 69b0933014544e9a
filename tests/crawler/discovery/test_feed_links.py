"""Which of an entry's addresses is the article's, and against what a relative one is resolved."""

import pytest

from tests.crawler.discovery.reading import (
    FEED_URL,
    SITE,
    atom,
    item,
    read,
    rss,
    titles,
    urls,
)


@pytest.mark.parametrize(
    "link",
    [
        f"<link>\n <![CDATA[ {SITE}/news/1 ]]>\n</link>",
        "<link>/news/1</link>",
        "<link>//herald.example.org/news/1</link>",
        f"<link/>{SITE}/news/1",
        '<link href="/news/1"/>',
        '<link rel="" href="/news/1"/>',
        f"<link/><guid>{SITE}/news/1</guid>",
        '<guid isPermaLink="true">/news/1</guid>',
        f'<guid isPermaLink="false">tag:1</guid><link>{SITE}/news/1</link>',
        f'<guid isPermaLink="true">{SITE}/other</guid><link>{SITE}/news/1</link>',
        f'<atom:link rel="self" href="/self"/><link>{SITE}/news/1</link>',
        f'<atom:link href="/other"/><link>{SITE}/news/1</link>',
        '<link/><atom:link href="/news/1"/>',
        (
            "<link>https://feeds.example/r/1</link><feedburner:origLink>"
            f"{SITE}/news/1</feedburner:origLink>"
        ),
        (
            "<link>https://feeds.example/r/1</link>"
            f'<f:origLink xmlns:f="http://rssnamespace.org/feedburner/ext/1.0">{SITE}/news/1</f:origLink>'
        ),
        f"<media:link>https://x.example/y</media:link><link>{SITE}/news/1</link>",
        f"<comments>{SITE}/news/1#c</comments><link>{SITE}/news/1</link>",
        f'<source url="{SITE}/s">S</source><link>{SITE}/news/1</link>',
    ],
)
def test_the_address_of_an_item(link: str) -> None:
    assert urls(rss(item("A", link))) == ["/news/1"]


@pytest.mark.parametrize(
    "link",
    ["", "<link/>", '<guid isPermaLink="false">https://x.example/1</guid>', "<guid>7</guid>"],
)
def test_an_item_without_an_address_is_told(link: str) -> None:
    found = read(rss(item("A", link)))
    assert (found.links, found.problems) == ([], ["1 feed entries without a link"])


@pytest.mark.parametrize(
    "entry",
    [
        '<link rel="replies" href="/r"/><link rel="edit" href="/e"/><link href="/news/1"/>',
        (
            '<link rel="alternate" type="application/json" href="/j"/>'
            '<link rel="alternate" type="text/html; charset=utf-8" href="/news/1"/>'
        ),
        '<link rel="http://www.iana.org/assignments/relation/alternate" href="/news/1"/>',
        '<link rel="Alternate" href="/news/1"/><link rel="alternate" href="/amp/1"/>',
        '<link rel="enclosure" type="audio/mpeg" href="/a.mp3"/><link href="/news/1"/>',
        '<link rel="alternate" type="application/pdf" href="/news/1"/>',
        f"<id>{SITE}/news/1</id>",
        f'<id>{SITE}/id/1</id><link href="/news/1"/>',
    ],
)
def test_the_address_of_an_atom_entry(entry: str) -> None:
    assert urls(atom(f"<entry><title>A</title>{entry}</entry>")) == ["/news/1"]


@pytest.mark.parametrize(
    ("feed_base", "entry_base", "link_base", "link", "expected"),
    [
        ("", "", "", "1.html", "/feeds/1.html"),
        (f"{SITE}/world/", "", "", "1.html", "/world/1.html"),
        ("/world/", "", "", "1.html", "/world/1.html"),
        (f"{SITE}/world/index.html", "", "", "1.html", "/world/1.html"),
        (f"{SITE}/a/", "b/", "", "1.html", "/a/b/1.html"),
        (f"{SITE}/a/", "/b/", "c/", "1.html", "/b/c/1.html"),
        (f"{SITE}/a/", "", "", "/1.html", "/1.html"),
        (f"{SITE}/a/", "", "", f"{SITE}/x/1.html", "/x/1.html"),
        ("", "http://[", "", f"{SITE}/x/1.html", "/x/1.html"),
    ],
)
def test_xml_base_is_obeyed(
    feed_base: str, entry_base: str, link_base: str, link: str, expected: str
) -> None:
    def attribute(base: str) -> str:
        return f' xml:base="{base}"' if base else ""

    entry = (
        f"<entry{attribute(entry_base)}><title>A</title>"
        f'<link{attribute(link_base)} href="{link}"/></entry>'
    )
    assert urls(atom(entry, attribute(feed_base))) == [expected]
    items = (
        f"<item{attribute(entry_base)}><title>A</title>"
        f"<link{attribute(link_base)}>{link}</link></item>"
    )
    assert urls(rss(items, attribute(feed_base))) == [expected]


def test_a_relative_link_of_a_feed_on_another_host_belongs_to_the_site() -> None:
    body = rss(item("A", "<link>news/1</link>"))
    assert urls(body, "https://feeds.herald-service.example/herald") == ["/news/1"]
    assert urls(body, FEED_URL) == ["/feeds/news/1"]


def test_an_item_of_rss_1_may_have_no_address_but_its_name() -> None:
    rdf = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><items><rdf:Seq>'
        '<rdf:li rdf:resource="/news/1"/></rdf:Seq></items></channel>'
        '<item rdf:about="/news/1?a=1&b=2"><title>A</title></item></rdf:RDF>'
    )
    assert urls(rdf) == ["/news/1?a=1&b=2"]
    assert urls('<RDF><item rdf:about="/news/1"><title>A</title></item></RDF>') == ["/news/1"]
    assert titles(rdf) == ["A"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("/news/the lamp/1.html", "/news/the%20lamp/1.html"),
        (f"{SITE}/news/\n      2026/1.html\n", "/news/2026/1.html"),
        ("www.herald.example.org/1", "https://www.herald.example.org/1"),
        ("/소식/1", "/소식/1"),
        ("/news/1#comments", "/news/1"),
    ],
)
def test_a_carelessly_printed_address_still_leads_to_its_page(written: str, expected: str) -> None:
    assert urls(rss(item("A", f"<link>{written}</link>"))) == [expected]
    assert urls(f"<urlset><url><loc>{written}</loc></url></urlset>") == [expected]
