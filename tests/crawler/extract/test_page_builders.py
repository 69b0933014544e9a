"""Articles as common builders of news pages make them, in eight languages, read without rules."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.extract.extraction import Extraction
from storage.records import PageClass

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story, Template

BUILDERS = sorted(path.stem for path in Path(__file__).parent.glob("pages/article/*.html"))


@pytest.mark.parametrize("builder", BUILDERS)
def test_text_headline_and_day_are_read_whatever_built_the_page(
    builder: str,
    story: "Story",
    templates: list["Template"],
    read_html: Callable[..., Extraction],
) -> None:
    page = next(each for each in templates if (each.kind, each.name) == ("article", builder))
    reading = read_html(page.filled(story), f"https://example.com{page.url}")
    assert reading.page_class is PageClass.ARTICLE, reading.reason
    assert reading.article is not None
    lines = [line for line in reading.article.text.split("\n") if line]
    # A standfirst opens the text, as a reader sees it.
    assert [line for line in lines if line != story.summary] == wanted(page, story)
    assert reading.article.title == story.title
    assert reading.article.published_at is not None
    assert reading.article.published_at.date().isoformat() == "2024-03-14"


def wanted(page: "Template", story: "Story") -> list[str]:
    """The paragraphs that a page of the builder shows."""
    body = page.source.partition("<body")[2]
    shown = {int(number) for number in re.findall(r"\$(?:p|start_)(\d)", body)}
    return [story.paragraphs[number - 1] for number in sorted(shown)]
