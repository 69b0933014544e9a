"""Converts a page to a list of text blocks in reading order, each with its enclosing elements.

It walks the tree once, without recursion. All reading without rules uses the outline: finding the
body, the printed date, the byline.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.page.clean import clean_line
from crawler.extract.page.paragraphs import INLINE_TAGS, SKIPPED_TAGS

MAX_NODES = 150_000
MAX_BLOCKS = 20_000
_MAX_ANCESTORS = 64
_MAX_NAMES_CHARS = 300
_NAMES = ("class", "id", "itemprop", "role", "data-testid", "data-component", "data-qa")
_HIDDEN = re.compile(r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden", re.IGNORECASE)
# Inline elements that stylesheets usually show on a line of their own.
_OWN_LINE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:caption|desc|credit|date|time|datestamp|byline|by-line|author|writer|reporter)(?:$|[\s_-])",
    re.IGNORECASE,
)
_PREFORMATTED = re.compile(r"white-space\s{0,3}:\s{0,3}pre", re.IGNORECASE)
_MIN_VISIBLE_WEIGHT = 200
_WIDE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff66-\uff9f]")


def text_weight(text: str) -> int:
    """Returns a text's length in Latin letters; a CJK character counts as 2.5 of them."""
    if text.isascii():
        return len(text)
    return len(text) + 3 * len(_WIDE.findall(text)) // 2


@dataclass(slots=True)
class Element:
    """An element that is not inline.

    `parent`: index of the element that contains it, -1 for the root. `names`: its class, id and
    similar attributes.
    """

    tag: str
    parent: int
    node: LexborNode
    names: str

    @property
    def kind(self) -> tuple[str, str]:
        """Tag and names: what the elements of a row or of a series of paragraphs share."""
        return self.tag, self.names


@dataclass(slots=True)
class Block:
    """A piece of text like a paragraph; line breaks inside it are newlines.

    `weight`: its `text_weight`. `link_weight`: how much of the weight is in links.
    `opening_link_weight`: how much is in links before any other text.
    """

    text: str
    element_index: int
    weight: int
    link_weight: int
    is_bold: bool = False
    opening_link_weight: int = 0


@dataclass(slots=True)
class Outline:
    """The elements and blocks of a page in document order; a parent precedes its children.

    `hidden`: nodes that the page hides, each with the element that contains it; they are left out.
    `truncated`: the page has more nodes or blocks than the limits, and the rest is missing.
    """

    elements: list[Element] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    hidden: list[tuple[int, LexborNode]] = field(default_factory=list)
    truncated: bool = False
    _ends: list[int] = field(default_factory=list)

    def ancestors(self, index: int) -> Iterator[int]:
        """Yields an element's index and those of its ancestors, at most `_MAX_ANCESTORS` in all."""
        for _ in range(_MAX_ANCESTORS):
            if index < 0:
                return
            yield index
            index = self.elements[index].parent

    def inside_mask(self, roots: Collection[int]) -> list[bool]:
        """Returns for each element whether it is one of the roots or inside one."""
        mask: list[bool] = []
        for index, element in enumerate(self.elements):
            mask.append(index in roots or (element.parent >= 0 and mask[element.parent]))
        return mask

    def descendant_ends(self) -> list[int]:
        """Returns for each element the index after its last descendant."""
        if len(self._ends) != len(self.elements):
            ends = list(range(1, len(self.elements) + 1))
            for index in range(len(ends) - 1, 0, -1):
                parent = self.elements[index].parent
                ends[parent] = max(ends[parent], ends[index])
            self._ends = ends
        return self._ends


def build_outline(tree: LexborHTMLParser, shown: Collection[int] = ()) -> Outline:
    """Returns the outline of a parsed page, up to `MAX_NODES` nodes and `MAX_BLOCKS` blocks.

    `shown`: `mem_id`s of hidden nodes to show.
    """
    root = tree.body or tree.root
    if root is None:
        return Outline()
    builder = _OutlineBuilder(shown)
    builder.walk(root)
    if (
        builder.result.hidden
        and sum(block.weight for block in builder.result.blocks) < _MIN_VISIBLE_WEIGHT
    ):
        # The page shows almost nothing until its scripts run; they reveal the hidden elements.
        builder = _OutlineBuilder(show_all=True)
        builder.walk(root)
    return builder.result


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style")
    return "hidden" in attributes or (style is not None and _HIDDEN.search(style) is not None)


