"""What a page says about archiving, in its headers and in its head."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.extraction import extract_page
from crawler.extract.page.page import Page
from crawler.extract.page.robots_rules import archiving_ban, archiving_ban_of_source, find_rule
from crawler.outlet import Outlet
from crawler.sources import Feed
from storage.rights import allowed_level

SENTENCES = "".join(
    f"<p>The lantern office widened harbour {n} by {n + 3} steps on a quiet day.</p>"
    for n in range(12)
)


def html(head: str, body: str = "") -> str:
    return (
        f"<html><head><title>A harbour is widened</title>{head}</head><body><article>"
        f"<h1>A harbour is widened</h1>{SENTENCES}{body}</article></body></html>"
    )


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("noarchive", "noarchive"),
        ("NOARCHIVE", "noarchive"),
        ("  NoArchive  ", "noarchive"),
        ("noindex, noarchive", "noarchive"),
        ("noindex,nofollow,noarchive,nosnippet", "noarchive"),
        ("noindex; noarchive", "noarchive"),
        ("noindex noarchive", "noarchive"),
        ("nocache", "nocache"),
        ("unavailable_after: 25 Jun 2010 15:00:00 PST, noarchive", "noarchive"),
        ("noarchive, unavailable_after: Saturday, 25-Jun-2033 15:00:00 GMT", "noarchive"),
        ("nkwire: noarchive", "noarchive"),
        ("NKWire: NoIndex, NoArchive", "noarchive"),
        ("nkwire/1.0: noarchive", "noarchive"),
        ("otherbot: noindex, nkwire: noarchive", "noarchive"),
        ("noarchive, otherbot: noindex", "noarchive"),
        ("*: noarchive", "noarchive"),
        ("robots: noarchive", "noarchive"),
        ("max-snippet:50, noarchive, max-image-preview:large", "noarchive"),
    ],
)
def test_a_rule_that_forbids_archiving_is_found(value: str, rule: str) -> None:
    assert find_rule(value) == rule


@pytest.mark.parametrize(
    "value",
    [
        "",
        "all",
        "index, follow",
        "noindex",
        "noindex, nofollow, nosnippet, noimageindex, notranslate",
        "none",
        "unavailable_after: 25 Jun 2010 15:00:00 PST",
        "max-image-preview:none",
        "max-snippet:-1, max-image-preview: none, max-video-preview:0",
        "googlebot: noarchive",
        "googlebot: noindex, noarchive",
        "googlebot-news: none, otherbot: noarchive",
        "nkwire: noindex, googlebot: noarchive",
        "nkwirenot: noarchive",
        "archive",
        "nonesuch, noarchived",
    ],
)
def test_other_rules_and_rules_for_other_robots_are_none(value: str) -> None:
    assert find_rule(value) == ""


@pytest.mark.parametrize(
    "tag",
    [
        '<meta name="robots" content="noarchive">',
        '<META NAME="ROBOTS" CONTENT="NOINDEX, NOARCHIVE">',
        "<meta content='noarchive' name='robots'/>",
        "<meta name=robots content=noarchive>",
        '<meta\n  name="nkwire"\n  content="noarchive">',
        '<meta name="robots" content="index"><meta name="robots" content="noarchive">',
        '<meta name="robots" content="all"><meta name="NKWire" content="noarchive">',
        '<meta http-equiv="X-Robots-Tag" content="noarchive">',
    ],
)
def test_a_meta_tag_forbids_archiving(tag: str) -> None:
    page = Page(html(tag).encode(), "https://herald.test/1")
    assert archiving_ban(page).startswith("meta ")
    assert archiving_ban_of_source(page) == archiving_ban(page)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<meta name="robots" content="noindex,nofollow">', ""),
        ('<meta name="robots" content="none">', ""),
        ('<meta name="robots" content="unavailable_after: 2030-01-01">', ""),
        ('<meta name="googlebot" content="noarchive">', ""),
        ('<meta name="description" content="noarchive, none">', ""),
        ('<!-- <meta name="robots" content="noarchive"> -->', ""),
        ('<script>var tag = \'<meta name="robots" content="noarchive">\';</script>', ""),
        ('<meta name="robots" content="max-image-preview:none">', ""),
        ("", "<p>The tag &lt;meta name=robots content=noarchive&gt; is old.</p>"),
    ],
)
def test_what_only_looks_so_forbids_nothing(head: str, body: str) -> None:
    page = Page(html(head, body).encode(), "https://herald.test/1")
    assert archiving_ban(page) == archiving_ban_of_source(page) == ""


def test_each_of_several_headers_counts() -> None:
    headers = {"X-Robots-Tag": "googlebot: noarchive\nnoindex\nnkwire: noarchive"}
    assert archiving_ban(Page(b"", "https://x.test/1", headers)) == "X-Robots-Tag: noarchive"


def test_a_robots_name_holds_within_its_header_only() -> None:
    headers = {"X-Robots-Tag": "googlebot: noindex\nnoarchive"}
    assert archiving_ban_of_source(Page(b"", "https://x.test/1", headers)) != ""


def test_a_tag_in_utf_16_is_read() -> None:
    body = html('<meta name="robots" content="noarchive">').encode("utf-16")
    assert archiving_ban_of_source(Page(body, "https://x.test/1")) == "meta robots: noarchive"


@pytest.mark.parametrize(
    ("declared", "level"), [("full", "lead"), ("lead", "lead"), ("none", "none")]
)
def test_the_rights_of_the_article_sink_to_the_lead_and_name_the_rule(
    declared: str, level: str
) -> None:
    values = {
        "__doc__": "An invented outlet.",
        "name": "herald",
        "every": timedelta(hours=1),
        "languages": ("en",),
        "country": "US",
        "timezone": "UTC",
        "hosts": ("herald.test",),
        "rights": declared,
        "sources": (Feed("https://herald.test/feed"),),
        "article": r"/\d+",
    }
    outlet: type[Outlet] = type("Herald", (Outlet,), values)
    page = Page(html("").encode(), "https://herald.test/1", {"x-robots-tag": "noarchive"})
    extraction = extract_page(page, outlet)
    assert extraction.article is not None
    assert extraction.article.rights == f"{level}: X-Robots-Tag: noarchive"
    assert allowed_level(extraction.article.rights) == level
    assert "noarchive" in extraction.flags
    assert extraction.article.evidence["rights"] == "X-Robots-Tag: noarchive"


@given(st.text())
def test_no_text_is_an_error(value: str) -> None:
    assert find_rule(value) in ("", "noarchive", "nocache")


@given(st.lists(st.sampled_from(["noindex", "nofollow", "nosnippet", "noarchive"])))
def test_the_order_of_rules_does_not_matter(rules: list[str]) -> None:
    assert bool(find_rule(", ".join(rules))) is ("noarchive" in rules)


def test_many_open_tags_take_no_long_time() -> None:
    page = Page(b"<meta " * 1_000_000 + b"none", "https://x.test/1")
    assert archiving_ban_of_source(page) == ""
