"""Pages made to break a reader cost little, break nothing, and are told apart by their reason."""

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.extract.extraction import Extraction
from crawler.extract.page import guard
from crawler.extract.page.page import Page
from storage.records import PageClass

ReadHtml = Callable[..., Extraction]
TEXT = (
    "<p>Rain is expected across the country from tomorrow afternoon, the bureau said on Monday.</p>"
)
N = 30_000

TRIED = {
    "attributes": "<a " + " ".join(f"x{i}=1" for i in range(N)) + ">",
    "attributes-that-hide-brackets": "<a " + " ".join(f"x{i}='>'" for i in range(N)) + ">",
    "attributes-without-spaces": "<a " + "".join(f'x{i}=""' for i in range(N)) + ">",
    "attributes-in-an-unclosed-tag": "<a " * N,
    "deep-blocks": "<div>" * 10 * N,
    "deep-inline": "<font>" * N,
    "attributes-behind-a-short-comment": "<!--><a " + "x " * N + ">-->",
}

BORNE = {
    "json-ld-never-closed": '<script type="application/ld+json">{"a":' * 3000,
    "json-ld-of-comments": f'<script type="application/ld+json">{"/*" * N}</script>',
    "json-ld-of-quotes": '<script type="application/ld+json">{' + '"\\"' * N + "</script>",
    "json-ld-deep": f'<script type="application/ld+json">{"[" * N}</script>',
    "json-ld-many-blocks": '<script type="application/ld+json">{"@type":"NewsArticle"}</script>' * 2000,
    "title-of-separators": f"<title>{'a | ' * N}</title><h1>{'-' * N}</h1>",
    "many-headings": "<h1>a b c</h1>" * 3_000,
    "many-breaks": "a<br>" * N,
    "many-paragraphs": "<p>a</p>" * N,
    "many-links": '<p><a href="/x">headline number one of the day and more</a></p>' * 2_000,
    "many-dates": '<div class="date">2020-01-01 10:00</div>' * 2_000,
    "many-bylines": '<div class="byline">By John Smith</div>' * 2_000,
    "many-twins": f'<div class="story">{TEXT}</div>' * 2_000,
    "spaces": f"<p>{' ' * 10 * N}</p>",
    "quotes": f"<p>{chr(34) * 10 * N}</p>",
    "addresses": f"<p>{'a@' * N}</p>",
    "hashes": f"<p>{'#a ' * N}</p>",
    "script-of-brackets": f"<script>x={'[' * N}</script>",
    "script-of-starts": f"<script>{'=[' * N}</script>",
    "flight-of-rows": "<script>self.__next_f.push([1,\"" + "1:{\\n" * N + '"])</script>',
    "script-of-words": f"<script>{'a' * 40 * N}</script>",
    "script-of-literals": f"<script>{chr(34) + chr(39)}{(chr(34) + chr(39)) * N}</script>",
    "json-in-json": f"<script>x={json.dumps(json.dumps(json.dumps({'a': 'word. ' * N})))}</script>",
    "many-teasers": f'<div class=c><a href="/x">headline one of the day</a>{TEXT}</div>' * 1_500,
    "many-of-the-headline": "<div><h1>Rain is expected</h1></div>" * 2_000,
    "all-hidden": f"<div hidden>{TEXT * 2_000}</div>",
    "preformatted": f"<pre>{'line of it' + chr(10)}{('a' + chr(10)) * N}</pre>",
    "credits": f"<p>{'있다 AP ' * 60}</p>" * 500,
    "nested-to-the-limit": ("<div>" * 900 + TEXT + "</div>" * 900) * 10,
    "meta-author-of-commas": f'<meta name="author" content="{"a, " * N}">',
    "comments": "<!-- - " * N,
    "brackets": "<" * 10 * N,
    "class-of-a-megabyte": f'<div class="{"a " * N}">{TEXT * 50}</div>',
}  # fmt: skip


@pytest.mark.threats("S6")
@pytest.mark.parametrize("html", TRIED.values(), ids=TRIED)
def test_a_page_that_could_stall_a_parser_is_tried_before_it_is_read(html: str) -> None:
    assert not guard.is_cheap(html)


