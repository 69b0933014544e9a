"""Separates the texts of neighbouring elements that only a stylesheet keeps apart."""

import re
from collections.abc import Iterator
from itertools import islice, pairwise

from selectolax.lexbor import LexborNode

from crawler.extract.page.paragraphs import text_of

_SMALL, _CAPITAL = "a-zà-ÿа-яё", "A-ZÀ-ÖØ-ÞА-ЯЁ"
# "HarbourCity", "HARBOURCity", "Harbour14"; a large first letter alone, as in "Anna", is none.
_JOINT = re.compile(
    rf"[{_SMALL})][{_CAPITAL}]|[{_CAPITAL}](?=[{_CAPITAL}][{_SMALL}])|[{_SMALL}{_CAPITAL}](?=\d)"
)
_MAX_NODES = 400


def separated_text_of(node: LexborNode) -> str:
    """Returns a node's text on one line, with commas where elements meet without a space."""
    return separate_elements(text_of(node), node)


def separate_elements(text: str, node: LexborNode) -> str:
    """Puts a comma in a text where two elements of a node meet: "Anna HarbourCity reporter".

    Such a place is where a name ends and a word, a number or an address begins; "McReed" in one
    element is none.
    """
    if "@" not in text and not _JOINT.search(text):
        return text
    for before, after in _iter_joints(node):
        text = text.replace(before + after, f"{before}, {after}")
    return text


def _iter_joints(node: LexborNode) -> Iterator[tuple[str, str]]:
    """Yields the last word of an element and the first word of the next, if nothing is between."""
    texts = [
        child.text_content or ""
        for child in islice(node.traverse(include_text=True), _MAX_NODES)
        if child.is_text_node
    ]
    for text, next_text in pairwise(texts):
        touching = text[-1:].isalnum() and next_text[:1].strip()
        if touching and (_JOINT.match(text[-1] + next_text[:2]) or "@" in next_text.split()[0]):
            yield text.split()[-1], next_text.split()[0]
