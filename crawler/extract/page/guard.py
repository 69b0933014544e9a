"""Tells which pages are cheap to read by their size alone, whatever is in them.

Every other page is read in a trial first (`crawler.trial`), so nothing here has to know what HTML
makes of a source: the counts are upper bounds, in comments, scripts and everywhere else.
"""

import re

from selectolax.lexbor import LexborHTMLParser

MAX_PAGE_BYTES = 10 * 1024 * 1024
MAX_CHEAP_BYTES = 1_000_000
MAX_CHEAP_TAGS = 8_000
MAX_TAG_ATTRIBUTES, MAX_LINK_ATTRIBUTES = 512, 64
MAX_CHEAP_DEPTH = 40
MAX_REPEATED_NODES = 1_600_000

# One attribute as the tokeniser of HTML reads it (HTML, 13.2.5.32 to 13.2.5.40), or several: a `<`
# counts as one of its own, so that a row of tags in a tag is scanned once and not from each of them.
# The possessive quantifiers keep the patterns linear.
_ATTRIBUTE = (
    r"(?:[\s/]*+(?:<|[^\s/><][^\s/><=]*+)(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s><]*+))?+)"
)
_ATTRIBUTES = rf"{_ATTRIBUTE}{{1,{MAX_TAG_ATTRIBUTES}}}+"
# b, big, code, em, font, i, nobr, s, small, strike, strong, tt, u: by their first letter, which is fast.
_FORMAT_NAME = r"[bceEfFinNsStTuBCIU](?:|(?i:ig|ode|m|ont|obr|mall|trike|trong|t))"
_FORMATS = 13
_MAX_EQUAL_FORMATS = 3  # more equal ones are not repeated (HTML, "Noah's Ark clause")
_CROWDED_TAG = re.compile(rf"</?[a-zA-Z][^\s/><]*+{_ATTRIBUTE}{{{MAX_TAG_ATTRIBUTES}}}")
_FORMAT = re.compile(rf"<{_FORMAT_NAME}(?=[\s/]({_ATTRIBUTES}))")
_CROWDED_LINK = re.compile(rf"<a(?=[\s/]){_ATTRIBUTE}{{{MAX_LINK_ATTRIBUTES}}}", re.IGNORECASE)
_DEEP = " > ".join("*" * MAX_CHEAP_DEPTH)
_ONE_ATTRIBUTE = re.compile(_ATTRIBUTE)


def is_cheap(html: str) -> bool:
    """Returns whether a page costs little to parse and to read, whatever is in it.

    Parsers compare the attributes of a tag pairwise, repeat in each paragraph what formats it was left
    open, and walk up the tree for each tag.
    """
    tags = html.count("<")
    return (
        len(html) <= MAX_CHEAP_BYTES
        and tags <= MAX_CHEAP_TAGS
        and not _CROWDED_TAG.search(html)
        and not _repeats_too_much(html, tags)
    )


def is_deep(tree: LexborHTMLParser) -> bool:
    """Returns whether elements are nested so deep that selectors with ancestors take long.

    For `a b c` lexbor tries each pair of ancestors of each `c`.
    """
    return tree.css_first(_DEEP) is not None


def _repeats_too_much(html: str, tags: int) -> bool:
    """Returns whether formats left open could be repeated too often.

    Their attributes are repeated as well. A link is such a format too, but only one is ever open.
    """
    nodes = _MAX_EQUAL_FORMATS * _FORMATS
    nodes += sum(1 + len(_ONE_ATTRIBUTE.findall(each)) for each in _FORMAT.findall(html))
    if tags * (nodes + MAX_TAG_ATTRIBUTES) <= MAX_REPEATED_NODES:
        return False
    nodes += MAX_TAG_ATTRIBUTES if _CROWDED_LINK.search(html) else MAX_LINK_ATTRIBUTES
    return tags * nodes > MAX_REPEATED_NODES
