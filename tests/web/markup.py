"""Parses pages strictly."""

import warnings
from collections.abc import Iterator
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib

_ADDRESSES = ("href", "src", "action", "formaction", "srcset", "poster", "data")


def html_errors(body: bytes) -> list[str]:
    """What a strict parser finds, one line each."""
    return _parse(body)[0]


def unsafe_markup(body: bytes) -> list[str]:
    """What could run or load something: scripts in the page, event attributes, other addresses."""
    return list(_unsafe(_parse(body)[1]))


def _unsafe(tree: Element) -> Iterator[str]:
    for element in tree.iter():
        name = str(element.tag)
        if name in ("iframe", "object", "embed", "base", "math", "style"):
            yield f"<{name}>"
        if name == "script" and (element.text or not element.get("src", "").startswith("/static/")):
            yield f"<script> {element.attrib} {element.text}"
        for attribute, value in element.attrib.items():
            if str(attribute).startswith("on") or attribute == "style":
                yield f"<{name} {attribute}={value!r}>"
            if attribute in _ADDRESSES and urlsplit(value).scheme not in ("", "http", "https"):
                yield f"<{name} {attribute}={value!r}>"


def _parse(body: bytes) -> tuple[list[str], Element]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree: Element = parser.parse(body)
    errors = [
        f"line {line}:{column} {name} {values}" for (line, column), name, values in parser.errors
    ]
    return errors, tree
