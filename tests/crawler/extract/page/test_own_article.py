"""Which of the articles that a page describes is its own: in JSON-LD and in microdata."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from crawler.extract.extraction import Extraction

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]
Object = dict[str, Any]

URL = "https://www.example.com/news/ferry"
OTHER: Object = {"@type": "NewsArticle", "headline": "Another report of another day",
                 "datePublished": "2019-01-02T03:04:00Z", "author": {"name": "Boris Wrong"}}  # fmt: skip


def own(story: "Story", **members: Any) -> Object:
    return {"@type": "NewsArticle", "headline": story.title, "author": {"name": "Anna Harbour"},
            "datePublished": "2024-03-14T09:30:00Z", **members}  # fmt: skip


def page(story: "Story", blocks: list[Any], *, heading: bool = True, body: str = "") -> str:
    scripts = "".join(
        f'<script type="application/ld+json">{json.dumps(block)}</script>' for block in blocks
    )
    title = f"<h1>{story.title}</h1>" if heading else ""
    return f"<html><head>{scripts}</head><body>{title}<div>{story.body()}</div>{body}</body></html>"


def facts(reading: Extraction) -> tuple[str, tuple[str, ...]]:
    assert reading.article is not None, reading.reason
    published = reading.article.published_at
    return published.date().isoformat() if published else "", reading.article.authors


@pytest.fixture
def story(stories: dict[str, "Story"]) -> "Story":
    return stories["en"]


OWN = ("2024-03-14", ("Anna Harbour",))
# For each kind: what the page's own article says besides, and the other object.
PAIRS: dict[str, tuple[Object, Object]] = {
    "by headline": ({}, OTHER),
    "by address": ({"url": URL}, {**OTHER, "url": URL + "-2"}),
    "by the other's address": ({}, {**OTHER, "url": URL + "-2"}),
    "by relative address": ({"url": "/news/ferry"}, {**OTHER, "url": "/news/other"}),
    "by main entity of page": (
        {"mainEntityOfPage": {"@type": "WebPage", "@id": URL}},
        {**OTHER, "mainEntityOfPage": {"@type": "WebPage", "@id": URL + "/2"}},
    ),
    "a part": ({"hasPart": {"@id": "#other"}}, {**OTHER, "@id": "#other"}),
    "a related link": ({"relatedLink": [URL + "-3"]}, {**OTHER, "@id": URL + "-3"}),
    "a list": ({}, {"@type": "ItemList", "itemListElement": [{"item": OTHER}]}),
    "a list as main entity": (
        {},
        {
            "@type": "CollectionPage",
            "mainEntity": {"@type": "ItemList", "itemListElement": [OTHER]},
        },
    ),
    "inner parts": ({"hasPart": [OTHER], "isPartOf": OTHER}, {"@type": "Thing"}),
    "another web page": ({}, {**OTHER, "@type": "WebPage", "url": URL + "-4"}),
    "a blog posting": ({}, {**OTHER, "@type": ["BlogPosting"]}),
}
SHAPES: dict[str, Callable[[Object, Object], list[Any]]] = {
    "blocks": lambda one, other: [one, other],
    "list": lambda one, other: [[one, other]],
    "graph": lambda one, other: [{"@graph": [one, other]}],
    "graph in graph": lambda one, other: [{"@graph": [{"@graph": [one]}, other]}],
}


@pytest.mark.parametrize("kind", PAIRS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("own_is_first", [True, False])
def test_date_and_author_are_the_pages_own(
    kind: str, shape: str, own_is_first: bool, story: "Story", read_html: ReadHtml
) -> None:
    members, other = PAIRS[kind]
    pair = (own(story, **members), other) if own_is_first else (other, own(story, **members))
    assert facts(read_html(page(story, SHAPES[shape](*pair)), URL)) == OWN


@pytest.mark.parametrize("numbers", [("1", "2"), ("15", "5")])
def test_the_query_tells_articles_apart(
    numbers: tuple[str, str], story: "Story", read_html: ReadHtml
) -> None:
    address = "https://www.example.com/view?no="
    other = {**OTHER, "headline": story.title, "url": address + numbers[1]}
    html = page(story, [other, own(story, url=address + numbers[0])])
    assert facts(read_html(html, f"{address}{numbers[0]}&utm_source=x")) == OWN


def test_the_main_entity_is_found_by_its_identifier(story: "Story", read_html: ReadHtml) -> None:
    graph = [{"@type": "WebPage", "mainEntity": {"@id": "#a"}}, OTHER, own(story, **{"@id": "#a"})]
    assert facts(read_html(page(story, [{"@graph": graph}]), URL)) == OWN


def test_only_other_articles_give_nothing(story: "Story", read_html: ReadHtml) -> None:
    blocks = [{"@type": "WebPage", "hasPart": [OTHER], "relatedLink": [OTHER]}]
    assert facts(read_html(page(story, blocks), URL)) == ("", ())


def test_a_single_article_of_another_page_gives_nothing(
    story: "Story", read_html: ReadHtml
) -> None:
    assert facts(read_html(page(story, [{**OTHER, "url": URL + "-5"}]), URL)) == ("", ())


@pytest.mark.parametrize(
    "members",
    [
        {"headline": "A title for search engines"},
        {"url": "https://m.example.com/amp/12345"},
        {"url": "https://www.example.com/", "headline": "A title for search engines"},
        {"url": URL + "?utm_source=feed", "headline": "A title for search engines"},
    ],
)
def test_a_single_article_with_another_title_or_address_is_the_pages(
    members: Object, story: "Story", read_html: ReadHtml
) -> None:
    assert facts(read_html(page(story, [own(story, **members)]), URL)) == OWN


def test_an_archived_page_has_its_original_address(story: "Story", read_html: ReadHtml) -> None:
    blocks = [
        {**OTHER, "headline": "x"},
        own(story, headline="A title for search engines", url=URL),
    ]
    archived = f"https://web.archive.org/web/20240315000000/{URL}"
    assert facts(read_html(page(story, blocks), archived)) == OWN


def test_a_block_in_a_comment_dates_nothing(story: "Story", read_html: ReadHtml) -> None:
    html = f'<!-- <script type="application/ld+json">{json.dumps(OTHER)}</script> -->'
    assert facts(read_html(page(story, [], body=html), URL)) == ("", ())


PERSON = {"@type": "Person", "name": "Anna Harbour"}
AUTHORS: dict[str, tuple[Any, list[Object]]] = {
    "identifier": ({"@id": "#anna"}, [{**PERSON, "@id": "#anna"}]),
    "with the page's address": ({"@id": f"{URL}#anna"}, [{**PERSON, "@id": "#anna"}]),
    "typed": ({"@type": "Person", "@id": "https://example.com/p/1"}, [{**PERSON, "@id": "https://example.com/p/1"}]),
    "list": ([{"@id": "p1"}], [{**PERSON, "@id": "p1", "name": ["Anna Harbour"]}]),
    "plain identifier": ("#anna", [{**PERSON, "@id": "#anna"}]),
    "value": ({"@value": "Anna Harbour"}, []),
    "name with language": ({"name": {"@value": "Anna Harbour", "@language": "en"}}, []),
    "ordered list": ({"@list": [PERSON]}, []),
    "set": ({"@set": ["Anna Harbour"]}, []),
    "two names": ({"givenName": "Anna", "familyName": "Harbour"}, []),
}  # fmt: skip


@pytest.mark.parametrize("kind", AUTHORS)
@pytest.mark.parametrize("in_one_graph", [True, False])
def test_an_author_is_found_by_reference(
    kind: str, in_one_graph: bool, story: "Story", read_html: ReadHtml
) -> None:
    author, others = AUTHORS[kind]
    items = [*others, own(story, author=author)]
    assert facts(read_html(page(story, [{"@graph": items}] if in_one_graph else items), URL)) == OWN


def test_typed_values_are_read(story: "Story", read_html: ReadHtml) -> None:
    item = own(
        story,
        headline=[{"@value": story.title}],
        datePublished={"@type": "Date", "@value": "2024-03-14T09:30:00Z"},
    )
    found = read_html(
        page(
            story, [{**item, "@type": ["WebPage", "http://schema.org/NewsArticle"]}], heading=False
        )
    )
    assert facts(found) == OWN
    assert found.article is not None
    assert found.article.title == story.title


def microdata(headline: str, attributes: str = "", kind: str = "NewsArticle") -> str:
    return (
        f'<div itemscope itemtype="https://schema.org/{kind}" {attributes}><h3 itemprop=headline>{headline}</h3>'
        '<meta itemprop=datePublished content="2019-01-02T03:04:00Z"><b itemprop=author>Boris Wrong</b></div>'
    )


ITEMS = {
    "articles above": (microdata("One of yesterday") + microdata("Two of last year"), "", ""),
    "articles below": ("", "", microdata("One of yesterday")),
    "a part": ("", microdata("One of yesterday", "itemprop=hasPart"), ""),
    "a comment": ("", microdata("I was there", "itemprop=comment", "Comment"), ""),
    "a reader's comment": (microdata("I was there", kind="UserComments"), "", ""),
    "a list": (microdata("One of yesterday", "itemprop=itemListElement"), "", ""),
    "a video": (microdata("A film", "itemprop=video", "VideoObject"), "", ""),
}


@pytest.mark.parametrize("kind", ITEMS)
def test_microdata_of_other_items_is_not_read(
    kind: str, story: "Story", read_html: ReadHtml
) -> None:
    above, inside, below = ITEMS[kind]
    html = (
        f"<html><head><title>{story.site}</title></head><body>{above}"
        f'<article itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop=headline>{story.title}</h1>'
        '<time itemprop=datePublished datetime="2024-03-14T09:30:00Z"></time>'
        f"<p itemprop=author>Anna Harbour</p>{inside}<div itemprop=articleBody>{story.body()}</div></article>"
        f"{below}</body></html>"
    )
    found = read_html(html)
    assert facts(found) == OWN
    assert found.article is not None
    assert found.article.title == story.title