class _OutlineBuilder:
    def __init__(self, shown: Collection[int] = (), *, show_all: bool = False) -> None:
        self.result = Outline()
        self.shown = shown
        self.show_all = show_all
        self.preformatted_depth = 0
        self.current_element = -1
        self.line_parts: list[str] = []
        self.line_has_text = False
        self.lines: list[str] = []
        self.consecutive_breaks = 0
        self.link_weight = self.opening_link_weight = 0
        self.in_link = 0
        self.in_bold = 0
        self.bold_chars = 0

    def walk(self, root: LexborNode) -> None:
        """Walks the tree below `root` and fills `result`."""
        self._open(root, root.tag or "", root.attributes)
        stack: list[tuple[str, LexborNode | None]] = []
        node, tag = root.first_child, root.tag or ""
        for _ in range(MAX_NODES):
            if len(self.result.blocks) >= MAX_BLOCKS:
                break
            while node is None:
                if not stack:
                    self._close(tag)
                    return
                self._close(tag)
                tag, node = stack.pop()
            next_node = node.next
            child_and_tag = self._enter(node)
            if child_and_tag is None:
                node = next_node
            else:
                stack.append((tag, next_node))
                node, tag = child_and_tag
        self._end_block()
        self.result.truncated = True

    def _enter(self, node: LexborNode) -> tuple[LexborNode, str] | None:
        """Processes a node; returns its first child and its tag, or None to skip its children."""
        if node.is_text_node:
            self._add_text(node.text_content or "")
            return None
        tag = node.tag or ""
        if tag == "br":
            self._add_line_break()
            return None
        if tag in SKIPPED_TAGS or not node.is_element_node:
            return None
        child = node.first_child
        if child is None:
            if tag not in INLINE_TAGS:
                self._end_block()
            return None
        attributes = node.attributes
        if attributes:
            if (
                not self.show_all
                and _is_hidden(attributes)
                and (not self.shown or node.mem_id not in self.shown)
            ):
                self.result.hidden.append((self.current_element, node))
                return None
            tag = self._shown_tag(tag, attributes)
        self._open(node, tag, attributes)
        return child, tag

    def _shown_tag(self, tag: str, attributes: dict[str, str | None]) -> str:
        """Returns the tag by which an element is shown: `line` and `pre` replace some tags."""
        if tag in INLINE_TAGS:
            names = attributes.get("class")
            starts_line = not self.lines and not self.line_has_text
            return "line" if names and starts_line and _OWN_LINE_NAMES.search(names) else tag
        style = attributes.get("style")
        return "pre" if style and _PREFORMATTED.search(style) else tag

    def _open(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> None:
        if tag not in INLINE_TAGS:
            self._end_block()
            names = " ".join(attributes.get(name) or "" for name in _NAMES if name in attributes)
            self.result.elements.append(
                Element(tag, self.current_element, node, names[:_MAX_NAMES_CHARS])
            )
            self.current_element = len(self.result.elements) - 1
            self.preformatted_depth += tag == "pre"
        elif tag == "a":
            self.in_link += 1
        elif tag in ("b", "strong"):
            self.in_bold += 1

    def _close(self, tag: str) -> None:
        if tag not in INLINE_TAGS:
            self._end_block()
            self.current_element = self.result.elements[self.current_element].parent
            self.preformatted_depth -= tag == "pre"
        elif tag == "a":
            self.in_link -= 1
        elif tag in ("b", "strong"):
            self.in_bold -= 1

    def _add_text(self, text: str) -> None:
        if not self.preformatted_depth or "\n" not in text:
            self._add_words(text)
            return
        for number, line in enumerate(text.split("\n")):
            if number:
                self._add_line_break()
            if line.strip():
                self._add_words(line)

    def _add_words(self, text: str) -> None:
        if text.isspace():
            # Most of a page's white space stands between elements, where no line begins.
            if self.line_has_text:
                self.line_parts.append(text)
            return
        self.consecutive_breaks = 0
        self.line_has_text = True
        if self.in_link:
            self.link_weight += text_weight(text)
        elif not self.opening_link_weight:
            # Stands for "no link opens the block" until the block ends.
            self.opening_link_weight = self.link_weight or -1
        if self.in_bold:
            self.bold_chars += len(text)
        self.line_parts.append(text)

    def _add_line_break(self) -> None:
        self._end_line()
        self.consecutive_breaks += 1
        if self.consecutive_breaks > 1:
            self._end_block()

    def _end_line(self) -> None:
        if self.line_parts:
            if line := clean_line("".join(self.line_parts)):
                self.lines.append(line)
            self.line_parts = []
            self.line_has_text = False

    def _end_block(self) -> None:
        if self.line_has_text:
            self._end_line()
        if self.lines:
            text = "\n".join(self.lines)
            is_bold = self.bold_chars * 10 > 8 * len(text)
            self.result.blocks.append(
                Block(
                    text,
                    self.current_element,
                    text_weight(text),
                    self.link_weight,
                    is_bold,
                    max(0, self.opening_link_weight),
                )
            )
            self.lines = []
        self.link_weight = self.opening_link_weight = self.bold_chars = 0
