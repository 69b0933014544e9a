"""Finds the rest of an article that a page hides until the reader asks for it.

Such a box stands beside paragraphs that the page shows, and holds prose. Dialogs, menus and forms
do not.
"""

from selectolax.lexbor import LexborNode

from crawler.extract import element_names
from crawler.extract.body.body import Body, is_prose
from crawler.extract.body.sentences import ends_like_sentence
from crawler.extract.page.outline import Outline, text_weight
from crawler.extract.page.paragraphs import split_paragraphs

_MIN_PARAGRAPH_WEIGHT = 60
_MIN_PROSE_SHARE = 0.7
_MIN_SHARE_OF_VISIBLE = 0.25
_CONTROLS = "form, input, select, textarea, button"


def find_hidden_text(outline: Outline, body: Body) -> frozenset[int]:
    """Returns the `mem_id`s of the hidden nodes that continue the text of a body."""
    if not outline.hidden:
        return frozenset()
    visible = 0
    parents: set[int] = set()
    for block in body.blocks:
        if is_prose(block) and not body.clutter_mask[block.element_index]:
            visible += block.weight
            parents |= {block.element_index, outline.elements[block.element_index].parent}
    parents |= {outline.elements[index].parent for index in body.elements}
    paragraphs = {
        node.mem_id: _prose_paragraphs(node)
        for parent, node in outline.hidden
        if parent in parents and not body.clutter_mask[parent]
    }
    hidden = sum(
        text_weight(part) for part in {part for each in paragraphs.values() for part in each}
    )
    if hidden < _MIN_SHARE_OF_VISIBLE * visible:
        return frozenset()
    return frozenset(node_id for node_id, parts in paragraphs.items() if parts)


def _prose_paragraphs(node: LexborNode) -> list[str]:
    """Returns the long paragraphs of a node that holds little else; else an empty list."""
    names = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
    if (
        element_names.is_comments_or_consent(names)
        or element_names.is_caption(node.tag or "", names)
        or node.css_first(_CONTROLS) is not None
    ):
        return []
    parts = split_paragraphs(node)
    paragraphs = [part for part in parts if text_weight(part) >= _MIN_PARAGRAPH_WEIGHT]
    links = sum(text_weight(link.text()) for link in node.css("a"))
    prose = sum(map(text_weight, paragraphs)) - links
    if not any(map(ends_like_sentence, paragraphs)):
        return []
    return paragraphs if prose > _MIN_PROSE_SHARE * sum(map(text_weight, parts)) else []
