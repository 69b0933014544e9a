"""From a node to its paragraphs, in one pass without recursion."""

from collections.abc import Iterable

from selectolax.lexbor import LexborNode

from crawler.extract.page.clean import clean_line

SILENT = frozenset([
    "rp", "rt", "rtc",
    "script", "style", "noscript", "template", "iframe", "object", "svg", "math", "head", "title",
    "meta", "link", "button", "select", "option", "input", "textarea", "canvas", "audio", "video",
    "map", "datalist",
])  # fmt: skip
INLINE = frozenset([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "meter", "nobr", "o:p", "output", "q",
    "rb", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr", "amp-ad", "center-span",
])  # fmt: skip
PARAGRAPH = "\n\n"
LINE = "\n"


def paragraphs(node: LexborNode, skip: frozenset[int] = frozenset()) -> list[str]:
    """Give the node's text as paragraphs; a single line break inside one is kept as a newline.

    `skip`: `mem_id`s of nodes to leave out with all below them.
    """
    collector = _Collector()
    _walk(node, collector, skip)
    return collector.finished()


def text_of(node: LexborNode) -> str:
    """Give the node's text on one line."""
    return " ".join(line for part in paragraphs(node) for line in part.split(LINE))


def joined(parts: Iterable[str]) -> str:
    return PARAGRAPH.join(part for part in parts if part)


class _Collector:
    """Gathers text between block borders; two line breaks in a row are a border too."""

    __slots__ = ("breaks", "done", "line", "lines")

    def __init__(self) -> None:
        self.done: list[str] = []
        self.lines: list[str] = []
        self.line: list[str] = []
        self.breaks = 0

    def text(self, value: str) -> None:
        if self.breaks and not value.isspace():
            self.breaks = 0
        self.line.append(value)

    def line_break(self) -> None:
        self._end_line()
        self.breaks += 1
        if self.breaks > 1:
            self.border()

    def border(self) -> None:
        self._end_line()
        if self.lines:
            self.done.append(LINE.join(self.lines))
            self.lines = []

    def finished(self) -> list[str]:
        self.border()
        return self.done

    def _end_line(self) -> None:
        if self.line:
            line = clean_line("".join(self.line))
            if line:
                self.lines.append(line)
            self.line = []


def _walk(root: LexborNode, collector: _Collector, skip: frozenset[int]) -> None:
    node: LexborNode | None = root
    depth = 0
    while node is not None:
        below = _enter(node, collector, skip)
        if below is not None:
            node, depth = below, depth + 1
            continue
        while node is not None and depth and node.next is None:
            node, depth = node.parent, depth - 1
            if node is not None:
                _leave(node, collector)
        node = node.next if node is not None and depth else None


def _enter(node: LexborNode, collector: _Collector, skip: frozenset[int]) -> LexborNode | None:
    """Take the node's own part; give its first child if it is to be walked."""
    if node.is_text_node:
        collector.text(node.text_content or "")
        return None
    tag = node.tag or ""
    if tag == "br":
        collector.line_break()
        return None
    if not node.is_element_node or tag in SILENT or (skip and node.mem_id in skip):
        return None
    if tag not in INLINE:
        collector.border()
    child = node.first_child
    if child is None and tag not in INLINE:
        collector.border()
    return child


def _leave(node: LexborNode, collector: _Collector) -> None:
    if (node.tag or "") not in INLINE:
        collector.border()