@pytest.mark.threats("S6")
@pytest.mark.parametrize("html", BORNE.values(), ids=BORNE)
def test_a_page_of_a_megabyte_of_anything_is_read_or_judged(html: str, read_html: ReadHtml) -> None:
    reading = read_html(f"<html><body><h1>Rain is expected</h1>{html}{TEXT * 4}</body></html>")
    assert reading.page_class in PageClass


def test_scripts_and_data_that_look_like_crowded_tags_are_read(read_html: ReadHtml) -> None:
    script = "<script>for(i=0;i<b.length;i++){" + "x = y ; " * 2000 + "}</script>"
    data = '<script type="application/json">{"t":"a <b ' + "word " * 2000 + '"}</script>'
    comment = "<!-- <a " + "word " * 2000 + "-->"
    for html in (script, data, comment):
        assert read_html(html + TEXT * 9).page_class is PageClass.ARTICLE


@pytest.mark.threats("S6")
def test_a_page_of_30_megabytes_is_cut_and_flagged(read_html: ReadHtml) -> None:
    paragraph = f"<p>{'Rain is expected, the bureau said. ' * 100}</p>"
    reading = read_html("<html><body><h1>Rain is expected</h1>" + paragraph * 8_600)
    assert "truncated" in reading.flags


def test_nul_bytes_and_controls_do_not_reach_the_article(read_html: ReadHtml) -> None:
    html = f"<h1>Rain\x00 is\x07 expected\x1b[0m today</h1><div>{TEXT.replace(' ', chr(0), 3) * 5}</div>"
    article = read_html(html).article
    assert article is not None
    for value in (article.title, article.text):
        assert not any(ord(character) < 32 and character != "\n" for character in value)


def test_lone_surrogates_in_json_ld_do_not_reach_the_article(read_html: ReadHtml) -> None:
    block = (
        '{"@type":"NewsArticle","headline":"Rain \\ud83d is expected \\udc00 today",'
        '"author":{"name":"Anna \\ud800 Harbour"},"keywords":["a\\udfff"]}'
    )
    html = f'<script type="application/ld+json">{block}</script><div>{TEXT * 5}</div>'
    article = read_html(html).article
    assert article is not None
    assert article.title == "Rain is expected today"
    everything = "".join((article.title, article.text, *article.authors, *article.tags))
    assert everything.encode("utf-8")


@pytest.mark.threats("R5")
def test_a_page_cut_anywhere_is_flagged(read_html: ReadHtml) -> None:
    html = f"<html><head><title>Rain is expected</title></head><body><h1>Rain is expected</h1>{TEXT * 30}</body></html>"
    step = len(html) // 21
    for end in range(step, 20 * step + 1, step):
        assert "truncated" in read_html(html[:end]).flags, end
    assert "truncated" not in read_html(html).flags


def test_the_end_mark_is_found_behind_trailing_comments() -> None:
    html = f"<html><body>{TEXT}</body></html><!-- {'cached ' * 100} -->"
    assert not Page(html.encode(), "https://example.com/a").truncated


FRAGMENTS = st.sampled_from(
    ["<p>", "</p>", "<div class=article>", "</div>", "<br>", "<h1>", "</h1>", "<!--", "-->", "<script>",
     "</script>", '<script type="application/ld+json">', '{"@type":"NewsArticle","headline":', '"x"}',
     "<a href=", "'", '"', "&nbsp;", "&#x0;", "\x00", "\ud800", "\u202e", "가나다", "2024-03-14", "{", "[", "<", ">",
     "<time datetime='2024'>", "<meta property=og:title content=a>", "Rain is expected, the bureau said. "]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(FRAGMENTS, max_size=60))
def test_any_markup_gives_a_reading(read_html: ReadHtml, parts: list[str]) -> None:
    reading = read_html("".join(parts))
    assert reading.page_class in PageClass
    assert (reading.article is None) or reading.article.title or reading.article.text


@given(st.binary(max_size=400))
def test_any_bytes_give_a_page(body: bytes) -> None:
    page = Page(body, "https://example.com/a")
    assert isinstance(page.html, str)
    assert json.dumps(page.json_ld) is not None
    assert page.outline is not None
