"""The rest of an article that a page hides until a reader asks for it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from crawler.extract.extraction import Extraction

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]


def read_text(read_html: ReadHtml, story: "Story", body: str, head: str = "") -> str:
    html = (
        f'<html lang="{story.language}"><head><title>{story.title}</title>{head}</head><body>'
        f"<article><h1>{story.title}</h1>{body}</article></body></html>"
    )
    reading = read_html(html)
    assert reading.article is not None, reading.reason
    return reading.article.text


@pytest.mark.parametrize(
    "box",
    [
        '<div style="display:none">{rest}</div>',
        '<div class="more-content" hidden>{rest}</div><button>Read more</button>',
        '<section class="full-text" style="visibility: hidden">{rest}</section>',
        '<div style="display: none !important"><div class="inner">{rest}</div></div>',
        "<details><summary>Read more</summary>{rest}</details>",
        '<div class="read-more-content">{rest}</div>',
    ],
)
def test_the_rest_behind_a_button_is_read(box: str, story: "Story", read_html: ReadHtml) -> None:
    parts = [f"<p>{each}</p>" for each in story.paragraphs]
    body = f"<div>{''.join(parts[:2])}{box.format(rest=''.join(parts[2:]))}</div>"
    text = read_text(read_html, story, body)
    assert all(each in text for each in story.paragraphs)


def test_each_paragraph_may_be_hidden_alone(story: "Story", read_html: ReadHtml) -> None:
    first, *rest = story.paragraphs
    hidden = "".join(f'<p style="display:none">{each}</p>' for each in rest)
    assert read_text(read_html, story, f"<p>{first}</p>{hidden}") == "\n\n".join(story.paragraphs)


def test_the_whole_text_beside_its_beginning_is_read_once(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    body = (
        f'<div class="short">{story.body(2)}</div>'
        f'<div class="full" style="display:none">{story.body()}</div>'
    )
    assert read_text(read_html, story, body) == "\n\n".join(story.paragraphs)


def test_a_text_that_is_sold_is_not_taken_from_hidden_boxes(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    sold = (
        f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{story.title}",'
        ' "isAccessibleForFree": false}</script>'
    )
    hidden = "".join(f"<p>{each}</p>" for each in story.paragraphs[2:])
    body = f'<div>{story.body(2)}<div style="display:none">{hidden}</div></div>'
    assert story.paragraphs[3] not in read_text(read_html, story, body, sold)


@pytest.mark.parametrize(
    "box",
    [
        '<form style="display:none"><p>{text}</p><p>{more}</p><input name="mail"></form>',
        '<div class="comments" style="display:none"><p>{text}</p><p>{more}</p></div>',
        '<div class="caption" style="display:none"><p>{text}</p><p>{more}</p></div>',
        '<ul style="display:none"><li><a href="/1">{text}</a></li><li><a href="/2">{more}</a></li></ul>',
        '<div style="display:none"><p>{text}</p></div>',
    ],
    ids=["form", "comments", "caption", "links", "one line"],
)
def test_other_hidden_boxes_in_the_text_stay_hidden(
    box: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    other = box.format(text=story.about.format("the pier"), more=story.comment)
    assert read_text(read_html, story, f"<div>{story.body()}{other}</div>") == "\n\n".join(
        story.paragraphs
    )
