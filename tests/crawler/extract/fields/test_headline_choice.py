"""Which of a page's titles is the headline, and where it ends: what independent places agree on."""

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

import pytest

from crawler.extract.extraction import Extraction

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]

MARKS = [" - ", " — ", " – ", " | ", "_", "-", " : ", ": ", " / ", " :: ", " » ", " · ", "--",
         "｜", "：", " // ", "――", " > "]  # fmt: skip


def page(
    story: "Story", title: str, *, head: str = "", above: str = "", below: str = "", text: str = ""
) -> str:
    links = "".join(f"<a href=/{i}>{other}</a>" for i, other in enumerate(story.others))
    return (
        f"<html lang={story.language}><head><title>{escape(title)}</title>{head}</head><body><nav>{links}</nav>"
        f"{above}<div class=c>{text or story.body()}</div>{below}<footer>© {story.site}</footer></body></html>"
    )


def headline(reading: Extraction) -> str:
    assert reading.article is not None, reading.reason
    return reading.article.title


def meta(name: str, value: str) -> str:
    return f'<meta property="{name}" content="{escape(value)}">'


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize(
    "printed",
    ["<h1>{}</h1>", "<div class=x>{}</div>", "<h1>Portal</h1><h3>{}</h3>", "<td><b>{}</b></td>"],
)
def test_a_title_ends_where_the_page_prints_its_end(
    mark: str, printed: str, story: "Story", read_html: ReadHtml
) -> None:
    section = story.others[0][:6]
    title = f"{story.title}{mark}{section}{mark}{story.site}"
    found = read_html(page(story, title, above=printed.format(story.title)))
    assert headline(found) == story.title


@pytest.mark.parametrize("mark", MARKS)
def test_a_title_ends_before_the_sites_name(mark: str, story: "Story", read_html: ReadHtml) -> None:
    html = page(story, story.title + mark + story.site, head=meta("og:site_name", story.site))
    assert headline(read_html(html)) == story.title


@pytest.mark.parametrize("above", ["", "<div class=h>{}</div>", "<h2>{}</h2>", "<h1>{}</h1>"])
@pytest.mark.parametrize("mark", [" / ", " | ", " - ", " » "])
def test_the_sites_name_may_stand_first(
    mark: str, above: str, story: "Story", read_html: ReadHtml
) -> None:
    head = "" if above else meta("og:site_name", story.site)
    html = page(story, story.site + mark + story.title, head=head, above=above.format(story.title))
    assert headline(read_html(html)) == story.title


@pytest.mark.parametrize("mark", ["--", " | ", " - ", "：", ": ", " » ", "_"])
@pytest.mark.parametrize("printed", ["<h1>{}</h1>", "<div>{}</div>"])
def test_a_mark_within_the_printed_headline_is_kept(
    mark: str, printed: str, story: "Story", read_html: ReadHtml
) -> None:
    title = f"{story.title}{mark}{story.others[1][:8].strip()}"
    head = meta("og:site_name", story.site)
    html = page(story, f"{title} - {story.site}", head=head, above=printed.format(escape(title)))
    assert headline(read_html(html)) == title


def test_two_dashes_do_not_end_a_headline_that_is_printed_nowhere(
    story: "Story", read_html: ReadHtml
) -> None:
    title = f"{story.title}--{story.others[1][:8].strip()}"
    html = page(story, f"{title} - {story.site}", head=meta("og:site_name", story.site))
    assert headline(read_html(html)) == title


def test_the_sites_name_within_the_headline_does_not_end_it(
    story: "Story", read_html: ReadHtml
) -> None:
    title = f"{story.title} - {story.site} {story.others[1]}"
    html = page(story, f"{title} | {story.site}", head=meta("og:site_name", story.site))
    assert headline(read_html(html)) == title


CLOCKS = [
    "<h1>{} <span>12:05</span></h1>",
    "<h1><span>12:05</span> {}</h1>",
    "<h1>{}<time>today</time></h1>",
    "<h1>{}<small>2024.03.14 12:05</small></h1>",
    "<h1>{}<br><em>2024-03-14</em></h1>",
    "<h1>12:05 {}</h1>",
    "<h1>{} 14.03.2024 12:05</h1>",
    "<h1>{} | 12:05</h1>",
]


@pytest.mark.parametrize("heading", CLOCKS)
def test_a_clock_in_the_heading_is_no_part_of_the_headline(
    heading: str, story: "Story", read_html: ReadHtml
) -> None:
    above = heading.format(story.title)
    assert (
        headline(read_html(page(story, f"{story.title} - {story.site}", above=above)))
        == story.title
    )


