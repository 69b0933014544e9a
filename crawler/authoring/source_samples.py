"""Cuts a feed, a sitemap or a JSON listing down to a few rows, with invented words."""

import json
from collections.abc import Iterator
from typing import Any

import orjson
from lxml import etree

from crawler.authoring.invented_words import replace_words
from crawler.discovery.listed_text import plain_text
from crawler.discovery.xml_source import local_name, parse_xml
from crawler.extract.page.page import Page
from crawler.sources import JsonListing, Source

MAX_ROWS = 3
_ROW_ELEMENTS = frozenset({"item", "entry", "url", "sitemap"})
_CONTAINER_ELEMENTS = frozenset(
    {"rss", "channel", "feed", "rdf", "urlset", "sitemapindex", "news", "publication"}
)
_KEPT_ELEMENTS = frozenset({"link", "guid", "id", "loc", "lastmod", "pubdate", "published", "updated", "date",
                    "publication_date", "language", "lastbuilddate"})  # fmt: skip
_TEXT_ELEMENTS = frozenset({"title", "description", "summary", "keywords", "creator", "author", "name",
                    "category"})  # fmt: skip


def cut_source(page: Page, source: Source) -> tuple[str, str]:
    """Returns a source's answer with its first rows only, and the suffix of its file.

    URLs and dates stay, words are replaced, and elements that no reader uses are removed. Raises
    ValueError for an answer that cannot be read.
    """
    if isinstance(source, JsonListing):
        # JSON is valid YAML, and `.json` is the name of the expected result.
        return _cut_json(page.body, source), ".yaml"
    return _cut_xml(page.body), ".xml"


def _cut_xml(body: bytes) -> str:
    root = parse_xml(body)
    if root is None:
        raise ValueError("no XML could be read from the page")
    for row in [each for each in root.iter() if local_name(each) in _ROW_ELEMENTS][MAX_ROWS:]:
        _remove_element(row)
    for element in list(root.iter()):
        _trim_element(element, root)
    etree.cleanup_namespaces(root)
    text: str = etree.tostring(root, encoding="unicode", pretty_print=True)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}'


def _trim_element(element: "etree._Element", root: "etree._Element") -> None:
    name = local_name(element).lower()
    if (
        element is not root
        and name not in _ROW_ELEMENTS | _CONTAINER_ELEMENTS | _KEPT_ELEMENTS | _TEXT_ELEMENTS
    ):
        _remove_element(element)
        return
    element.tail = None
    for attribute in [key for key in element.attrib if key not in ("href", "rel", "version")]:
        del element.attrib[attribute]
    if element.text and element.text.strip():
        words = " ".join(element.text.split())
        element.text = (
            words
            if name in _KEPT_ELEMENTS
            else replace_words(plain_text(words))
            if name in _TEXT_ELEMENTS
            else None
        )


def _remove_element(element: "etree._Element") -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _cut_json(body: bytes, source: JsonListing) -> str:
    try:
        data = orjson.loads(body.decode("utf-8-sig", "replace"))
    except orjson.JSONDecodeError as error:
        raise ValueError(f"the JSON listing is broken: {error}") from None
    rows = data
    for name in _split_path(source.items):
        rows = rows.get(name) if isinstance(rows, dict) else None
    rows = rows if isinstance(rows, list) else []
    if not rows:
        raise ValueError(f"no list at {source.items!r} in the JSON answer")
    result: Any = [_cut_row(row, source) for row in rows[:MAX_ROWS]]
    for name in reversed(list(_split_path(source.items))):
        result = {name: result}
    return json.dumps(result, ensure_ascii=False, indent=1) + "\n"


def _cut_row(row: Any, source: JsonListing) -> dict[str, Any]:
    new_row: dict[str, Any] = {}
    fields = ((source.link, False), (source.date, False), (source.title, True), (source.lead, True))
    for path, is_words in fields:
        value = row
        for name in _split_path(path):
            value = value.get(name) if isinstance(value, dict) else None
        if path and isinstance(value, str | int | float):
            new_value = replace_words(value) if is_words and isinstance(value, str) else value
            _set_at_path(new_row, list(_split_path(path)), new_value)
    return new_row


def _set_at_path(target: dict[str, Any], path: list[str], value: Any) -> None:
    for name in path[:-1]:
        target = target.setdefault(name, {})
    target[path[-1]] = value


def _split_path(path: str) -> Iterator[str]:
    yield from filter(None, path.split("."))
