"""Which boxes of a page hold the text: parts before and after pictures, and what is not the text."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from crawler.extract.extraction import Extraction

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]


def read_text(read_html: ReadHtml, story: "Story", body: str) -> str:
    html = (
        f'<html lang="{story.language}"><head><title>{story.title}</title></head>'
        f"<body>{body}</body></html>"
    )
    reading = read_html(html)
    assert reading.article is not None, reading.reason
    return reading.article.text


def joined(story: "Story") -> str:
    return "\n\n".join(story.paragraphs)


def paragraphs(story: "Story", start: int = 0, end: int | None = None) -> str:
    return "".join(f"<p>{each}</p>" for each in story.paragraphs[start:end])


@pytest.mark.parametrize(
    "first",
    [
        '<div class="opening">{}</div>',
        "{}",
        "<strong>{}</strong>",
        '<span class="start">{}</span>',
        "<h2>{}</h2>",
        '<div class="top">{}</div><img src="a.jpg">',
        "<font size=4>{}</font><br><br>",
    ],
)
def test_a_first_paragraph_that_is_no_p_is_kept(
    first: str, story: "Story", read_html: ReadHtml
) -> None:
    body = (
        f"<article><h1>{story.title}</h1>{first.format(story.paragraphs[0])}"
        f'<div class="story">{paragraphs(story, 1)}</div></article>'
    )
    assert read_text(read_html, story, body) == joined(story)


@pytest.mark.parametrize(
    "between",
    [
        "<figure><img src=a.jpg><figcaption>The port.</figcaption></figure>",
        "<video src=a.mp4></video>",
        '<div class="ad">Advertisement</div>',
        "<iframe src=https://video.example/1></iframe>",
        "<aside><h3>Related</h3><ul><li><a href=/1>The lighthouse becomes a hostel</a></li></ul></aside>",
    ],
    ids=["picture", "video", "advert", "frame", "related"],
)
@pytest.mark.parametrize(
    "layout",
    [
        '<div class="a1">{start}</div>{between}<div class="b2">{end}</div>',
        '<div class="a1">{start}</div>{between}{end}',
        '<div class="a1">{start}{between}{end}</div>',
        '<div><div class="a1">{start}</div></div>{between}<div><div class="a1">{end}</div></div>',
    ],
    ids=["two boxes", "no box", "one box", "twins"],
)
def test_the_text_goes_on_after_what_interrupts_it(
    layout: str, between: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    for language in ("en", "ko", "zh"):
        story = stories[language]
        body = layout.format(
            start=paragraphs(story, 0, 3), between=between, end=paragraphs(story, 3)
        )
        html = f"<article><h1>{story.title}</h1>{body}</article>"
        assert read_text(read_html, story, html) == joined(story)


def test_many_boxes_of_one_class_are_read_with_tools_between_them(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    tools = (
        f"<ul>{''.join(f'<li>Tool {i} of the bar that stands here</li>' for i in range(8))}</ul>"
    )
    texts = [
        each.replace("the", word) for word in ("the", "this", "that") for each in story.paragraphs
    ]
    boxes = "".join(f"<section><div class=q><p>{each}</p></div>{tools}</section>" for each in texts)
    assert read_text(read_html, story, f"<h1>{story.title}</h1>{boxes}") == "\n\n".join(texts)


@pytest.mark.parametrize(
    "layout",
    [
        "<table>{rows}</table>",
        "<table><tr><td><table>{rows}</table></td><td><a href=/1>One</a></td></tr></table>",
        "<dl>{terms}</dl>",
        "<div>{breaks}</div>",
        "<center><font size=3>{breaks}</font></center>",
        "<pre>{lines}</pre>",
    ],
    ids=["rows", "nested tables", "definitions", "breaks", "font", "pre"],
)
def test_old_layouts_are_read(layout: str, story: "Story", read_html: ReadHtml) -> None:
    body = layout.format(
        rows="".join(f"<tr><td>{each}</td></tr>" for each in story.paragraphs),
        terms="".join(f"<dt>{i}.</dt><dd>{each}</dd>" for i, each in enumerate(story.paragraphs)),
        breaks="<br><br>".join(story.paragraphs),
        lines="\n\n".join(story.paragraphs),
    )
    text = read_text(read_html, story, f"<h1>{story.title}</h1>{body}")
    assert all(each in text for each in story.paragraphs)


@pytest.mark.parametrize(
    "capital",
    [
        '<span class="dropcap">{}</span>',
        "<b>{}</b>",
        '<div class="drop-cap">{}</div><p>',
        "<p>{}</p>",
    ],
)
@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "ru"])
def test_a_drop_cap_belongs_to_its_word(
    capital: str, language: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories[language]
    first = story.paragraphs[0]
    html = (
        f"<h1>{story.title}</h1><div><p>{capital.format(first[0])}{first[1:]}</p>"
        f"{paragraphs(story, 1)}</div>"
    )
    assert read_text(read_html, story, html) == joined(story)


def teasers(story: "Story", form: str) -> str:
    return "".join(
        form.format(number=number, other=other, about=story.about.format(other))
        for number, other in enumerate(story.others)
    )


@pytest.mark.parametrize(
    ("box", "form"),
    [
        ("dl", "<dt>10:0{number} <a href=/{number}>{other}</a></dt><dd>{about}</dd>"),
        ("table", "<tr><td><a href=/{number}>{other}</a></td></tr><tr><td>{about}</td></tr>"),
        (
            "table",
            "<tr><td><a href=/{number}>{other}</a><p>.</p>{about}</td></tr><tr><td><p>.</p></td></tr>",
        ),
        (
            "div",
            "<div class=n{number}><div><a href=/{number}>{other}</a></div><div>{about}</div></div>",
        ),
        ("ul", "<li><a href=/{number}>{other}</a> <span class=t>{about}</span></li>"),
        ("div", "<p><b><a href=/{number}>{other}</a></b>: {about}</p>"),
        ("ul", "<li class=n{number}><a href=/{number}>{other}</a><p>{about}</p></li>"),
        (
            "section",
            "<h4><a href=/{number}>{other}</a></h4><span>12:3{number}</span><p>{about}</p>",
        ),
    ],
    ids=["terms", "rows", "rows with separators", "boxes", "lines", "bold", "items", "headings"],
)
def test_a_list_of_news_below_the_text_is_no_text(
    box: str, form: str, story: "Story", read_html: ReadHtml
) -> None:
    news = f"<{box}>{teasers(story, form)}</{box}>"
    html = f"<div><h1>{story.title}</h1><div>{paragraphs(story)}</div>{news}</div>"
    assert read_text(read_html, story, html) == joined(story)


def test_a_round_up_whose_items_have_linked_headlines_keeps_its_text(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    items = teasers(story, "<h3><a href=/{number}>{other}</a></h3><p>{about}</p>")
    html = f"<article><h1>{story.title}</h1><p>{story.paragraphs[0]}</p>{items}</article>"
    text = read_text(read_html, story, html)
    assert story.about.format(story.others[3]) in text


TERMS = (
    "<p>Users keep to the rules of the house, and to the law of the land in which they live.</p>"
    "<p>Comments that offend others, that advertise or that repeat themselves are removed at once.</p>"
    "<p>The house may close an account without notice if its owner breaks one of these rules.</p>"
)


@pytest.mark.parametrize(
    "place", ["<div class=x1>{}</div>", "<section>{}</section>", "<div><ul>{}</ul></div>"]
)
def test_terms_below_the_box_with_the_headline_are_no_text(
    place: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    for language in ("en", "fr"):
        story = stories[language]
        html = (
            f"<div class=x0><h1>{story.title}</h1><div class=x2>{paragraphs(story)}</div></div>"
            f"<h3>House rules</h3>{place.format(TERMS)}"
        )
        assert read_text(read_html, story, html) == joined(story)


@pytest.mark.parametrize(
    "box",
    ["<section>{}</section>", '<div class="page">{}</div>', '<div class="part p{number}">{}</div>'],
)
def test_later_chapters_beside_the_box_with_the_headline_are_text(
    box: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    first = box.format(f"<h1>{story.title}</h1>{paragraphs(story, 0, 4)}", number=1)
    html = f"<main>{first}{box.format(paragraphs(story, 4), number=2)}</main>"
    assert read_text(read_html, story, html) == joined(story)


def test_a_digest_of_several_paragraphs_is_left_out(story: "Story", read_html: ReadHtml) -> None:
    digest = " ".join(story.paragraphs[:3])
    html = f"<h1>{story.title}</h1><div><div class=s>{digest}</div>{paragraphs(story)}</div>"
    assert read_text(read_html, story, html) == joined(story)


def test_code_that_a_broken_tag_shows_is_no_text(story: "Story", read_html: ReadHtml) -> None:
    code = '"; $(function(){ var id = $("#form").val(); load(id, function(json) { show(json, 1); }); });'
    html = f"<div><h1>{story.title}</h1>{paragraphs(story)}</div><div class=c>{code * 30}</div>"
    assert read_text(read_html, story, html) == joined(story)


@pytest.mark.parametrize(
    "rest", ['<div class="more">{}</div>', "<section>{}</section>", "<div><div>{}</div></div>"]
)
def test_a_short_first_part_beside_the_headline_does_not_hide_the_rest(
    rest: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    more = [each.replace("the", word) for word in ("this", "that") for each in story.paragraphs]
    below = "".join(f"<p>{each}</p>" for each in more)
    html = (
        f'<div class="page"><div class="top"><h1>{story.title}</h1>{paragraphs(story)}</div>'
        f"{rest.format(below)}</div>"
    )
    assert read_text(read_html, story, html) == "\n\n".join([*story.paragraphs, *more])
    bare = html.removeprefix('<div class="page">').removesuffix("</div>")
    assert read_text(read_html, story, bare) == "\n\n".join([*story.paragraphs, *more])


def test_a_house_text_far_below_does_not_replace_the_text_below_the_headline(
    stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    for language in ("en", "ko", "ru"):
        story = stories[language]
        menu = "".join(f"<li>Part {number} of the house</li>" for number in range(60))
        html = (
            f"<div class=x1><h1>{story.title}</h1><div class=x2>{paragraphs(story)}</div></div>"
            f"<ul>{menu}</ul><noindex><div class=x3>{TERMS * 4}</div></noindex>"
        )
        assert read_text(read_html, story, html) == joined(story)


@pytest.mark.parametrize(
    "between",
    [
        "",
        "<img src=a.jpg>",
        "<figure><figcaption>The port.</figcaption></figure>",
        "<aside>Advert</aside>",
    ],
)
def test_a_tail_below_the_box_with_the_headline_is_text(
    between: str, story: "Story", read_html: ReadHtml
) -> None:
    html = (
        f"<main><div class=top><h1>{story.title}</h1>{paragraphs(story, 0, 4)}</div>{between}"
        f"<section class=bottom>{paragraphs(story, 4)}</section></main>"
    )
    assert read_text(read_html, story, html) == joined(story)