@pytest.mark.parametrize("heading", CLOCKS[:5])
def test_a_clock_in_its_own_element_goes_without_any_other_title(
    heading: str, story: "Story", read_html: ReadHtml
) -> None:
    assert headline(read_html(page(story, "", above=heading.format(story.title)))) == story.title


@pytest.mark.parametrize("end", [" 3:2", " 24/7", " 2024", " - 2"])
def test_a_number_at_the_end_of_a_headline_is_no_clock(
    end: str, story: "Story", read_html: ReadHtml
) -> None:
    title = story.title + end
    html = page(story, f"{title} - {story.site}", above=f"<h1>{story.title}<b>{end}</b></h1>")
    assert headline(read_html(html)).replace(" ", "") == title.replace(" ", "")


def test_a_title_cut_at_a_quotation_mark_loses_to_the_printed_one(
    story: "Story", read_html: ReadHtml
) -> None:
    title = f'{story.others[0]} "{story.title}"'
    head = f'<meta property="og:title" content="{title}">'
    html = page(story, f"{title} - {story.site}", head=head, above=f"<h1>{title}</h1>")
    assert headline(read_html(html)) == title


def test_a_shortened_title_loses_to_the_printed_one(story: "Story", read_html: ReadHtml) -> None:
    short = story.title[: len(story.title) * 2 // 3]
    head = meta("og:title", f"{short}…")
    html = page(story, f"{short}... - {story.site}", head=head, above=f"<h1>{story.title}</h1>")
    assert headline(read_html(html)) == story.title


PORTALS = [
    ("{} : Portal News", "<h1><a href=/>Portal</a></h1><h2>Portal News</h2><h3>{}</h3>"),
    ("Portal News", "<h1>{}</h1>"),
    ("Portal News", "<h2>Menu</h2><h1>{}</h1>"),
    ("Portal | {}", "<h1>Portal</h1><div>{}</div>"),
    ("{} | Portal News", "<h1>Top stories</h1><p>{}</p>"),
]


@pytest.mark.parametrize(("title", "above"), PORTALS)
def test_a_portals_own_heading_is_not_the_headline(
    title: str, above: str, story: "Story", read_html: ReadHtml
) -> None:
    html = page(story, title.format(story.title), above=above.format(story.title))
    assert headline(read_html(html)) == story.title


def test_without_a_title_the_named_heading_above_the_text_counts(
    story: "Story", read_html: ReadHtml
) -> None:
    above = f"<h1><a href=/>Portal</a></h1><h2>{story.others[1]}</h2><h3 id=articleTitle>{story.title}</h3>"
    assert headline(read_html(page(story, "", above=above))) == story.title


def test_headlines_of_related_items_are_not_taken(story: "Story", read_html: ReadHtml) -> None:
    item = (
        '<div itemscope itemtype="https://schema.org/Article"{}><h3 itemprop=headline>{}</h3></div>'
    )
    part = item.format(" itemprop=hasPart", f"{story.others[2]} {story.others[3]}")
    others = "".join(item.format("", f"{other} {other}") for other in story.others[:3])
    html = page(story, story.site, above=f"{part}<h1>{story.title}</h1>", below=others)
    assert headline(read_html(html)) == story.title


def test_two_fields_that_agree_decide_on_a_page_number(story: "Story", read_html: ReadHtml) -> None:
    longer = f"{story.title}（1/2ページ）"
    head = meta("og:title", story.title) + meta("twitter:title", story.title)
    html = page(
        story, f"{longer} - {story.site}", head=head, above=f"<h1>{longer} - {story.site}</h1>"
    )
    assert headline(read_html(html)) == story.title


@pytest.mark.parametrize("mark", [": ", "："])
def test_a_topic_before_a_colon_is_not_the_headline(
    mark: str, story: "Story", read_html: ReadHtml
) -> None:
    topic = story.others[0][: len(story.title) // 2]
    above = f"<h2>{topic}</h2><div>{topic}</div><div class=x>{story.title}</div>"
    html = page(story, f"{topic}{mark}{story.title} - {story.site}", above=above)
    assert headline(read_html(html)) == story.title


def test_a_printed_heading_outweighs_a_title_for_search_engines(
    story: "Story", read_html: ReadHtml
) -> None:
    html = page(story, story.paragraphs[4][: len(story.title)], above=f"<h1>{story.title}</h1>")
    assert headline(read_html(html)) == story.title


def test_the_name_that_the_page_links_is_cut_from_a_title_printed_nowhere(
    story: "Story", read_html: ReadHtml
) -> None:
    html = page(story, f"{story.title} - {story.site}", below=f"<p><a href=/>{story.site}</a></p>")
    assert headline(read_html(html)) == story.title
