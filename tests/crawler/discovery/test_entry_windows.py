"""Large feeds and sitemaps are read in parts, and give what they give as a whole."""

import gzip
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery import entry_windows, source_text
from crawler.discovery.entry_windows import iter_windows
from crawler.discovery.json_source import MAX_JSON_VALUES
from crawler.sources import JsonListing, Sitemap
from tests.crawler.discovery.reading import (
    FEED_URL,
    SITE,
    SITEMAP_URL,
    atom,
    item,
    read,
    rss,
    urlset,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.threats("S7")

URLS = "".join(
    f"<url><loc>{SITE}/news/{n}?a=1&amp;b={n}</loc><lastmod>2026-07-{n % 19 + 1:02}</lastmod></url>"
    for n in range(60)
)
ITEMS = "".join(item(f"Lamp {n} &amp; harbour", f"<link>{SITE}/news/{n}</link>") for n in range(60))
ENTRIES = "".join(
    f'<entry><title>Lamp {n}</title><link href="/news/{n}"/></entry>' for n in range(60)
)
NEWS = "".join(
    f"<url><loc>{SITE}/news/{n}</loc><news:news><news:title>등대 {n} & 항구</news:title>"
    f"<news:publication_date>2026-07-19T10:{n:02}:00Z</news:publication_date></news:news></url>"
    for n in range(60)
)
DOCUMENTS = {
    "sitemap": urlset(URLS),
    "sitemap without end tags": urlset(URLS).replace("</url>", "").replace("</loc>", ""),
    "sitemap with bare marks": urlset(URLS).replace("&amp;", "&"),
    "sitemap in capitals": urlset(URLS).replace("url>", "URL>"),
    "sitemap with a prefix": urlset(URLS)
    .replace("xmlns=", "xmlns:s=")
    .replace("<u", "<s:u")
    .replace("</u", "</s:u")
    .replace("loc>", "s:loc>")
    .replace("</s:loc", "</s:loc"),
    "news": urlset(NEWS),
    "index": urlset(URLS).replace("urlset", "sitemapindex").replace("url>", "sitemap>"),
    "feed": rss(ITEMS),
    "feed with bare marks": rss(ITEMS.replace("&amp;", "&")),
    "feed without an end": rss(ITEMS)[:-17],
    "feed with a comment": rss("<!-- <channel> <item> -->" + ITEMS),
    "feed with a feed in a section": rss(
        ITEMS.replace("</link>", "</link><description><![CDATA[<item>x</item>]]></description>")
    ),
    "feed of old": f"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{ITEMS}</rdf:RDF>",
    "atom": atom(ENTRIES, f'xml:base="{SITE}/en/"'),
}


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_windows, "WINDOW_CHARS", 700)
    monkeypatch.setattr(source_text, "_SAMPLE_BYTES", 300)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_parts_give_what_the_whole_gives(
    name: str, packed: bool, request: pytest.FixtureRequest
) -> None:
    body = DOCUMENTS[name].encode()
    url = SITEMAP_URL if "sitemap" in name or name in ("news", "index") else FEED_URL
    whole = read(body, url)
    assert len(whole.links) + len(whole.further_pages) == 60
    request.getfixturevalue("small_windows")
    parts = read(gzip.compress(body) if packed else body, url)
    assert parts.links == whole.links
    assert parts.further_pages == whole.further_pages
    assert parts.problems == whole.problems


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("charset", ["utf-8", "euc-kr", "utf-16", "cp1251", "shift_jis"])
def test_a_large_feed_is_decoded_across_its_pieces(charset: str) -> None:
    words = {"cp1251": "Маяк", "shift_jis": "灯台のあかり"}.get(charset, "등대의 불빛")
    items = "".join(item(f"{words} {n}", f"<link>{SITE}/{n}</link>") for n in range(200))
    body = rss(items, encoding=charset).encode(charset)
    assert [link.title for link in read(body).links] == [f"{words} {n}" for n in range(200)]


@given(st.lists(st.sampled_from(["<item>", "</item>", "<link>/a</link>", "<x", "text ", "<!--"])))
def test_windows_lose_nothing_and_are_bounded(parts: list[str]) -> None:
    text = "<rss><channel><item>" + "".join(parts)
    pieces: Iterator[str] = iter([text[i : i + 7] for i in range(0, len(text), 7)])
    windows = list(iter_windows(pieces, feed=True))
    assert "".join(windows) == text  # smaller than one window


def test_an_entry_larger_than_a_window_costs_only_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(entry_windows, "WINDOW_CHARS", 700)
    monkeypatch.setattr(source_text, "_SAMPLE_BYTES", 300)
    large = item(
        "Large", f"<link>{SITE}/large</link>", f"<description>{'x' * 900_000}</description>"
    )
    body = rss(ITEMS + large + ITEMS.replace("/news/", "/late/"))
    links = read(body).links
    assert [link.title for link in links if "Lamp" not in link.title] == ["Large"]
    assert len(links) == 121


@pytest.mark.threats("S4")
@pytest.mark.parametrize(
    "filling", ["<url><loc>", "&", "<", "<a>", "<!--", "<url><loc>&nbsp;", "<![CDATA[", "<url>&"]
)
def test_rubbish_is_read_to_a_bound(filling: str) -> None:
    start = f"<urlset><url><loc>{SITE}/news/1</loc></url>"
    body = gzip.compress((start + filling * (30_000_000 // len(filling))).encode(), 1)
    found = read(body, SITEMAP_URL, Sitemap(SITEMAP_URL))
    assert [link.url for link in found.links] == [f"{SITE}/news/1"]


@pytest.mark.parametrize("rows", ["[],", "{},", '"a",', "1,", '{"a":[{}]},'])
def test_json_of_too_many_values_is_told_and_not_loaded(rows: str) -> None:
    body = f'{{"rows":[{rows * (MAX_JSON_VALUES + 1)}1]}}'
    found = read(body, FEED_URL, JsonListing(FEED_URL, items="rows"))
    assert found.links == []
    assert "than" in found.problems[0]
