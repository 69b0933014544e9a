"""`<meta>`, `<link>` and `<html>` of a page's head: every name with all its values."""

from typing import TypeAlias

from selectolax.lexbor import LexborHTMLParser

from crawler.extract.clean import clean_line

Meta: TypeAlias = dict[str, list[str]]

_NAMES = ("property", "name", "itemprop", "http-equiv")


def read_meta(tree: LexborHTMLParser) -> Meta:
    """Give the values of each meta name (lower case, `og:title`), in the page's order.

    Three names are added: `html-lang`, `canonical` (`<link rel=canonical>`), `document-title`.
    """
    meta: Meta = {}
    for node in tree.css("meta"):
        attributes = node.attributes
        value = clean_line(attributes.get("content") or attributes.get("value") or "")
        if not value:
            continue
        for key in _NAMES:
            if name := attributes.get(key):
                meta.setdefault(name.strip().lower(), []).append(value)
    for node in tree.css("link[rel=canonical]")[:1]:
        _add(meta, "canonical", node.attributes.get("href"))
    for node in tree.css("html")[:1]:
        _add(meta, "html-lang", node.attributes.get("lang") or node.attributes.get("xml:lang"))
    for node in tree.css("title")[:1]:
        _add(meta, "document-title", node.text())
    return meta


def first(meta: Meta, *names: str) -> tuple[str, str]:
    """Give the first value that any of the names has, and that name; else two ""."""
    for name in names:
        for value in meta.get(name, ()):
            return value, name
    return "", ""


def _add(meta: Meta, name: str, value: str | None) -> None:
    if value and (value := clean_line(value)):
        meta.setdefault(name, []).append(value)
