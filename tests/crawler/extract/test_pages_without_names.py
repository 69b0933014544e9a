"""A report in plain `div`s beside rows of links is an article; a plain list of teasers is not."""

from collections.abc import Callable

import pytest

from crawler.extract.extraction import Extraction
from storage.records import PageClass
from tests.crawler.extract.conftest import STORIES, Story

URL = "https://example.com/news/20240314-7"
LANGUAGES = sorted(STORIES)


def row(story: Story, start: int) -> str:
    links = (
        f'<div><a href="/n/{start}{n}">{each} {start}{n}</a></div>'
        for n, each in enumerate(story.others[:2])
    )
    return f"<div>{''.join(links)}</div>"


def long_body(story: Story) -> str:
    """Returns more text than a teaser has: paragraphs of three sentences."""
    sentences = [*story.paragraphs, *story.paragraphs[::-1]]
    return "".join(f"<p>{' '.join(sentences[n : n + 3])}</p>" for n in range(3))


def columns(story: Story, text: str) -> str:
    others = "".join(row(story, n) for n in range(1, 6))
    return (
        f"<html><head><title>{story.title}</title></head><body>"
        f"<div><div>{text}{row(story, 0)}</div>{others}</div></body></html>"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_in_one_of_many_plain_columns_is_an_article(
    language: str, read_html: Callable[..., Extraction]
) -> None:
    story = STORIES[language]
    text = f"<h1>{story.title}</h1><div>{story.date}</div><div>{long_body(story)}</div>"
    reading = read_html(columns(story, text), URL)
    assert reading.page_class in (PageClass.ARTICLE, PageClass.STUB), reading.reason
    assert reading.article
    assert reading.article.title == story.title
    assert story.paragraphs[3] in reading.article.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_plain_list_of_teasers_is_no_article(
    language: str, read_html: Callable[..., Extraction]
) -> None:
    story = STORIES[language]
    teasers = "".join(
        f'<div><div><a href="/n/{n}">{each} {n}</a></div><div>{story.about} {n}</div></div>'
        for n, each in enumerate(story.others * 4)
    )
    reading = read_html(columns(story, teasers), "https://example.com/news/")
    assert reading.page_class not in (PageClass.ARTICLE, PageClass.STUB), reading.reason
