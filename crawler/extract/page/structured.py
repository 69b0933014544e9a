"""Collects what a page's JSON-LD and microdata say about its article.

Types and properties are those of https://schema.org/NewsArticle.
"""

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborNode

from crawler.extract.page.clean import clean_line
from crawler.extract.page.page import Page
from crawler.extract.page.paragraphs import text_of
from crawler.extract.urls import path_of

_ARTICLE_TYPES = ("article", "posting", "report", "webpage", "videoobject", "liveblog")
_MAX_OBJECTS = 500


@dataclass(slots=True)
class StructuredData:
    """Values of the schema.org properties; each list has the most trusted value first.

    Values are single lines with entities resolved, except `article_body`. `published`, `modified`:
    pairs of place and text. `types`: schema.org types in lower case. `is_free`: None if unknown.
    """

    headlines: list[str] = field(default_factory=list)
    published: list[tuple[str, str]] = field(default_factory=list)
    modified: list[tuple[str, str]] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    creators: list[str] = field(default_factory=list)
    publishers: list[str] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    descriptions: list[str] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    article_body: str = ""
    is_free: bool | None = None


def parse_structured_data(page: Page) -> StructuredData:
    """Returns what a page's JSON-LD says about its article, then what its microdata says."""
    structured = StructuredData()
    objects = [item for item in page.json_ld[:_MAX_OBJECTS] if _schema_types(item)]
    for item in objects:
        structured.types |= _schema_types(item)
    is_single = sum(_type_rank(item) < 2 for item in objects) == 1
    page_paths = _page_paths(page)
    for item in sorted(objects, key=_type_rank):
        if _type_rank(item) < len(_ARTICLE_TYPES) and (
            is_single or _is_about_page(item, page_paths)
        ):
            _add_json_ld(structured, item)
        elif _schema_types(item) & {"organization", "newsmediaorganization", "website"}:
            structured.publishers += _names(item.get("name"))
    _add_microdata(structured, page)
    return structured


def _add_json_ld(structured: StructuredData, item: dict[str, Any]) -> None:
    structured.headlines += _texts(item.get("headline"))
    structured.published += [
        ("json-ld datePublished", text) for text in _texts(item.get("datePublished"))
    ]
    structured.modified += [
        ("json-ld dateModified", text) for text in _texts(item.get("dateModified"))
    ]
    if not structured.published:
        structured.published += [
            ("json-ld dateCreated", text) for text in _texts(item.get("dateCreated"))
        ]
    structured.authors += _names(item.get("author"))
    structured.creators += _names(item.get("creator"))
    structured.publishers += _names(item.get("publisher"))
    structured.sections += _texts(item.get("articleSection"))
    structured.keywords += [
        word for text in _texts(item.get("keywords")) for word in text.split(",")
    ]
    structured.descriptions += _texts(item.get("description"))
    if body := "\n".join(_texts(item.get("articleBody"), keep_lines=True)):
        structured.article_body = max(structured.article_body, body, key=len)
    if "isAccessibleForFree" in item and structured.is_free is None:
        structured.is_free = str(item["isAccessibleForFree"]).lower() not in ("false", "0", "no")


def _add_microdata(structured: StructuredData, page: Page) -> None:
    if "itemprop" not in page.html:
        return
    dates: dict[str, list[tuple[str, str]]] = {}
    authors = 0
    for node in page.tree.css("[itemprop]")[: 10 * _MAX_OBJECTS]:
        for name in (node.attributes.get("itemprop") or "").split():
            if name.startswith("date") and len(dates.setdefault(name, [])) < 3:
                dates[name].append((f"microdata {name}", _microdata(node)))
            elif name == "author" and authors < 8:
                authors += 1
                structured.authors.append(_microdata(node.css_first("[itemprop~=name]") or node))
            elif name == "articleBody" and node.tag == "meta" and not structured.article_body:
                # Only the hidden copy; a visible one is found as the body anyway.
                structured.article_body = _microdata(node)
    structured.published += dates.get("datePublished", [])
    structured.modified += dates.get("dateModified", [])
    if not structured.published:
        structured.published += dates.get("dateCreated", [])


def _microdata(node: LexborNode) -> str:
    attributes = node.attributes
    return clean_line(attributes.get("content") or attributes.get("datetime") or text_of(node))


def _schema_types(item: dict[str, Any]) -> set[str]:
    kinds = item.get("@type")
    values = kinds if isinstance(kinds, list) else [kinds]
    return {str(kind).rsplit("/", 1)[-1].lower() for kind in values if kind}


def _type_rank(item: dict[str, Any]) -> int:
    kinds = _schema_types(item)
    for rank, part in enumerate(_ARTICLE_TYPES):
        if any(part in kind for kind in kinds):
            return rank
    # An object of unknown type with a headline and a date is also an article.
    return 1 if "headline" in item and "datePublished" in item else len(_ARTICLE_TYPES)


def _page_paths(page: Page) -> set[str]:
    stated_urls = (*page.meta.get("canonical", ()), *page.meta.get("og:url", ()))
    return {path_of(url) for url in (page.url, *stated_urls)}


def _is_about_page(item: dict[str, Any], page_paths: set[str]) -> bool:
    """Returns whether an object is about this page; objects in lists have URLs of other pages."""
    url = item.get("url") or item.get("@id") or item.get("mainEntityOfPage")
    if isinstance(url, dict):
        url = url.get("@id") or url.get("url")
    if not isinstance(url, str) or not url.startswith("http"):
        return True
    return path_of(url) in page_paths


def _texts(value: Any, *, keep_lines: bool = False) -> list[str]:
    values = value if isinstance(value, list) else [value]
    texts = (html.unescape(item) for item in values if isinstance(item, str))
    if keep_lines:
        return [text for text in texts if text.strip()]
    return [text for text in map(clean_line, texts) if text]


def _names(value: Any) -> list[str]:
    return list(dict.fromkeys(_iter_names(value, depth=0)))


def _iter_names(value: Any, depth: int) -> Iterator[str]:
    values: Iterable[Any] = value if isinstance(value, list) else [value]
    for item in values:
        if isinstance(item, str):
            yield from _texts(item) if not item.startswith("http") else []
        elif isinstance(item, dict) and depth < 4:
            yield from _iter_names(item.get("name"), depth + 1)
