"""Reads the metadata in a page's head: `<meta>`, canonical `<link>`, `<title>`, `<html lang>`."""

import re
from collections.abc import Sequence
from typing import TypeAlias

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.page.clean import clean_line

Meta: TypeAlias = dict[str, list[str]]

_NAMES = ("property", "name", "itemprop", "http-equiv")
_WHOLE_PAGE = frozenset({"head", "body", "html"})


def parse_meta(tree: LexborHTMLParser) -> Meta:
    """Returns the values of each meta name (lower case, such as `og:title`), in page order.

    A property of an item in the page's body is none: the item may be another article.
    Adds three names: `html-lang`, `canonical` (`<link rel=canonical>`), `document-title`.
    """
    meta: Meta = {}
    for node in tree.css("meta"):
        attributes = node.attributes
        value = clean_line(attributes.get("content") or attributes.get("value") or "")
        if not value:
            continue
        for key in _NAMES:
            if (name := attributes.get(key)) and (key != "itemprop" or not _is_in_item(node)):
                meta.setdefault(name.strip().lower(), []).append(value)
    if (link := tree.css_first("link[rel=canonical]")) is not None:
        _add(meta, "canonical", link.attributes.get("href"))
    if (root := tree.css_first("html")) is not None:
        _add(meta, "html-lang", root.attributes.get("lang") or root.attributes.get("xml:lang"))
    if (title := tree.css_first("title")) is not None:
        _add(meta, "document-title", title.text())
    return meta


def _is_in_item(node: LexborNode) -> bool:
    """Returns whether an element stands in an item of microdata that is smaller than the page."""
    parent = node.parent
    while parent is not None and parent.tag not in _WHOLE_PAGE:
        if "itemscope" in parent.attributes:
            return True
        parent = parent.parent
    return False


def drop_site_metadata(meta: Meta, patterns: Sequence[str]) -> None:
    """Removes the values that are the site's on all its pages, as `Outlet.site_metadata` declares."""
    for name, values in list(meta.items()) if patterns else ():
        kept = [v for v in values if not any(re.match(p, f"{name}={v}") for p in patterns)]
        meta[name] = kept
        if not kept:
            del meta[name]


def first_meta_value(meta: Meta, *names: str) -> tuple[str, str]:
    """Returns the first value that any of the names has, and that name; else two ""."""
    for name in names:
        for value in meta.get(name, ()):
            return value, name
    return "", ""


def _add(meta: Meta, name: str, value: str | None) -> None:
    if value and (value := clean_line(value)):
        meta.setdefault(name, []).append(value)
