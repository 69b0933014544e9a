"""Dates in boxes of comments below the text are readers'; a date in a list of its own is not."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from crawler.extract.extraction import Extraction
from crawler.recorded.saved_pages import format_date

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]
URL = "https://example.com/news/ferry"
DATES = [
    "<span class=date>August 27, 2018 10:05</span>",
    "<time datetime=2018-08-27T10:05:00Z>August 27, 2018</time>",
]


def _page(story: "Story", below: str) -> str:
    return (
        f"<html lang={story.language}><head><title>{story.title}</title></head><body><article>"
        f"<h1>{story.title}</h1><div class=text>{story.body()}</div>{below}</article></body></html>"
    )


@pytest.mark.parametrize("date", DATES)
@pytest.mark.parametrize(
    "box",
    [
        '<ol class="commentlist">{}</ol>',
        '<div id="comments"><div>{}</div></div>',
        '<div class="comment-list"><div>{}</div></div>',
        '<div class="commentArea"><div>{}</div></div>',
        '<section class="reader-comments"><div>{}</div></section>',
        '<section class="post-comments"><div>{}</div></section>',
        '<div class="cmt_list"><div>{}</div></div>',
        '<div itemscope itemtype="https://schema.org/Comment"><div>{}</div></div>',
        '<div class="voices"><ul><li><b>Kim</b> {}</li></ul></div>',
    ],
)
def test_the_date_of_a_comment_is_not_the_articles(
    box: str, date: str, story: "Story", read_html: ReadHtml
) -> None:
    reading = read_html(_page(story, box.format(f"{date}<p>{story.comment}</p>")), url=URL)
    assert reading.published is None


@pytest.mark.parametrize(
    "line",
    [
        "<ul><li>5.09.2025, 11:42</li></ul>",
        "<ul class=soc><li class=ndate>2025-09-05 11:42</li></ul>",
        "<p>2025-09-05 11:42</p>",
    ],
)
def test_a_date_that_is_the_whole_entry_is_the_articles(line: str, read_html: ReadHtml) -> None:
    story_html = (
        "<html lang=ru><head><title>Паром вернулся на остров</title></head><body><div>"
        "<h1>Паром вернулся на остров</h1><div>"
        + "<p>Паром снова вышел на остров в пятницу после долгого перерыва, сообщила контора.</p>"
        * 2
        + f"</div>{line}</div></body></html>"
    )
    published = format_date(read_html(story_html, url=URL).published)
    assert (published or "").startswith("2025-09-05T11:42")
