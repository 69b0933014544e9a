"""Pages with several dates: which one is the article's, and when there is none."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from crawler.extract.extraction import extract_page
from crawler.extract.page.page import Page
from crawler.outlet import Outlet

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

VISIT = datetime(2026, 11, 22, 12, tzinfo=UTC)
Read = Callable[..., str | None]


@pytest.fixture
def read(stories: dict[str, "Story"], unknown: type[Outlet]) -> Read:
    """Read the date of a page with parts in its head, above, behind and below the headline."""

    def reading(
        *,
        head: str = "",
        masthead: str = "",
        above: str = "",
        behind: str = "",
        below: str = "",
        outside: str = "",
        language: str = "en",
        url: str = "https://example.com/news/ferry",
        visit: datetime | None = VISIT,
    ) -> str | None:
        story = stories[language]
        html = (
            f"<html lang={language}><head><title>{story.title}</title>{head}</head><body>{masthead}"
            f"<article>{above}<h1>{story.title}</h1>{behind}<div class=text>{story.body()}</div>{below}"
            f"</article>{outside}<footer>© {story.site}</footer></body></html>"
        )
        found = extract_page(Page(html.encode(), url, fetched_at=visit), unknown).published
        if found is None:
            return None
        return found.at.strftime("%Y-%m-%d %H:%M" if found.has_time else "%Y-%m-%d")

    return reading


MASTHEADS = [
    ("<div class=today>Sunday, November 22, 2026</div>", "en"),
    ("<header><span>Sunday, November 22, 2026 | Rain</span></header>", "en"),
    ("<div id=top><p>2026년 11월 22일 (일)</p></div>", "ko"),
    ("<div class=x1><p>2026年11月22日 星期日</p></div>", "zh"),
    ("<div class=x1><p>2026年11月22日(日)</p></div>", "ja"),
    ("<div class=x1><span>Воскресенье, 22 ноября 2026</span></div>", "ru"),
    ("<div class=x1><span>Domingo, 22 de noviembre de 2026</span></div>", "es"),
]


@pytest.mark.parametrize(("masthead", "language"), MASTHEADS)
def test_todays_date_in_the_head_of_the_page_is_not_the_articles(
    read: Read, masthead: str, language: str
) -> None:
    assert read(masthead=masthead, language=language) is None
    assert read(masthead=masthead, language=language, visit=None) is None
    url = "https://example.com/2025/09/05/ferry"
    assert read(masthead=masthead, language=language, url=url) == "2025-09-05"
    behind = "<p>2025-09-05 18:45</p>"
    assert read(masthead=masthead, language=language, behind=behind) == "2025-09-05 18:45"


@pytest.mark.parametrize("is_marked", [True, False])
def test_todays_date_is_told_without_a_mark_of_the_article(
    read: Read, unknown: type[Outlet], stories: dict[str, "Story"], is_marked: bool
) -> None:
    story = stories["en"]
    masthead = "Sunday, November 22, 2026" if is_marked else "November 22, 2026 11:58 AM GMT"
    html = f"<body><p>{masthead}</p><div><h1>{story.title}</h1>{story.body()}</div></body>"
    found = extract_page(Page(html.encode(), "https://example.com/a", fetched_at=VISIT), unknown)
    assert found.published is None


def test_todays_date_is_told_on_a_page_without_a_headline(
    unknown: type[Outlet], stories: dict[str, "Story"]
) -> None:
    story = stories["en"]
    head = f'<meta property="og:title" content="{story.title}">'
    for masthead in ("<p>Sunday, November 22, 2026</p>", "<header>Saturday, May 2, 2026</header>"):
        html = f"<head>{head}</head><body>{masthead}<div>{story.body()}</div></body>"
        for url, day in (
            ("https://example.com/2025/09/05/a", "2025-09-05"),
            ("https://example.com/a", None),
        ):
            found = extract_page(Page(html.encode(), url, fetched_at=VISIT), unknown).published
            assert (found.at.date().isoformat() if found else None) == day


def test_an_older_date_above_the_headline_is_the_articles(read: Read) -> None:
    assert read(above="<p class=date>September 5, 2025</p>") == "2025-09-05"
    assert read(above="<div><p>September 5, 2025 6:45 p.m.</p></div>") == "2025-09-05 18:45"


COMMENTS = [
    "<section class=comments><h3>Comments</h3><div><span>August 27, 2018 10:05 am</span><p>So foggy.</p></div></section>",
    "<div class=x7><div><b>reader</b> <span>27.08.2018 10:05</span><p>I saw them at the pier.</p></div></div>",
    "<ol id=comments-list><li><time datetime='2018-08-27T10:05:00Z'>27 August 2018</time><p>So foggy.</p></li></ol>",
    "<ol class=comment-list><li><time pubdate datetime='2018-08-27T10:05:00Z'>27 August 2018</time></li></ol>",
    "<div class=reply>2018-08-27 10:05</div>",
    "<div itemprop=comment itemtype='https://schema.org/Comment'><meta itemprop=datePublished content='2018-08-27T10:05:00Z'></div>",
]


@pytest.mark.parametrize("comments", COMMENTS)
def test_the_date_of_a_comment_is_not_the_articles(read: Read, comments: str) -> None:
    assert read(outside=comments) is None
    assert read(outside=comments, behind="<p>5 September 2025</p>") == "2025-09-05"


def test_a_comment_in_the_article_is_told_by_the_sentence_behind_its_date(read: Read) -> None:
    comment = (
        "<div><b>Reader</b><p>2018-08-27 10:05</p><p>I saw them at the pier that day.</p></div>"
    )
    assert read(below=comment) is None
    assert (
        read(below="<p>2025-09-05 18:45</p><p>© Coastal Courier. All rights.</p>")
        == "2025-09-05 18:45"
    )


RELATED = [
    "<aside><ul><li><a href=/1>Library opens</a> <p>2018-08-27 10:05</p></li></ul></aside>",
    "<div class=related><p>2018-08-27</p></div>",
    "<ul><li><a href=/1>Library</a><p>2018-08-27</p></li><li><a href=/2>Trains</a><p>2019-01-02</p></li></ul>",
    "<blockquote>— Harbour (@harbour) <p>August 27, 2018</p></blockquote>",
    "<p>© 2018.08.27 Coastal Courier. All rights reserved.</p>",
]


@pytest.mark.parametrize("related", RELATED)
def test_dates_of_related_articles_and_notices_are_not_the_articles(
    read: Read, related: str
) -> None:
    assert read(below=related) is None


def test_a_date_at_the_end_of_the_article_is_the_articles(read: Read) -> None:
    assert read(below="<p>Published on 2025-09-05 18:45</p>") == "2025-09-05 18:45"
    assert read(below="<footer>First published on September 5, 2025</footer>") == "2025-09-05"


UPDATES = [
    ("<p>Updated: September 6, 2025 10:00</p>", "en"),
    ("<p>최종수정 2025.09.06 10:00</p>", "ko"),
    ("<p>更新 2025年9月6日 10時00分</p>", "ja"),
    ("<p>Обновлено 06.09.2025 10:00</p>", "ru"),
    ("<p>Actualizado el 06/09/2025 10:00</p>", "es"),
    ("<p>Mis à jour le 6 septembre 2025 à 10h00</p>", "fr"),
    ("<p>Aktualisiert am 6. September 2025, 10:00 Uhr</p>", "de"),
    ("<time datetime='2025-09-06T10:00:00Z'>Updated Sept. 6, 2025</time>", "en"),
    ("<time itemprop=dateModified datetime='2025-09-06T10:00:00Z'>Updated Sept. 6, 2025</time>", "en"),
]  # fmt: skip


@pytest.mark.parametrize(("update", "language"), UPDATES)
def test_the_time_of_an_update_is_not_that_of_publication(
    read: Read, update: str, language: str
) -> None:
    assert read(behind=update, language=language) is None
    url = "https://example.com/2025/09/05/ferry"
    assert read(behind=update, language=language, url=url) == "2025-09-05"


@pytest.mark.parametrize(
    "line",
    [
        "<time itemprop=dateModified datetime='2025-09-06T19:20:45Z'>05/09/2025 18:45 | Actualizado a 06/09/2025 19:20</time>",
        "<p>Aktualizacja: 06.09.2025 19:45 Publikacja: 05.09.2025 18:45</p>",
        "<p>Kemas kini 06.09.2025 19:45, terbit 05.09.2025 18:45</p>",
    ],
)
def test_of_two_times_in_a_line_the_earlier_is_that_of_publication(read: Read, line: str) -> None:
    assert read(behind=line, language="es") == "2025-09-05 18:45"


@pytest.mark.parametrize("name", ["article:modified_time", "last-modified", "revision_date"])
def test_metadata_of_the_last_change_alone_give_no_date(read: Read, name: str) -> None:
    assert read(head=f'<meta property="{name}" content="2025-09-06T10:00:00Z">') is None


def test_metadata_of_the_visit_yield_to_the_address_and_to_print(read: Read) -> None:
    head = '<meta name="date" content="2026-11-22">'
    assert read(head=head, url="https://example.com/2025/09/05/ferry") == "2025-09-05"
    assert read(head=head, url="https://example.com/2025/0905/ferry.html") == "2025-09-05"
    assert read(head=head, behind="<p>5 September 2025</p>") == "2025-09-05"
    stated = '<meta property="article:published_time" content="2026-11-22T11:59:00Z">'
    assert read(head=stated, url="https://example.com/2025/sep/05/ferry") == "2025-09-05"


def test_metadata_of_a_vague_name_yield_to_the_printed_clock(read: Read) -> None:
    head = '<meta name="dc.date" content="2025-09-01">'
    assert read(head=head, behind="<p>September 5, 2025</p>") == "2025-09-05"
    head = '<meta name="pubdate" content="2025-09-01T10:00:00Z">'
    assert read(head=head, behind="<p>September 5, 2025</p>") == "2025-09-01 10:00"
    assert read(head=head, behind="<p>September 5, 2025 18:45</p>") == "2025-09-05 18:45"
    # On the same day, a clock that no zone explains is that of a draft or of an update.
    head = '<meta name="date" content="2025-09-05T11:54:51+00:00">'
    assert read(head=head, behind="<p>September 5, 2025 08:30 GMT</p>") == "2025-09-05 08:30"
    assert read(head=head, behind="<p>September 5, 2025 20:54 KST</p>") == "2025-09-05 11:54"
    stated = '<meta property="article:published_time" content="2025-09-01T10:00:00Z">'
    assert read(head=stated, behind="<p>September 5, 2025 18:45</p>") == "2025-09-01 10:00"


def test_a_day_off_in_the_address_does_not_matter(read: Read) -> None:
    stated = '<meta property="article:published_time" content="2025-09-06T10:00:00Z">'
    assert read(head=stated, url="https://example.com/2025/09/05/ferry") == "2025-09-06 10:00"


def test_the_date_of_a_checked_claim_is_not_the_articles(read: Read) -> None:
    claim = (
        '<script type="application/ld+json">{"@type": "ClaimReview", "datePublished": "2018-08-27",'
        ' "itemReviewed": {"@type": "Claim", "datePublished": "2017-01-02"}}</script>'
    )
    assert read(head=claim) is None
    assert read(head=claim, behind="<p>September 5, 2025 18:45</p>") == "2025-09-05 18:45"


def test_the_date_in_a_caption_is_not_the_articles(read: Read) -> None:
    caption = "<figure><figcaption>The pier on July 13, 2021. AFP</figcaption></figure>"
    assert read(behind=caption) is None
    behind = f"{caption}<p>September 5, 2025 18:45</p>"
    assert read(behind=behind) == "2025-09-05 18:45"
    assert read(behind="<p>The pier on July 13, 2021. AFP</p><p>Sept. 5, 2025</p>") == "2025-09-05"


def test_a_clock_in_the_line_beside_the_day_belongs_to_it(read: Read) -> None:
    assert read(behind="<p>18:45</p><p>05.09.2025</p>", language="ru") == "2025-09-05 18:45"
    assert read(behind="<div>05.09.2025</div><div>18:45</div>", language="ru") == "2025-09-05 18:45"
    links = "<p>5 September 2025, 18:45 <a href=/print>Print this page</a> <a href=/mail>Send it</a></p>"
    assert read(behind=links) == "2025-09-05 18:45"


@pytest.mark.parametrize(
    ("line", "language", "expected"),
    [
        ("2019年02月22日 14時30分 公開", "ja", "2019-02-22 14:30"),
        ("28.11.201118:56 МСК", "ru", "2011-11-28 18:56"),
        ("05.01.2012, Тирасполь 00:16:06", "ru", "2012-01-05 00:16"),
        ("2011年12月15日23:59 来源：海岸日报", "zh", "2011-12-15 23:59"),
        ("<span>28.11.2011</span>18:56", "ru", "2011-11-28 18:56"),
        ("18:56, 28 ноября 2011 года", "ru", "2011-11-28 18:56"),
        ("28 ноября 2011 | 18:56", "ru", "2011-11-28 18:56"),
        ("Сегодня, 28 ноября 2011, 18.56", "ru", "2011-11-28 18:56"),
    ],
)
def test_a_printed_clock_is_not_lost(read: Read, line: str, language: str, expected: str) -> None:
    assert read(behind=f"<p>{line}</p>", language=language) == expected


def test_the_clock_of_a_line_without_a_year_belongs_to_the_day_of_the_address(read: Read) -> None:
    url = "https://example.com/2025/09/05/ferry"
    assert read(behind="<p>5 сентября, 18:45</p>", language="ru", url=url) == "2025-09-05 18:45"
    assert read(behind="<p>[09月05日 18時45分]</p>", language="ja", url=url) == "2025-09-05 18:45"
    assert read(behind="<p>6 сентября, 18:45</p>", language="ru", url=url) == "2025-09-05"
    assert read(behind="<p>Updated 5 September, 18:45</p>", url=url) == "2025-09-05"
