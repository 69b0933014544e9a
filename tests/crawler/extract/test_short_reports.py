"""Short reports beside a video, many pictures or many links are articles; lists and clips are not."""

import json
from collections.abc import Callable

import pytest

from crawler.extract.extraction import Extraction
from storage.records import PageClass
from tests.crawler.extract.conftest import STORIES, Story

URL = "https://example.com/news/20240314-7"
VIDEO_URL = "https://example.com/video/20240314-7"
FIGURES = "".join(f"<figure><img src=/{n}.jpg></figure>" for n in range(8))


def report(story: Story, beside: str = "", paragraphs: int = 2, head: str = "") -> str:
    texts = "".join(f"<p>{each[:160]}</p>" for each in story.paragraphs[:paragraphs])
    return (
        f'<html lang="{story.language}"><head><title>{story.title} | {story.site}</title>{head}</head>'
        f'<body><h1>{story.title}</h1><p class="date">{story.date}</p>'
        f"<div>{texts}</div>{beside}</body></html>"
    )


def many_links(story: Story) -> str:
    items = [f'<li><a href="/n/{n}">{each}</a></li>' for n, each in enumerate(story.others * 3)]
    return f'<div class="box"><ul>{"".join(items)}</ul></div>'


def video_data(story: Story) -> str:
    data = {"@type": "VideoObject", "name": story.title, "uploadDate": "2024-03-14T09:30:00Z"}
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


@pytest.mark.parametrize("language", sorted(STORIES))
@pytest.mark.parametrize("beside", ["video", "pictures", "video data"])
def test_two_sentences_beside_a_video_or_pictures_are_a_report(
    beside: str, language: str, read_html: Callable[..., Extraction]
) -> None:
    story = STORIES[language]
    html = {
        "video": report(story, '<video src="a.mp4"></video>' * 2),
        "pictures": report(story, FIGURES),
        "video data": report(story, "<video></video>", head=video_data(story)),
    }[beside]
    reading = read_html(html, VIDEO_URL if beside == "video data" else URL)
    assert reading.page_class in (PageClass.ARTICLE, PageClass.STUB), reading.reason
    assert reading.article
    assert reading.article.title == story.title


@pytest.mark.parametrize("language", sorted(STORIES))
def test_a_dated_paragraph_among_many_links_is_a_report(
    language: str, read_html: Callable[..., Extraction]
) -> None:
    story = STORIES[language]
    reading = read_html(report(story, many_links(story), paragraphs=1), URL)
    assert reading.page_class in (PageClass.ARTICLE, PageClass.STUB), reading.reason


@pytest.mark.parametrize("language", sorted(STORIES))
def test_a_caption_beside_a_video_is_no_report(
    language: str, read_html: Callable[..., Extraction]
) -> None:
    story = STORIES[language]
    html = (
        f"<html><head><title>{story.title}</title></head><body><h1>{story.title}</h1>"
        f"<video></video><p>{story.summary}</p></body></html>"
    )
    assert read_html(html, VIDEO_URL).page_class is PageClass.MEDIA


@pytest.mark.parametrize("language", sorted(STORIES))
def test_a_list_whose_summaries_stand_in_a_script_is_a_listing(
    language: str, read_html: Callable[..., Extraction]
) -> None:
    story = STORIES[language]
    state = {"content": [{"type": "paragraph", "text": each} for each in story.paragraphs * 2]}
    html = (
        f"<html><head><title>{story.site}</title></head><body><h1>{story.site}</h1>"
        f"{many_links(story)}<script id=__NEXT_DATA__ type=application/json>{json.dumps(state)}"
        "</script></body></html>"
    )
    assert read_html(html, "https://example.com/topics/harbour").page_class is PageClass.LISTING
