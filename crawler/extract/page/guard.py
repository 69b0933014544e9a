"""Refuses pages that would take seconds to parse; the checks themselves take linear time."""

import re

MAX_PAGE_BYTES = 10 * 1024 * 1024
MAX_TAG_ATTRIBUTES = 512
MAX_NESTING_DEPTH = 1000
_MANY_TAGS = 25_000

# A name, then `=` and a value. The possessive quantifiers keep all these patterns linear.
_ATTRIBUTE = r"""(?:[\s/"']*+[^\s/>="']++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']*+))?+)"""
_CROWDED_TAG = rf"<[a-zA-Z][^\s/>]*+{_ATTRIBUTE}{{{MAX_TAG_ATTRIBUTES}}}"
_CROWDED_TAG_ANYWHERE = re.compile(_CROWDED_TAG)
_TOKEN = re.compile(
    r"<!--(?:-?>|(?:[^-]|-(?!-!?>))*+(?:--!?>|\Z))"
    rf"|(?P<crowded>{_CROWDED_TAG})"
    rf"|<(?P<raw>script|style)\b{_ATTRIBUTE}*+(?:[^<]|<(?!/(?P=raw)))*+"
    rf"|<[a-zA-Z][^\s/>]*+{_ATTRIBUTE}*+",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)[^>]*+")
_VOID = frozenset([
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr", "p", "li",
])  # fmt: skip


def hostile_reason(html: str) -> str:
    """Returns why a page must not be parsed; "" if it may be.

    Parsers compare a tag's attributes pairwise (200,000 take minutes). Selectors with ancestors
    take time that grows with the square of the nesting depth.
    """
    # Code in a script can look like a tag with many attributes; `_TOKEN` excludes scripts.
    if _CROWDED_TAG_ANYWHERE.search(html) and any(
        match["crowded"] for match in _TOKEN.finditer(html)
    ):
        return f"a tag with {MAX_TAG_ATTRIBUTES} attributes or more"
    if html.count("<") > _MANY_TAGS and _nesting_depth(html) > MAX_NESTING_DEPTH:
        return f"tags nested more than {MAX_NESTING_DEPTH} deep"
    return ""


def _nesting_depth(html: str) -> int:
    """Returns the approximate depth of nesting; an unclosed tag counts until any tag closes."""
    depth = deepest = 0
    for closing, name in _TAG.findall(html):
        if name.lower() in _VOID:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest
