"""Collects what a page's JSON-LD and microdata say about its article.

Types and properties are those of https://schema.org/NewsArticle.
"""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from selectolax.lexbor import LexborNode

from crawler.extract.page.article_objects import (
    Object,
    article_objects,
    is_article,
    schema_types,
)
from crawler.extract.page.clean import clean_line
from crawler.extract.page.joined_text import separate_elements
from crawler.extract.page.microdata import iter_article_properties
from crawler.extract.page.page import Page
from crawler.extract.page.paragraphs import text_of

_MAX_OBJECTS = 500
_MAX_DEPTH = 4


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
    objects = [
        item for item in page.json_ld[:_MAX_OBJECTS] if schema_types(item) or "headline" in item
    ]
    own = article_objects(objects, page)
    references = _References(page.json_ld[:_MAX_OBJECTS])
    for item in objects:
        kinds = schema_types(item)
        if not is_article(item) or any(item is other for other in own):
            structured.types |= kinds
        if kinds & {"organization", "newsmediaorganization", "website"}:
            structured.publishers += references.names(item.get("name"))
    for item in own:
        _add_json_ld(structured, item, references)
    structured.publishers = list(dict.fromkeys(structured.publishers))
    _add_microdata(structured, page)
    return structured


class _References:
    """The objects of a page by their `@id`, for values that only name one: `{"@id": "#anna"}`."""

    def __init__(self, objects: Sequence[Object]) -> None:
        self._objects = objects

    @cached_property
    def _by_id(self) -> dict[str, Object]:
        found: dict[str, Object] = {}
        for item in self._objects:
            for value in (item, *item.values()):
                for each in value if isinstance(value, list) else [value]:
                    if isinstance(each, dict) and "name" in each and "@id" in each:
                        found.setdefault(_fragment(each["@id"]), each)
        return found

    def names(self, value: Any) -> list[str]:
        """Returns the names of people or organizations, each once; addresses are no names."""
        return list(dict.fromkeys(self._iter_names(value, set(), depth=0)))

    def _iter_names(self, value: Any, followed: set[str], depth: int) -> Iterator[str]:
        """`followed`: the identifiers that were resolved; each is once, as they may form a ring."""
        for item in _values(value):
            if isinstance(item, str) and not item.startswith(("http", "#")):
                yield from _texts(item)
            elif depth < _MAX_DEPTH and isinstance(item, str | dict):
                named: Object = {"@id": item} if isinstance(item, str) else item
                if "name" not in named and "@id" in named:
                    identifier = _fragment(named["@id"])
                    if identifier in followed:
                        continue
                    followed.add(identifier)
                    named = self._by_id.get(identifier, named)
                parts = [*_texts(named.get("givenName")), *_texts(named.get("familyName"))]
                names = named.get("name") or " ".join(parts)
                yield from self._iter_names(names, followed, depth + 1)


def _fragment(identifier: Any) -> str:
    """Returns what an identifier is called within its page, with the page's address or without."""
    _, mark, name = str(identifier).partition("#")
    return mark + name if name else str(identifier)


def _add_json_ld(structured: StructuredData, item: Object, references: _References) -> None:
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
    structured.authors += references.names(item.get("author"))
    structured.creators += references.names(item.get("creator"))
    structured.publishers += references.names(item.get("publisher"))
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
    for name, node in iter_article_properties(page):
        if name.startswith("date") and len(dates.setdefault(name, [])) < 3:
            dates[name].append((f"microdata {name}", _microdata(node)))
        elif name == "author" and authors < 8:
            authors += 1
            author = node.css_first("[itemprop~=name]") or node
            structured.authors.append(separate_elements(_microdata(author), author))
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


def _texts(value: Any, *, keep_lines: bool = False) -> list[str]:
    texts = (html.unescape(item) for item in _values(value) if isinstance(item, str))
    if keep_lines:
        return [text for text in texts if text.strip()]
    return [text for text in map(clean_line, texts) if text]


def _values(value: Any) -> list[Any]:
    """Returns a property's values without the objects that JSON-LD may wrap them in."""
    if isinstance(value, dict):
        value = value.get("@list", value.get("@set", value))
    values = value if isinstance(value, list) else [value]
    return [item.get("@value", item) if isinstance(item, dict) else item for item in values]
