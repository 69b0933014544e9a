"""Evaluates the selectors of rules: CSS (lexbor), and `@name` at the end for an attribute."""

import re
from collections.abc import Iterator
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.page.clean import clean_line
from crawler.extract.page.paragraphs import split_paragraphs, text_of
from crawler.extract.page.rules import Selectors

_ATTRIBUTE = re.compile(r"@([A-Za-z_][\w:.-]*)$")

MAX_VALUES = 500

Scope = LexborHTMLParser | LexborNode


def selector_alternatives(selectors: Selectors) -> tuple[str, ...]:
    """Returns the selectors as a tuple, in the order in which they are tried."""
    if isinstance(selectors, str):
        return (selectors,) if selectors else ()
    return selectors


@lru_cache(maxsize=4096)
def split_attribute(selector: str) -> tuple[str, str]:
    """Splits `"time@datetime"` into `("time", "datetime")`; "" if no attribute is named."""
    match = _ATTRIBUTE.search(selector)
    return (selector[: match.start()], match[1]) if match else (selector, "")


def select_nodes(scope: Scope, css: str) -> list[LexborNode]:
    """Returns the nodes that match; an empty selector means the scope itself, if it is a node.

    Each node stands in the result once, also if several parts of a selector with commas match it.
    Raises ValueError, with the selector in its message, if the selector is not CSS.
    """
    if not css:
        return [scope] if isinstance(scope, LexborNode) else []
    try:
        nodes = scope.css(css)
        return list({node.mem_id: node for node in nodes}.values()) if "," in css else nodes
    except Exception as error:  # selectolax raises its own type, which it does not export
        raise ValueError(f"not a CSS selector: {css!r} ({error})") from error


def select_first_node(scope: Scope, css: str) -> LexborNode | None:
    """Returns the first node that matches; cheaper than `select_nodes`. Raises ValueError."""
    if not css:
        return next(iter(select_nodes(scope, css)), None)
    try:
        return scope.css_first(css)
    except Exception as error:  # as in `select_nodes`
        raise ValueError(f"not a CSS selector: {css!r} ({error})") from error


def iter_values(scope: Scope, selector: str) -> Iterator[str]:
    """Yields the text (or attribute) of the nodes that match, on one line, if not empty.

    Of more than `MAX_VALUES` nodes only the first ones are read: they may contain each other.
    """
    css, attribute = split_attribute(selector)
    for node in select_nodes(scope, css)[:MAX_VALUES]:
        if value := _value(node, attribute):
            yield value


def _value(node: LexborNode, attribute: str) -> str:
    return clean_line(node.attrs.get(attribute) or "") if attribute else text_of(node)


def has_too_many(scope: Scope, selectors: Selectors) -> bool:
    """Returns whether a selector matches more nodes than are read."""
    parts = (split_attribute(selector)[0] for selector in selector_alternatives(selectors))
    return any(len(select_nodes(scope, css)) > MAX_VALUES for css in parts)


def first_value(scope: Scope, selectors: Selectors) -> tuple[str, str]:
    """Returns the first text that any of the selectors finds, and the selector; else two ""."""
    for selector in selector_alternatives(selectors):
        css, attribute = split_attribute(selector)
        node = select_first_node(scope, css)
        if node is None:
            continue
        if value := _value(node, attribute):
            return value, selector
        for value in iter_values(scope, selector):
            return value, selector
    return "", ""


def all_values(scope: Scope, selectors: Selectors) -> tuple[tuple[str, ...], str]:
    """Returns all texts, each once, of the first selector that finds any, and the selector."""
    for selector in selector_alternatives(selectors):
        found = tuple(dict.fromkeys(iter_values(scope, selector)))
        if found:
            return found, selector
    return (), ""


def matches_any(scope: Scope, selectors: Selectors) -> bool:
    """Returns whether any node matches any of the selectors."""
    parts = (split_attribute(selector)[0] for selector in selector_alternatives(selectors))
    return any(select_first_node(scope, css) is not None for css in parts)


def select_paragraphs(scope: Scope, selectors: Selectors) -> tuple[list[str], str]:
    """Returns the paragraphs of the first selector that finds text, and the selector."""
    for selector in selector_alternatives(selectors):
        css, attribute = split_attribute(selector)
        if attribute:
            found = list(iter_values(scope, selector))
        else:
            found = [
                part
                for node in _outermost(select_nodes(scope, css))
                for part in split_paragraphs(node)
            ]
        if found:
            return found, selector
    return [], ""


def remove_nodes(scope: Scope, selectors: Selectors) -> None:
    """Removes every node that matches any of the selectors from the tree."""
    for selector in selector_alternatives(selectors):
        for node in _outermost(select_nodes(scope, selector)):
            node.decompose()


def _outermost(nodes: list[LexborNode]) -> list[LexborNode]:
    if len(nodes) < 2:
        return nodes
    node_ids = {node.mem_id for node in nodes}
    known: dict[int, bool] = {}  # whether an element is a match, or inside of one
    return [node for node in nodes if not _is_inside(node, node_ids, known)]


def _is_inside(node: LexborNode, node_ids: set[int], known: dict[int, bool]) -> bool:
    """Returns whether an ancestor is one of the nodes; climbs over each element only once."""
    path = []
    ancestor, is_inside = node.parent, False
    while ancestor is not None:
        identity = ancestor.mem_id
        if identity in known or identity in node_ids:
            is_inside = known.get(identity, True)
            break
        path.append(identity)
        ancestor = ancestor.parent
    known.update(dict.fromkeys(path, is_inside))
    return is_inside
