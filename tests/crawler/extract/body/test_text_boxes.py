"""Texts in boxes, paragraphs and headings that are named like clutter."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from crawler.extract import element_names
from crawler.extract.extraction import Extraction

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]

CLUTTER_NAMES = [
    "card-body", "print-text", "series-part", "paywall-subscriber-content", "event-text",
    "article-copy", "text-date", "notice", "tab-pane", "swiper-slide", "widget", "media-text",
    "relative overflow-hidden", "hidden md:block", "lead-banner print:px-4",
]  # fmt: skip


def read_text(read_html: ReadHtml, story: "Story", body: str, below: str = "") -> str:
    html = (
        f'<html lang="{story.language}"><head><title>{story.title}</title></head><body><article>'
        f'<h1>{story.title}</h1><div class="content">{body}</div>{below}</article></body></html>'
    )
    reading = read_html(html)
    assert reading.article is not None, reading.reason
    return reading.article.text


def joined(story: "Story") -> str:
    return "\n\n".join(story.paragraphs)


@pytest.mark.parametrize("name", CLUTTER_NAMES)
def test_boxes_of_one_class_with_prose_are_the_text(
    name: str, story: "Story", read_html: ReadHtml
) -> None:
    body = "".join(f'<div class="{name}"><p>{each}</p></div>' for each in story.paragraphs)
    assert read_text(read_html, story, body) == joined(story)


@pytest.mark.parametrize("name", CLUTTER_NAMES)
@pytest.mark.parametrize(
    "box",
    [
        '<div class="{name}">{text}</div>',
        '<div class="{name} part-{number}" id="box-{number}"><p>{text}</p></div>',
        '<div class="{name} css-{hash}"><p>{text}</p></div>',
        '<section class="{name}"><p>{text}</p></section>',
        '<div class="row"><div class="{name}"><div class="{name}-inner"><p>{text}</p></div></div></div>',
    ],
    ids=["bare", "numbered", "hashed", "section", "nested"],
)
def test_the_boxes_may_differ_in_what_is_not_the_word(
    name: str, box: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    hashes = ("abcde", "fghij", "klmno", "pqrst", "uvwxy")
    body = "".join(
        box.format(name=name, number=number, hash=hashes[number], text=text)
        for number, text in enumerate(story.paragraphs)
    )
    assert read_text(read_html, story, body) == joined(story)


@pytest.mark.parametrize("name", CLUTTER_NAMES)
def test_part_of_a_text_in_a_box_named_like_clutter_is_kept(
    name: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    parts = [f"<p>{each}</p>" for each in story.paragraphs]
    body = f'{"".join(parts[:3])}<div class="{name}">{"".join(parts[3:])}</div>'
    assert read_text(read_html, story, body) == joined(story)


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("name", ["widget-p", "notice-p", "intro-date", "search-hit", "series"])
def test_a_paragraph_that_others_follow_is_text_whatever_its_class(
    name: str, number: int, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    for language in ("en", "ja", "ru"):
        story = stories[language]
        parts = [f"<p>{each}</p>" for each in story.paragraphs]
        parts[number] = parts[number].replace("<p>", f'<p class="{name}">')
        assert read_text(read_html, story, "".join(parts)) == joined(story)


def test_page_builders_name_all_their_boxes_widgets(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    """As Elementor names them; each box has an identifier of its own."""
    story = stories["en"]
    body = "".join(
        f'<section class="elementor-section elementor-element elementor-element-{number}f1a">'
        f'<div class="elementor-widget-wrap"><div class="elementor-element elementor-element-{number}b2c'
        ' elementor-widget elementor-widget-text-editor"><div class="elementor-widget-container">'
        f"<p>{text}</p></div></div></div></section>"
        for number, text in enumerate(story.paragraphs)
    )
    assert read_text(read_html, story, body) == joined(story)


def test_chapters_keep_their_headings(stories: dict[str, "Story"], read_html: ReadHtml) -> None:
    story = stories["en"]
    body = "".join(
        f'<section class="card"><h2 class="widget-title">Part {number}</h2><p>{text}</p></section>'
        for number, text in enumerate(story.paragraphs)
    )
    text = read_text(read_html, story, body)
    assert all(each in text for each in story.paragraphs)
    assert "Part 3" in text


@pytest.mark.parametrize(
    "clutter",
    [
        '<div class="card"><a href="/{number}">{other}</a><p>{about}</p></div>',
        '<div class="related-box"><p><a href="/{number}">{about}</a></p></div>',
        '<p class="read-more"><a href="/{number}">{other}</a></p>',
        '<div class="photo-box"><img src="/{number}.jpg"><p>{about}</p></div>',
    ],
    ids=["cards", "links", "paragraphs", "pictures"],
)
def test_boxes_with_links_or_pictures_are_no_text(
    clutter: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    others = "".join(
        clutter.format(number=number, other=other, about=story.about.format(other))
        for number, other in enumerate(story.others)
    )
    assert read_text(read_html, story, story.body(), f"<div>{others}</div>") == joined(story)
    assert read_text(read_html, story, story.body() + others) == joined(story)


@pytest.mark.parametrize(
    "names",
    ["relative", "print:px-6", "md:hidden", "overflow-x-hidden", "hidden-print", "d-lg-none",
     "hide-for-small", "after:[content-nav]"],
)  # fmt: skip
def test_words_on_looks_say_nothing_of_what_a_box_holds(names: str) -> None:
    assert not element_names.is_clutter("div", names)


@pytest.mark.parametrize("names", ["hidden", "relativeNews", "related relative", "md:flex sidebar"])
def test_words_on_contents_still_count(names: str) -> None:
    assert element_names.is_clutter("div", names)


def test_boxes_of_text_with_a_caption_word_are_no_captions(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    body = "".join(f'<div class="media-text"><p>{each}</p></div>' for each in story.paragraphs)
    picture = "<figure><img src=a.jpg><figcaption>The ferry in the port, seen from the pier.</figcaption></figure>"
    reading = read_html(
        f"<html lang=en><head><title>{story.title}</title></head><body><h1>{story.title}</h1>"
        f"<div>{body}{picture}</div></body></html>"
    )
    assert reading.article is not None
    assert reading.article.captions == ("The ferry in the port, seen from the pier.",)


def test_a_box_of_the_same_class_in_another_column_is_no_text(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    """As in pages made with Bootstrap, where everything is a card."""
    story = stories["en"]
    card = '<div class="{}"><div class="card"><div class="card-body">{}</div></div></div>'
    columns = card.format("col-md-8", story.body()) + card.format(
        "col-md-4", f"<p>{story.about.format('the printed paper')}</p>"
    )
    assert read_text(read_html, story, f'<div class="row">{columns}</div>') == joined(story)


@pytest.mark.parametrize(
    "layout",
    [
        '<div class="swiper-wrapper">{slides}</div>',
        '<div class="tab-content"><div class="tab-pane">{all}</div></div>',
        '<div id="printArea">{all}</div>',
        '<div class="accordion">{panels}</div>',
        '<div><div class="card-body">{start}</div><div class="card-body">{end}</div></div>',
        '<div><div><p class="search-hit">{long}</p></div><div><p class="search-hit">{rest}</p></div></div>',
    ],
    ids=["slides", "tab", "identifier", "accordion", "two cards", "two paragraphs"],
)
def test_containers_and_their_parts_may_both_be_named_like_clutter(
    layout: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    body = layout.format(
        all=story.body(),
        slides="".join(
            f'<div class="swiper-slide"><p>{each}</p></div>' for each in story.paragraphs
        ),
        panels="".join(
            f'<div class="collapse" id="c{number}"><div class="modal-text"><p>{each}</p></div></div>'
            for number, each in enumerate(story.paragraphs)
        ),
        start=story.body(4),
        end=f"<p>{story.paragraphs[4]}</p>",
        long="<br><br>".join(story.paragraphs[:4]),
        rest=story.paragraphs[4],
    )
    assert read_text(read_html, story, body) == joined(story)
