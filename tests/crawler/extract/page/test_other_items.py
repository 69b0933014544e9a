"""Microdata of other articles on a page are not read as those of its own."""

from collections.abc import Callable

import pytest

from crawler.extract.extraction import Extraction
from crawler.extract.page.page import Page
from crawler.recorded.saved_pages import format_date

ReadHtml = Callable[..., Extraction]
URL = "https://example.com/news/ferry"
TITLE = "The ferry returns to the island"
PARAGRAPH = "<p>The ferry to the island sailed again on Friday after ten days, the office said.</p>"
OWN_PROPERTIES = (
    '<meta itemprop="datePublished" content="2025-09-05T09:00:00+09:00">'
    '<span itemprop="author">Mina Kwon</span>'
)


def _item(headline: str) -> str:
    return (
        '<div itemscope itemtype="https://schema.org/NewsArticle"><a itemprop="url" href="/o">'
        f'<span itemprop="headline">{headline}</span></a><span itemprop="author">Paul Older</span>'
        '<meta itemprop="datePublished" content="2020-01-01T00:00:00+09:00"></div>'
    )


OTHERS = [
    _item("A storm wrecks two boats"),
    _item("A storm wrecks two boats") + _item("New nets for the coast"),
    f"<aside>{_item('A storm wrecks two boats')}</aside>",
    f"<ul><li>{_item('Old maps are found')}</li></ul>",
    _item("<b>Old</b> maps are found"),
]


def _page(before: str, after: str, own: str = "") -> str:
    return (
        f"<html lang=en><head><title>{TITLE} | Post</title></head><body>{before}<div {own and 'itemscope'} "
        f'itemtype="https://schema.org/NewsArticle"><h1>{TITLE}</h1>{own}{PARAGRAPH * 4}</div>{after}'
        "</body></html>"
    )


@pytest.mark.parametrize("other", OTHERS)
def test_an_item_with_another_headline_tells_nothing_of_the_page(
    other: str, read_html: ReadHtml
) -> None:
    for html in (_page(other, ""), _page("", other)):
        reading = read_html(html, url=URL)
        assert reading.published is None
        assert reading.article is not None
        assert reading.article.authors == ()


@pytest.mark.parametrize("other", OTHERS)
def test_the_pages_own_item_is_read_beside_others(other: str, read_html: ReadHtml) -> None:
    for html in (_page(other, "", OWN_PROPERTIES), _page("", other, OWN_PROPERTIES)):
        reading = read_html(html, url=URL)
        assert format_date(reading.published) == "2025-09-05T09:00:00+09:00"
        assert reading.article is not None
        assert reading.article.authors == ("Mina Kwon",)


@pytest.mark.parametrize(
    ("html", "values"),
    [
        ('<meta itemprop="datePublished" content="1">', ["1"]),
        ('<body itemscope><meta itemprop="datePublished" content="1">', ["1"]),
        ('<body><p><meta itemprop="datePublished" content="1">', ["1"]),
        ('<body><div itemscope><meta itemprop="datePublished" content="1"></div>', []),
        ('<body><div itemscope><p><meta itemprop="datePublished" content="1"></p></div>', []),
        ('<body><div itemscope><meta property="datePublished" content="1"></div>', ["1"]),
    ],
)
def test_a_property_of_an_item_is_not_the_pages(html: str, values: list[str]) -> None:
    meta = Page(html.encode(), URL).meta
    assert meta.get("datepublished", []) == values
