"""What selectors select when several of their parts match one element."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.page import css_select

HTML = (
    "<section class=story><div class=body><p class=text>First.</p><p>Second.</p></div></section>"
    "<div class=body><p>Third.</p></div>"
)


@pytest.mark.parametrize(
    "selector",
    ["p, p", "p, .text", ".text, p", "p, .story p, .body > p", "section p, div p", ".body, p",
     ".story, .body, .body p", "*, p"],
)  # fmt: skip
def test_a_paragraph_that_two_parts_match_stands_in_the_text_once(selector: str) -> None:
    paragraphs, _ = css_select.select_paragraphs(LexborHTMLParser(HTML), selector)
    assert paragraphs == ["First.", "Second.", "Third."]


def test_values_are_read_once() -> None:
    tree = LexborHTMLParser("<b class=name>Anna</b>")
    assert list(css_select.iter_values(tree, "b, .name")) == ["Anna"]


def test_an_element_that_two_parts_match_is_removed_once() -> None:
    tree = LexborHTMLParser(HTML)
    css_select.remove_nodes(tree, ".text, p, .body")
    assert css_select.select_paragraphs(tree, "section")[0] == []
