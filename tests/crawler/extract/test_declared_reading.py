"""Pages of an outlet with rules: what they give is taken, what they lack is found elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from crawler.extract.extraction import Extraction, extract_page
from crawler.extract.page.page import Page
from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Link
from storage.records import Article, PageClass, TimePrecision

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

Declare = Callable[..., type[Outlet]]
URL = "https://courier.example/story/77"


def article(reading: Extraction) -> Article:
    assert reading.article is not None, reading.reason
    return reading.article


def page(story: "Story", extra: str = "", time: str = "2024-03-14T09:30") -> Page:
    html = (
        f"<html><head><title>x</title></head><body><main class=story><h1 class=head>{story.title}</h1>"
        f"<time datetime='{time}'></time><span class=writer>By Anna Harbour</span>{extra}"
        f"<figure><figcaption>The ferry leaves.</figcaption></figure>{story.body()}"
        "<div class=box><p>Boxed words that are no part of it.</p></div><p>Photo: a reader</p>"
        "<p>(END)</p><p>Copyright line and whatever follows it.</p></main></body></html>"
    )
    return Page(html.encode(), URL)


def test_rules_give_the_fields(stories: dict[str, "Story"], courier: type[Outlet]) -> None:
    story = stories["en"]
    found = article(extract_page(page(story), courier))
    assert found.title == story.title
    assert found.text == "\n\n".join(story.paragraphs)
    assert found.key == "77"
    assert found.authors == ("Anna Harbour",)
    assert found.captions == ("The ferry leaves.",)
    assert found.published_at is not None
    assert found.published_at.isoformat() == "2024-03-14T09:30:00+09:00"
    assert found.published_precision is TimePrecision.MINUTE
    assert found.language == "en"
    assert found.rights == "full"


def test_the_evidence_names_the_selectors(
    stories: dict[str, "Story"], courier: type[Outlet]
) -> None:
    evidence = extract_page(page(stories["en"]), courier).evidence
    assert evidence["text"] == "rules main.story > p"
    assert evidence["title"] == "rules h1.head"
    assert evidence["published_at"] == "rules time@datetime"


def test_a_page_that_the_rules_fit_is_not_searched_as_a_whole(
    stories: dict[str, "Story"], courier: type[Outlet]
) -> None:
    saved = page(stories["en"])
    extract_page(saved, courier)
    assert "outline" not in vars(saved)


def test_a_layout_that_is_gone_is_still_read_by_its_rules(
    stories: dict[str, "Story"], courier: type[Outlet]
) -> None:
    story = stories["en"]
    html = (
        f"<html><body><b id=old-title>{story.title}</b><i id=old-date>March 14, 2009</i>"
        f"<div id=old-text>{'<br><br>'.join(story.paragraphs)}</div></body></html>"
    )
    found = article(extract_page(Page(html.encode(), URL), courier))
    assert (found.title, found.text) == (story.title, "\n\n".join(story.paragraphs))


def test_where_no_rule_fits_the_page_is_read_as_an_unknown_one_and_flagged(
    stories: dict[str, "Story"], courier: type[Outlet]
) -> None:
    story = stories["en"]
    html = f"<html><body><h1>{story.title}</h1><div class=new>{story.body()}</div></body></html>"
    reading = extract_page(Page(html.encode(), URL), courier)
    assert article(reading).text == "\n\n".join(story.paragraphs)
    assert "rules-missed" in reading.flags
    assert reading.evidence["text"] == "text density"


def test_rules_that_select_only_the_beginning_are_overruled_and_flagged(
    stories: dict[str, "Story"], declare: Declare
) -> None:
    story = stories["en"]
    partial = declare(rules=(Rules(title="h1", body="div.text > p:first-of-type"),))
    html = f"<html><body><h1>{story.title}</h1><div class=text>{story.body()}</div></body></html>"
    reading = extract_page(Page(html.encode(), URL), partial)
    assert article(reading).text == "\n\n".join(story.paragraphs)
    assert "rules-partial" in reading.flags


def test_rules_that_select_another_text_are_overruled_and_flagged(
    stories: dict[str, "Story"], declare: Declare
) -> None:
    story = stories["en"]
    stray = declare(rules=(Rules(title="h1", body="aside.box > p"),))
    html = (
        f'<html><head><meta name=description content="{story.paragraphs[0]}"></head><body><h1>{story.title}'
        f"</h1><div class=new>{story.body()}{story.body()}</div>"
        f"<aside class=box><p>{story.summary}</p></aside></body></html>"
    )
    reading = extract_page(Page(html.encode(), URL), stray)
    assert article(reading).text == "\n\n".join(story.paragraphs)
    assert "rules-doubtful" in reading.flags


def test_on_a_page_of_a_new_layout_old_selectors_give_no_strange_title_and_date(
    stories: dict[str, "Story"], courier: type[Outlet]
) -> None:
    story = stories["en"]
    html = (
        f'<html><head><meta property="og:title" content="{story.title}">'
        '<meta property="article:published_time" content="2024-03-14T09:30:00+09:00"></head><body>'
        '<main class=story><h1 class=head>Most read</h1><time datetime="2023-01-01T10:00"></time></main>'
        f"<h2>{story.title}</h2><div class=new>{story.body()}</div></body></html>"
    )
    found = article(extract_page(Page(html.encode(), URL), courier))
    assert found.title == story.title
    assert found.published_at is not None
    assert found.published_at.date().isoformat() == "2024-03-14"


def test_a_sold_text_that_a_script_holds_is_not_taken(
    stories: dict[str, "Story"], declare: Declare
) -> None:
    story = stories["en"]
    hidden = " ".join(story.paragraphs).replace('"', "'")
    block = f'{{"@type":"NewsArticle","headline":"{story.title}","articleBody":"{hidden}"}}'
    html = (
        f'<html><head><script type="application/ld+json">{block}</script></head><body>'
        f"<h1>{story.title}</h1><div class=text>{story.body(1)}</div></body></html>"
    )
    free, sold = declare(rules=()), declare(rules=(), paywalled=True)
    assert story.paragraphs[-1] in article(extract_page(Page(html.encode(), URL), free)).text
    assert article(extract_page(Page(html.encode(), URL), sold)).text == story.paragraphs[0]


def test_the_date_of_capture_decides_between_layouts_that_both_fit(
    stories: dict[str, "Story"], declare: Declare
) -> None:
    old = Rules(until=date(2020, 12, 31), title=".old", body="main > p")
    dated = declare(name="dated", rules=(old, Rules(title=".new", body="main > p")))
    heads = "<b class=old>Old headline here</b><b class=new>New headline here</b>"
    html = f"<main>{heads}{stories['en'].body()}</main>".encode()
    for year, title in ((2019, "Old headline here"), (2024, "New headline here")):
        saved = Page(html, URL, fetched_at=datetime(year, 5, 1, tzinfo=UTC))
        assert article(extract_page(saved, dated)).title == title


def test_the_listing_gives_what_the_page_lacks(
    stories: dict[str, "Story"], courier: type[Outlet]
) -> None:
    story = stories["en"]
    link = Link(
        url=URL,
        title="From the list",
        published_at=datetime(2024, 3, 14, 0, 30, tzinfo=UTC),
        published_precision="minute",
        lead="What the feed said.",
        tags=("ferry",),
    )
    html = f"<html><body><main class=story>{story.body()}</main></body></html>"
    found = article(extract_page(Page(html.encode(), URL), courier, link))
    assert (found.title, found.lead, found.tags) == ("From the list", link.lead, ("ferry",))
    assert found.published_at == link.published_at
    assert found.published_source == "listing"


def test_a_day_on_the_page_takes_its_clock_from_the_listing(
    stories: dict[str, "Story"], courier: type[Outlet]
) -> None:
    at = datetime(2024, 3, 14, 0, 30, tzinfo=UTC)
    link = Link(url=URL, published_at=at, published_precision="minute")
    found = article(extract_page(page(stories["en"], time="2024-03-14"), courier, link))
    assert found.published_at == at


def test_a_date_that_cannot_be_is_none_and_kept_as_printed(
    stories: dict[str, "Story"], courier: type[Outlet]
) -> None:
    found = article(extract_page(page(stories["en"], time="9999-01-01T00:00"), courier))
    assert found.published_at is None
    assert found.published_raw == "9999-01-01T00:00"


def test_the_dateline_and_the_capture_date_a_page_without_any_date(
    stories: dict[str, "Story"], courier: type[Outlet]
) -> None:
    story = stories["en"]
    body = story.body().replace("<p>The ferry", "<p>Pyongyang, December 28 (KCNA) -- The ferry", 1)
    html = f"<html><body><main class=story><h1 class=head>{story.title}</h1>{body}</main></body></html>"
    saved = Page(html.encode(), URL, fetched_at=datetime(2026, 1, 3, tzinfo=UTC))
    found = article(extract_page(saved, courier))
    assert str(found.published_at).startswith("2025-12-28")
    assert "dateline" in found.published_source


def test_hooks_prepare_the_page_and_finish_the_article(
    stories: dict[str, "Story"], declare: Declare
) -> None:
    def prepare(cls: type[Outlet], page: Page) -> Page:
        return page.with_html(page.html.replace("<raw>", "<main class=story>"))

    def finish(cls: type[Outlet], page: Page, article: Article) -> Article:
        return replace(article, section="Finished")

    story = stories["en"]
    hooked = declare(prepare=classmethod(prepare), finish=classmethod(finish))
    saved = Page(f"<raw><h1 class=head>{story.title}</h1>{story.body()}".encode(), URL)
    found = article(extract_page(saved, hooked))
    assert (found.text, found.section) == ("\n\n".join(story.paragraphs), "Finished")


def test_a_selector_that_is_not_css_is_named(stories: dict[str, "Story"], declare: Declare) -> None:
    with pytest.raises(ValueError, match="p:::"):
        extract_page(page(stories["en"]), declare(rules=(Rules(body="p:::"),)))


def test_a_leaders_name_in_its_own_tag_keeps_the_spaces_round_it(courier: type[Outlet]) -> None:
    body = "Respected Comrade <nobr><strong><font>Kim Won Su</font></strong></nobr> said that all was well."
    html = f"<main class=story><h1 class=head>A speech was made today</h1><p>{body}</p></main>"
    assert (
        "Comrade Kim Won Su said" in article(extract_page(Page(html.encode(), URL), courier)).text
    )


@pytest.mark.parametrize(
    "answer", [b"", b"<html></html>", b"\x00\x01\x02", b"<response/>"], ids=repr
)
def test_an_answer_without_an_article_is_an_error_with_a_reason(
    answer: bytes, courier: type[Outlet]
) -> None:
    reading = extract_page(Page(answer, URL), courier)
    assert (reading.page_class, reading.article) == (PageClass.ERROR, None)
    assert reading.reason


def test_reading_twice_gives_the_same(stories: dict[str, "Story"], courier: type[Outlet]) -> None:
    def once() -> Any:
        return extract_page(page(stories["en"]), courier)

    assert once() == once()
