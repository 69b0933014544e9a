"""Refuses pages that would take seconds to parse; the checks themselves take linear time."""

import re
from collections import Counter

MAX_PAGE_BYTES = 10 * 1024 * 1024
MAX_TAG_ATTRIBUTES = 512
MAX_NESTING_DEPTH = 1000
MAX_OPTIONS = 10_000
MAX_REPEATED_FORMATS = 3_000_000
_MANY_TAGS, _SOME_TAGS = 25_000, 4_000
_OPTION = re.compile("<option", re.IGNORECASE)

# A name, then `=` and a value. A `<` in a name counts as one of its own, so that a row of them is
# scanned once and not from each of them. The possessive quantifiers keep all these patterns linear.
_ATTRIBUTE = r"""(?:[\s/"']*+(?:<|[^\s/>="'<]++)(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"']*+))?+)"""
_CROWDED_TAG = rf"<[a-zA-Z][^\s/><]*+{_ATTRIBUTE}{{{MAX_TAG_ATTRIBUTES}}}"
_CROWDED_TAG_ANYWHERE = re.compile(_CROWDED_TAG)
_TOKEN = re.compile(
    r"<!--(?:-?>|(?:[^-]|-(?!-!?>))*+(?:--!?>|\Z))"
    rf"|(?P<crowded>{_CROWDED_TAG})"
    rf"|<(?P<raw>script|style)\b{_ATTRIBUTE}*+(?:[^<]|<(?!/(?P=raw)))*+"
    rf"|<[a-zA-Z][^\s/>]*+{_ATTRIBUTE}*+",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)[^>]*+")
_FORMAT = re.compile(
    r"<(?:/(?P<end>font|b|i|u|s|em|strong|small|big|tt|code|strike|nobr)"
    r"|(?P<start>font|b|i|u|s|em|strong|small|big|tt|code|strike|nobr)(?=[\s/>]))[^>]*+",
    re.IGNORECASE,
)
_MAX_EQUAL_FORMATS = 3  # more equal ones are not repeated (HTML, "Noah's Ark clause")
_VOID = frozenset([
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr", "p", "li",
])  # fmt: skip


def hostile_reason(html: str) -> str:
    """Returns why a page must not be parsed; "" if it may be.

    Parsers compare a tag's attributes pairwise (200,000 take minutes), and the options of a form. Selectors with ancestors
    take time that grows with the square of the nesting depth.
    """
    # Code in a script can look like a tag with many attributes; `_TOKEN` excludes scripts.
    if _CROWDED_TAG_ANYWHERE.search(html) and any(
        match["crowded"] for match in _TOKEN.finditer(html)
    ):
        return f"a tag with {MAX_TAG_ATTRIBUTES} attributes or more"
    tags = html.count("<")
    if tags > _SOME_TAGS and tags * _count_open_formats(html) > MAX_REPEATED_FORMATS:
        return "unclosed tags such as <font> that each paragraph repeats"
    if tags <= _MANY_TAGS:
        return ""
    if _nesting_depth(html) > MAX_NESTING_DEPTH:
        return f"tags nested more than {MAX_NESTING_DEPTH} deep"
    if len(_OPTION.findall(html)) > MAX_OPTIONS:
        return f"more than {MAX_OPTIONS} options to choose from"
    return ""


def _count_open_formats(html: str) -> int:
    """Returns the most formatting tags that are open at once, which a parser opens anew in each
    paragraph if the one before did not close them.
    """
    depths: Counter[str] = Counter()
    deepest: Counter[str] = Counter()
    forms: set[str] = set()
    for match in _FORMAT.finditer(html):
        if name := match["start"]:
            depths[name.lower()] += 1
            deepest[name.lower()] = max(deepest[name.lower()], depths[name.lower()])
            forms.add(match[0])
        elif depths[match["end"].lower()]:
            depths[match["end"].lower()] -= 1
    return min(deepest.total(), _MAX_EQUAL_FORMATS * len(forms))


def _nesting_depth(html: str) -> int:
    """Returns the approximate depth of nesting; an unclosed tag counts until any tag closes."""
    depth = deepest = 0
    for closing, name in _TAG.findall(html):
        if name.lower() in _VOID:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest
