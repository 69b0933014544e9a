"""A byline below the lead, a name that links to its author's page and a sign-off are read."""

from collections.abc import Callable

import pytest

from crawler.extract.extraction import Extraction
from crawler.extract.fields import bylines
from crawler.extract.page.page import Page
from tests.crawler.extract.conftest import STORIES, Story

ReadHtml = Callable[..., Extraction]

URL = "https://example.com/news/20240314-7"
LANGUAGES = sorted(STORIES)
AUTHOR_PAGES = (
    "/authors/anna-harbour",
    "/autor/12-anna-harbour",
    "/signataires/anna-harbour/",
    "/news/reporter/MDA2",
    "https://example.com/the-team/anna-harbour",
    "/web/list_author/477",
)
OTHER_PAGES = ("/topics/anna-harbour", "/", "#", "/news/20240313-2")
TOOLS = "".join(f"<div>{word}</div>" for word in ("Share", "Print", "Email", "0", "A", "A"))


def page_of(story: Story, below_headline: str, *, body: str = "") -> str:
    return (
        f"<html><head><title>{story.title}</title></head><body><h1>{story.title}</h1>"
        f"{below_headline}<div>{body or story.body()}</div></body></html>"
    )


def authors_of(reading: Extraction) -> tuple[str, ...]:
    assert reading.article is not None, reading.reason
    return tuple(reading.article.authors)


@pytest.mark.parametrize("lead", ["p", "h2", "div"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_byline_below_the_lead_is_read(lead: str, language: str, read_html: ReadHtml) -> None:
    story = STORIES[language]
    lines = f'<{lead}>{story.summary}</{lead}>{TOOLS}<p class="author">Anna Harbour</p>{TOOLS}'
    assert authors_of(read_html(page_of(story, lines), URL)) == ("Anna Harbour",)


def test_a_byline_below_a_lead_of_two_headings_is_read(read_html: ReadHtml) -> None:
    story = STORIES["en"]
    leads = "".join(f"<h2>{each}</h2>" for each in story.paragraphs[3:5])
    html = page_of(story, f"{leads}<p class=author-name>Anna Harbour</p>", body=story.body(3))
    assert authors_of(read_html(html, URL)) == ("Anna Harbour",)


@pytest.mark.parametrize("address", AUTHOR_PAGES)
@pytest.mark.parametrize("name", ["Anna Harbour", "Анна Морская", "王海子", "김바다"])
def test_a_name_that_links_to_its_authors_page_is_a_byline(
    name: str, address: str, read_html: ReadHtml
) -> None:
    html = page_of(STORIES["en"], f'<div><a href="{address}">{name}</a></div>')
    assert authors_of(read_html(html, URL)) == (name,)


@pytest.mark.parametrize("address", OTHER_PAGES)
def test_a_name_that_links_elsewhere_is_no_byline(address: str, read_html: ReadHtml) -> None:
    html = page_of(STORIES["en"], f'<div><a href="{address}">Anna Harbour</a></div>')
    assert authors_of(read_html(html, URL)) == ()


def test_an_author_page_linked_with_other_words_is_no_byline(read_html: ReadHtml) -> None:
    html = page_of(STORIES["en"], '<div><a href="/authors/anna">more from this writer</a></div>')
    assert authors_of(read_html(html, URL)) == ()


def test_a_link_shows_where_a_name_ends_and_a_role_begins(read_html: ReadHtml) -> None:
    link = '<a href="/autor/anna-hafen">Anna Hafen</a>'
    html = page_of(STORIES["de"], f"<div>Von {link} Landespolitische Korrespondentin</div>")
    assert authors_of(read_html(html, URL)) == ("Anna Hafen",)


def test_a_headline_in_a_menu_does_not_hide_the_byline(read_html: ReadHtml) -> None:
    story = STORIES["en"]
    menu = "".join(f'<li><a href="/s/{n}">Section {n}</a></li>' for n in range(60))
    html = page_of(story, "<p>By Anna Harbour</p>").replace(
        "<body>", f"<body><ul><li>{story.title}</li>{menu}</ul>"
    )
    page = Page(html.encode(), URL)
    near = bylines.find_surroundings(page.outline, "\n".join(story.paragraphs), story.title)
    assert [block.text for block in near.above] == ["By Anna Harbour"]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Anna Harbour On 3/14/24 at 9:30 AM", "Anna Harbour"),
        ("By Anna Harbour On March 14, 2024", "Anna Harbour"),
        ("By Anna On", "Anna On"),
    ],
)
def test_on_before_a_date_is_no_part_of_a_name(line: str, names: str) -> None:
    assert bylines.parse_byline(line) == names


@pytest.mark.parametrize(
    "line",
    [
        "HBC 뉴스 김바다입니다.",
        "HBC뉴스 김바다입니다.",
        "지금까지 서울에서 HBC뉴스 김바다였습니다.",
        "HBC 김바다입니다",
        "부산에서 HBC 뉴스 김바다이었습니다.",
    ],
)
def test_a_korean_sign_off_names_the_reporter(line: str) -> None:
    text = "\n".join([*STORIES["ko"].paragraphs, line])
    assert list(bylines.iter_bylines_in_text(text)) == ["김바다"]


@pytest.mark.parametrize(
    "line",
    [
        "그것이 항구의 소식입니다.",
        "새 항구는 부산입니다.",
        "HBC 뉴스 김바다입니다만 소식이 없습니다.",
    ],
)
def test_other_last_sentences_name_nobody(line: str) -> None:
    text = "\n".join([*STORIES["ko"].paragraphs, line])
    assert list(bylines.iter_bylines_in_text(text)) == []


@pytest.mark.parametrize("name", ["error-report", "reporterrbox", "author-location"])
def test_boxes_for_errors_and_places_are_no_bylines(name: str, read_html: ReadHtml) -> None:
    html = page_of(STORIES["en"], f'<div class="{name}">Harbour City</div>')
    assert authors_of(read_html(html, URL)) == ()
