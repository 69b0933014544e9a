"""Tells tables of data that stand in a `figure`, as some builders print them, from pictures."""

from crawler.extract import element_names
from crawler.extract.body.body import Body
from crawler.extract.page.outline import Outline


def is_in_clutter(outline: Outline, body: Body, index: int) -> bool:
    """Returns whether an element is in clutter or a picture; a table in a `figure` is in neither."""
    return body.clutter_mask[index] and not _is_table_in_figure(outline, body, index)


def _is_table_in_figure(outline: Outline, body: Body, index: int) -> bool:
    in_table = False
    for ancestor in outline.ancestors(index):
        element = outline.elements[ancestor]
        if element.tag == "figure":
            is_named_otherwise = element_names.is_clutter("div", element.names) or (
                element_names.is_caption("div", element.names)
            )
            return (
                in_table
                and not is_named_otherwise
                and not body.clutter_mask[max(0, element.parent)]
            )
        if element.tag in ("figcaption", "caption") or element_names.is_clutter(
            element.tag, element.names
        ):
            return False
        in_table = in_table or element.tag == "table"
    return False
