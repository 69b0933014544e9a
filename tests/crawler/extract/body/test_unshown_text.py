"""Texts that stand only in scripts, attributes, templates and the like."""

import html
import json
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.body.body import ArticleMetadata
from crawler.extract.body.script_text import embedded_html
from crawler.extract.extraction import Extraction
from crawler.extract.page.page import Page

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]


def article_json(story: "Story") -> str:
    return json.dumps({"article": {"headline": story.title, "content": story.body()}})


def blocks_json(story: "Story") -> str:
    blocks = [{"type": "text", "content": each} for each in story.paragraphs]
    return json.dumps({"headlines": {"basic": story.title}, "content_elements": blocks})


def spans_json(story: "Story") -> str:
    blocks = [{"children": [{"_type": "span", "text": each}]} for each in story.paragraphs]
    return json.dumps({"article": {"title": story.title, "body": blocks}})


def pieces(text: str) -> list[dict[str, object]]:
    third = len(text) // 3
    return [
        {"type": "text", "text": text[:third]},
        {"type": "link", "children": [{"text": text[third : 2 * third]}]},
        {"type": "text", "text": text[2 * third :], "marks": ["bold"]},
    ]


def pieces_json(story: "Story", key: str) -> str:
    paragraphs = [{"type": "paragraph", key: pieces(each)} for each in story.paragraphs[:4]]
    last = {"type": "paragraph", key: [{"type": "text", "text": story.paragraphs[4]}]}
    return json.dumps({"title": story.title, "document": [*paragraphs, last]})


PAGES: dict[str, Callable[["Story"], str]] = {
    "next data": lambda story: (
        f'<script id="__NEXT_DATA__" type="application/json">{article_json(story)}</script>'
    ),
    "state": lambda story: f"<script>window.__STATE__ = {article_json(story)};</script>",
    "fusion": lambda story: (
        f"<script>window.Fusion=window.Fusion||{{}};Fusion.globalContent={blocks_json(story)};</script>"
    ),
    "spans": lambda story: f"<script>window.__D__ = {spans_json(story)}</script>",
    "escaped": lambda story: "<script>window.__D__ = {}</script>".format(
        article_json(story).replace("<", "\\u003c")
    ),
    "parsed": lambda story: f"<script>x = JSON.parse({json.dumps(article_json(story))})</script>",
    "template literal": lambda story: (
        f"<script>const page = {{ title: `{story.title}`, body: `{story.body()}` }};</script>"
    ),
    "attribute": lambda story: (
        f'<div id="app" data-page="{html.escape(article_json(story))}"></div>'
    ),
    "props": lambda story: f"<news-view props='{html.escape(article_json(story))}'></news-view>",
    "children in pieces": lambda story: (
        f"<script type='application/json'>{pieces_json(story, 'children')}</script>"
    ),
    "content in pieces": lambda story: (
        f"<script>window.__D__ = {pieces_json(story, 'content')};</script>"
    ),
    "encoded": lambda story: f"<script>show(decodeURIComponent('{quote(story.body())}'));</script>",
    "encoded JSON": lambda story: (
        f'<script>x = JSON.parse(decodeURIComponent("{quote(article_json(story))}"));</script>'
    ),
    "frame": lambda story: f'<iframe srcdoc="{html.escape(story.body())}"></iframe>',
    "text/html": lambda story: f'<script type="text/html" id="story">{story.body()}</script>',
    "handlebars": lambda story: (
        f'<script type="text/x-handlebars-template">{story.body()}</script>'
    ),
    "hidden field": lambda story: (
        f'<input type="hidden" name="body" value="{html.escape(story.body())}">'
    ),
    "template": lambda story: f"<template><div>{story.body()}</div></template>",
    "shadow root": lambda story: (
        f'<news-view><template shadowrootmode="open">{story.body()}</template></news-view>'
    ),
    "noscript": lambda story: f"<noscript><div>{story.body()}</div></noscript>",
    "textarea": lambda story: f"<textarea hidden>{html.escape(story.body())}</textarea>",
}


@pytest.mark.parametrize("write", PAGES.values(), ids=PAGES)
def test_the_text_is_found_where_the_page_keeps_it(
    write: Callable[["Story"], str], story: "Story", read_html: ReadHtml
) -> None:
    reading = read_html(
        f'<html lang="{story.language}"><head><title>{story.title}</title></head>'
        f"<body><h1>{story.title}</h1><div id=app></div>{write(story)}</body></html>"
    )
    assert reading.article is not None, reading.reason
    assert reading.article.text == "\n\n".join(story.paragraphs)


@pytest.mark.parametrize("tag", ["noscript", "template", "textarea"])
def test_what_is_not_shown_does_not_replace_a_text_that_is(
    tag: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story, other = stories["en"], stories["es"]
    reading = read_html(
        f"<html lang=en><head><title>{story.title}</title></head><body><h1>{story.title}</h1>"
        f"<div>{story.body()}</div><{tag}>{other.body()}</{tag}></body></html>"
    )
    assert reading.article is not None, reading.reason
    assert reading.article.text == "\n\n".join(story.paragraphs)


@pytest.mark.parametrize("mark", ["…", "...", "... "])
def test_a_text_that_breaks_off_goes_on_in_a_script(
    mark: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    texts = [*story.paragraphs, *(each.replace("the", "that") for each in story.paragraphs)]
    whole = json.dumps(
        {"headline": story.title, "body": "".join(f"<p>{each}</p>" for each in texts)}
    )
    visible = f"{story.body(3)}<p>{story.paragraphs[3][:60]}{mark}</p>"
    reading = read_html(
        f"<html lang=en><head><title>{story.title}</title></head><body><h1>{story.title}</h1>"
        f"<div>{visible}</div><script>window.__STATE__ = {whole};</script></body></html>"
    )
    assert reading.article is not None, reading.reason
    assert reading.article.text == "\n\n".join(texts)


KEYS = st.sampled_from(["text", "value", "children", "content", "type", "_type", "title", "url"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=25,
)


@given(VALUES)
def test_any_json_in_a_script_is_read(value: object) -> None:
    script = json.dumps(value).replace("<", "\\u003c")
    page = Page(f"<script>window.__D__ = {script};</script>".encode(), "https://example.com/a")
    found = embedded_html(page, ArticleMetadata("A title"))
    assert not found or (found.startswith("<article>") and found.endswith("</article>"))
