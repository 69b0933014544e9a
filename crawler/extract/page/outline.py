"""A page as a list of text blocks in reading order, each knowing the elements it lies in.

One walk without recursion; what reads a page that nobody wrote rules for builds on it: the body,
the printed date, the byline.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.extract.page.blocks import INLINE, SILENT
from crawler.extract.page.clean import clean_line

MAX_NODES = 150_000
MAX_BLOCKS = 20_000
_HIGHEST = 64
_LONGEST_NAMES = 300
_NAMES = ("class", "id", "itemprop", "role", "data-testid", "data-component", "data-qa")
_HIDDEN = re.compile(r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden", re.IGNORECASE)
# Inline elements that browsers are told to show as lines of their own.
_OWN_LINE = re.compile(
    r"(?:^|[\s_-])(?:caption|desc|credit|date|time|datestamp|byline|by-line|author|writer|reporter)(?:$|[\s_-])",
    re.IGNORECASE,
)
_PREFORMATTED = re.compile(r"white-space\s{0,3}:\s{0,3}pre", re.IGNORECASE)
_LITTLE = 200
_WIDE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff66-\uff9f]")


def weight(text: str) -> int:
    """Give a text's length in Latin letters; a CJK character says as much as 2.5 of them."""
    if text.isascii():
        return len(text)
    return len(text) + 3 * len(_WIDE.findall(text)) // 2


@dataclass(slots=True)
class Element:
    """An element that is not inline: its tag, the index of the one it lies in, its node.

    `pictured`: there is a picture right in it.
    """

    tag: str
    parent: int
    node: LexborNode
    names: str
    pictured: bool = False


@dataclass(slots=True)
class Block:
    """A paragraph-like piece of text. `links`: how much of its weight is in links."""

    text: str
    element: int
    weight: int
    links: int
    bold: bool = False


@dataclass(slots=True)
class Outline:
    """Elements in document order, so that a parent's index is below its children's.

    `cut`: the page had more nodes or blocks than are read.
    """

    elements: list[Element] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    cut: bool = False

    def ancestors(self, index: int) -> Iterator[int]:
        """Give an element's index and those above it, 64 at most: no real page nests deeper."""
        for _ in range(_HIGHEST):
            if index < 0:
                return
            yield index
            index = self.elements[index].parent

    def inside(self, roots: Collection[int]) -> list[bool]:
        """Say of each element whether it is one of the roots or lies in one."""
        held: list[bool] = []
        for index, element in enumerate(self.elements):
            held.append(index in roots or (element.parent >= 0 and held[element.parent]))
        return held


def outline(tree: LexborHTMLParser) -> Outline:
    """Walk a parsed page. Beyond a limit of nodes the rest is left out."""
    root = tree.body or tree.root
    if root is None:
        return Outline()
    walker = _Walker()
    walker.walk(root)
    if walker.hidden and sum(block.weight for block in walker.result.blocks) < _LITTLE:
        # A page that shows nothing before its scripts ran: readers see what it hides.
        walker = _Walker(show=True)
        walker.walk(root)
    return walker.result


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style")
    return "hidden" in attributes or (style is not None and _HIDDEN.search(style) is not None)


class _Walker:
    def __init__(self, *, show: bool = False) -> None:
        self.result = Outline()
        self.show = show
        self.hidden = 0
        self.formatted = 0
        self.current = -1
        self.line: list[str] = []
        self.lines: list[str] = []
        self.breaks = 0
        self.linked = 0
        self.in_link = 0
        self.in_bold = 0
        self.bold = 0

    def walk(self, root: LexborNode) -> None:
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
            following = node.next
            entered = self._enter(node)
            if entered is None:
                node = following
            else:
                stack.append((tag, following))
                node, tag = entered
        self._border()
        self.result.cut = True

    def _enter(self, node: LexborNode) -> tuple[LexborNode, str] | None:
        """Take the node's own part; give its first child, if it is to be walked, and its kind."""
        if node.is_text_node:
            self._text(node.text_content or "")
            return None
        tag = node.tag or ""
        if tag == "br":
            self._break()
            return None
        if tag in SILENT or not node.is_element_node:
            return None
        child = node.first_child
        if child is None:
            if tag not in INLINE:
                self._border()
            elif tag == "img":
                self.result.elements[self.current].pictured = True
            return None
        attributes = node.attributes
        if attributes:
            if _is_hidden(attributes):
                self.hidden += 1
                if not self.show:
                    return None
            tag = self._kind(tag, attributes)
        self._open(node, tag, attributes)
        return child, tag

    def _kind(self, tag: str, attributes: dict[str, str | None]) -> str:
        """Tell elements that are shown otherwise than their tag says."""
        if tag in INLINE:
            names = attributes.get("class")
            starts = not self.lines and not "".join(self.line).strip()
            return "line" if names and starts and _OWN_LINE.search(names) else tag
        style = attributes.get("style")
        return "pre" if style and _PREFORMATTED.search(style) else tag

    def _open(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> None:
        if tag not in INLINE:
            self._border()
            names = " ".join(attributes.get(name) or "" for name in _NAMES if name in attributes)
            self.result.elements.append(Element(tag, self.current, node, names[:_LONGEST_NAMES]))
            self.current = len(self.result.elements) - 1
            self.formatted += tag == "pre"
        elif tag == "a":
            self.in_link += 1
        elif tag in ("b", "strong"):
            self.in_bold += 1

    def _close(self, tag: str) -> None:
        if tag not in INLINE:
            self._border()
            self.current = self.result.elements[self.current].parent
            self.formatted -= tag == "pre"
        elif tag == "a":
            self.in_link -= 1
        elif tag in ("b", "strong"):
            self.in_bold -= 1

    def _text(self, text: str) -> None:
        if not self.formatted or "\n" not in text:
            self._words(text)
            return
        for number, line in enumerate(text.split("\n")):
            if number:
                self._break()
            if line.strip():
                self._words(line)

    def _words(self, text: str) -> None:
        if not text.isspace():
            self.breaks = 0
            if self.in_link:
                self.linked += weight(text)
            if self.in_bold:
                self.bold += len(text)
        self.line.append(text)

    def _break(self) -> None:
        self._end_line()
        self.breaks += 1
        if self.breaks > 1:
            self._border()

    def _end_line(self) -> None:
        if self.line:
            if line := clean_line("".join(self.line)):
                self.lines.append(line)
            self.line = []

    def _border(self) -> None:
        self._end_line()
        if self.lines:
            text = "\n".join(self.lines)
            bold = self.bold * 10 > 8 * len(text)
            self.result.blocks.append(Block(text, self.current, weight(text), self.linked, bold))
            self.lines = []
        self.linked = self.bold = 0
