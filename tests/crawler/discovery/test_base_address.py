"""Relative addresses are resolved against the `base` element, as browsers do."""

from datetime import UTC, datetime

import pytest

from crawler.discovery.source_parser import parse_source
from crawler.extract.extraction import extract_page
from crawler.extract.page.page import Page
from crawler.outlet import Outlet
from crawler.registry import make_generic_outlet
from crawler.sources import AnyListing, FormListing, Listing, Source

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
URL = "https://gazette.example/section/world/index.html"
LINKS = """<li><a href="news/20260719-harbour.html">Envoys reopen talks at the harbour</a></li>
<li><a href="news/20260719-lighthouse.html">Lighthouse repair agreed by both</a></li>
<a class=next href="page2.html">2</a><form action="more.php"><input name=page_num></form>"""


class Gazette(Outlet, abstract=True):
    name, languages, timezone, key = "gazette", (), "UTC", ""
    article = r"/news/\d{8}-"


BASES = [
    ('<base href="https://gazette.example/">', "https://gazette.example/"),
    ('<base href="/">', "https://gazette.example/"),
    ('<base href="../../">', "https://gazette.example/"),
    ("<base href=' https://gazette.example/paper/ '>", "https://gazette.example/paper/"),
    ('<base href="//world.gazette.example/a">', "https://world.gazette.example/"),
    ('<base target=_blank><base href="/one/"><base href="/two/">', "https://gazette.example/one/"),
    ('<BASE HREF="/one/" target="_blank">', "https://gazette.example/one/"),
    ('<base href="javascript:x()">', "https://gazette.example/section/world/"),
    ('<base href="http://[::1">', "https://gazette.example/section/world/"),
    ('<base href="">', "https://gazette.example/section/world/"),
    ('<!-- <base href="/no/"> -->', "https://gazette.example/section/world/"),
    ("", "https://gazette.example/section/world/"),
]
SOURCES: list[Source] = [
    AnyListing(URL),
    Listing(URL, item="li", next=".next@href", pages=3),
    FormListing(URL, item="li", form="form", pages=3),
]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: type(source).__name__)
@pytest.mark.parametrize("is_last", [False, True])
@pytest.mark.parametrize(("base", "expected"), BASES)
def test_links_and_next_pages_follow_the_base(
    base: str, expected: str, is_last: bool, source: Source
) -> None:
    body = f"{LINKS}{base}" if is_last else f"{base}{LINKS}"
    page = f"<html><body>{body}</body></html>" if is_last else f"<html><head>{body}</html>"
    found = parse_source(source, page.encode(), URL, Gazette, NOW)
    assert [link.url for link in found.links] == [
        f"{expected}news/20260719-harbour.html",
        f"{expected}news/20260719-lighthouse.html",
    ]
    next_urls = [page.url for page in found.further_pages]
    wanted = {FormListing: [f"{expected}more.php"], Listing: [f"{expected}page2.html"]}
    assert next_urls == wanted.get(type(source), [])


@pytest.mark.parametrize(
    ("base", "canonical"),
    [
        ('<base href="/paper/">', "https://gazette.example/paper/harbour.html"),
        ('<base href="https://m.gazette.example/">', "https://m.gazette.example/harbour.html"),
        ('<base href="https://elsewhere.example/">', ""),
        ("", "https://gazette.example/section/world/harbour.html"),
    ],
)
def test_the_canonical_address_of_an_article_follows_the_base(base: str, canonical: str) -> None:
    text = "<p>Envoys of both sides reopened their talks at the old harbour on Sunday.</p>" * 6
    page = (
        f"<html><head>{base}<link rel=canonical href=harbour.html><title>Envoys reopen talks"
        "</title><meta property='article:published_time' content='2026-07-19T01:00:00Z'></head>"
        f"<body><article><h1>Envoys reopen talks</h1>{text}</article></body></html>"
    )
    outlet = make_generic_outlet("gazette.example")
    article = extract_page(Page(page.encode(), URL), outlet).article
    assert article is not None
    assert article.canonical_url == canonical
