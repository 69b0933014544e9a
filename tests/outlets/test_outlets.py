"""Every sample page, field by field: the failure names outlet, page and field."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.discovery.source_parser import match_source, parse_source
from crawler.extract.extraction import Extraction, extract_page
from crawler.extract.page.page import Page
from crawler.outlet import Outlet
from crawler.registry import outlet_for, outlets
from crawler.sources import Link, ParsedSource
from storage.records import Article

HERE = Path(__file__).parent
SAMPLES = {f"{path.parent.name}/{path.stem}": path for path in sorted(HERE.glob("*/*.json"))}
EXPECTED: dict[str, dict[str, Any]] = {
    name: json.loads(path.read_text("utf-8")) for name, path in SAMPLES.items()
}


def page_file(name: str) -> Path:
    return next(path for path in (HERE / name).parent.glob(f"{Path(name).name}.*ml"))


def fields(kind: str) -> list[Any]:
    return [
        pytest.param(name, field, id=f"{name}-{field}")
        for name, sample in EXPECTED.items()
        for field in sample.get(kind, {})
    ]


def outlet_of(name: str) -> type[Outlet]:
    return outlet_for(EXPECTED[name]["url"])


def fetched_at(name: str) -> datetime:
    return datetime.fromisoformat(EXPECTED[name]["fetched_at"])


def reading(name: str) -> Extraction:
    sample = EXPECTED[name]
    page = Page(page_file(name).read_bytes(), sample["url"], {}, fetched_at(name))
    link = None
    if listed := sample.get("listed"):
        at = datetime.fromisoformat(listed["published_at"])
        link = Link(url=sample["url"], published_at=at, published_precision="day")
    return extract_page(page, outlet_of(name), link)


def listing(name: str) -> ParsedSource:
    body = page_file(name).read_bytes()
    url, outlet = EXPECTED[name]["url"], outlet_of(name)
    return parse_source(match_source(outlet, url, body), body, url, outlet, fetched_at(name))


def instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def dateline(article: Article) -> list[str]:
    found = article.dateline
    return [found.place, found.date, found.agency] if found else []


FIELDS: dict[str, Callable[[Article], Any]] = {
    "title": lambda article: article.title,
    "published_at": lambda article: article.published_at,
    "modified_at": lambda article: article.modified_at,
    "precision": lambda article: str(article.published_precision),
    "authors": lambda article: list(article.authors),
    "section": lambda article: article.section,
    "tags": lambda article: list(article.tags),
    "lead": lambda article: article.lead,
    "captions": lambda article: list(article.captions),
    "dateline": dateline,
    "key": lambda article: article.key,
    "language": lambda article: article.language,
    "rights": lambda article: article.rights,
    "page_class": lambda article: str(article.page_class),
    "text": lambda article: article.text,
}


@pytest.mark.parametrize(("name", "field"), fields("article"))
def test_an_article_page_yields(name: str, field: str) -> None:
    article = reading(name).article
    expected = EXPECTED[name]["article"][field]
    if field.endswith("_at"):
        expected = datetime.fromisoformat(expected)
    assert article is not None
    assert FIELDS[field](article) == expected


@pytest.mark.parametrize("name", [name for name, sample in EXPECTED.items() if "links" in sample])
def test_a_listing_yields_its_links(name: str) -> None:
    found = [
        {
            "url": link.url,
            "title": link.title,
            "published_at": instant(link.published_at),
            "key": link.key,
        }
        for link in listing(name).links
    ]
    assert found == EXPECTED[name]["links"]


@pytest.mark.parametrize("name", [name for name, sample in EXPECTED.items() if "total" in sample])
def test_a_listing_says_how_many_articles_there_are(name: str) -> None:
    assert listing(name).declared_total == EXPECTED[name]["total"]


@pytest.mark.parametrize("name", [name for name, sample in EXPECTED.items() if "follow" in sample])
def test_a_form_leads_to_the_next_page(name: str) -> None:
    found = [
        {"url": follow.url, "form": dict(follow.form_fields)}
        for follow in listing(name).further_pages
    ]
    assert found == EXPECTED[name]["follow"]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_sample_lies_in_the_folder_of_its_outlet(name: str) -> None:
    assert outlet_of(name).name == name.partition("/")[0]


@pytest.mark.parametrize("name", [name for name, sample in EXPECTED.items() if "article" in sample])
def test_a_sample_article_has_the_address_of_an_article(name: str) -> None:
    assert outlet_of(name).is_article(EXPECTED[name]["url"])


@pytest.mark.parametrize("name", [name for name, sample in EXPECTED.items() if "article" in sample])
def test_an_address_passed_on_is_the_same_article(name: str) -> None:
    url, outlet = EXPECTED[name]["url"], outlet_of(name)
    mark = "&" if "?" in url else "?"
    for passed_on in (
        f"{url}{mark}utm_source=rss",
        f"{url}#comments",
        url.replace("https:", "http:"),
    ):
        assert outlet.is_article(passed_on)
        assert outlet.key_from_url(passed_on) == outlet.key_from_url(url)


@pytest.mark.parametrize("name", outlets())
def test_an_outlet_has_a_sample_article(name: str) -> None:
    assert any(
        "article" in sample for key, sample in EXPECTED.items() if key.startswith(f"{name}/")
    )
