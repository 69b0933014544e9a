"""Splits a node's text into paragraphs, in one pass without recursion."""

from collections.abc import Iterable

from selectolax.lexbor import LexborNode

from crawler.extract.page.clean import clean_line

SKIPPED_TAGS = frozenset([
    "rp", "rt", "rtc",
    "script", "style", "noscript", "template", "iframe", "object", "svg", "math", "head", "title",
    "meta", "link", "button", "select", "option", "input", "textarea", "canvas", "audio", "video",
    "map", "datalist",
])  # fmt: skip
INLINE_TAGS = frozenset([
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "meter", "nobr", "o:p", "output", "q",
    "rb", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr", "amp-ad", "center-span",
])  # fmt: skip
PARAGRAPH_BREAK = "\n\n"
LINE_BREAK = "\n"


def split_paragraphs(node: LexborNode, skip: frozenset[int] = frozenset()) -> list[str]:
    """Returns the node's text as paragraphs; a single line break inside one becomes a newline.

    `skip`: `mem_id`s of nodes to leave out, with everything inside them.
    """
    collector = _ParagraphCollector()
    _walk(node, collector, skip)
    return collector.finish()


def text_of(node: LexborNode) -> str:
    """Returns the node's text on one line."""
    return " ".join(line for part in split_paragraphs(node) for line in part.split(LINE_BREAK))


def join_paragraphs(parts: Iterable[str]) -> str:
    """Joins paragraphs with an empty line between them; empty ones are left out."""
    return PARAGRAPH_BREAK.join(part for part in parts if part)


class _ParagraphCollector:
    """Collects text between block borders; two line breaks in a row are also a border."""

    __slots__ = ("consecutive_breaks", "finished_paragraphs", "line_parts", "lines")

    def __init__(self) -> None:
        self.finished_paragraphs: list[str] = []
        self.lines: list[str] = []
        self.line_parts: list[str] = []
        self.consecutive_breaks = 0

    def add_text(self, value: str) -> None:
        if self.consecutive_breaks and not value.isspace():
            self.consecutive_breaks = 0
        self.line_parts.append(value)

    def line_break(self) -> None:
        self._end_line()
        self.consecutive_breaks += 1
        if self.consecutive_breaks > 1:
            self.end_paragraph()

    def end_paragraph(self) -> None:
        self._end_line()
        if self.lines:
            self.finished_paragraphs.append(LINE_BREAK.join(self.lines))
            self.lines = []

    def finish(self) -> list[str]:
        self.end_paragraph()
        return self.finished_paragraphs

    def _end_line(self) -> None:
        if self.line_parts:
            line = clean_line("".join(self.line_parts))
            if line:
                self.lines.append(line)
            self.line_parts = []


def _walk(root: LexborNode, collector: _ParagraphCollector, skip: frozenset[int]) -> None:
    node: LexborNode | None = root
    depth = 0
    while node is not None:
        child = _enter(node, collector, skip)
        if child is not None:
            node, depth = child, depth + 1
            continue
        while node is not None and depth and node.next is None:
            node, depth = node.parent, depth - 1
            if node is not None:
                _leave(node, collector)
        node = node.next if node is not None and depth else None


def _enter(
    node: LexborNode, collector: _ParagraphCollector, skip: frozenset[int]
) -> LexborNode | None:
    """Processes a node; returns its first child, or None to skip its children."""
    if node.is_text_node:
        collector.add_text(node.text_content or "")
        return None
    tag = node.tag or ""
    if tag == "br":
        collector.line_break()
        return None
    if not node.is_element_node or tag in SKIPPED_TAGS or (skip and node.mem_id in skip):
        return None
    if tag not in INLINE_TAGS:
        collector.end_paragraph()
    child = node.first_child
    if child is None and tag not in INLINE_TAGS:
        collector.end_paragraph()
    return child


def _leave(node: LexborNode, collector: _ParagraphCollector) -> None:
    if (node.tag or "") not in INLINE_TAGS:
        collector.end_paragraph()
