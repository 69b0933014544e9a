"""A fetched page: its decoded text, tree, JSON-LD and meta tags, each computed on demand."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from crawler import trial
from crawler.extract.page import guard
from crawler.extract.page.charset import DecodedText, decode
from crawler.extract.page.gzip_members import gunzip
from crawler.extract.page.jsonld import is_json_ld, parse_json_ld
from crawler.extract.page.meta import Meta, parse_meta
from crawler.extract.page.outline import Outline, build_outline


class Page:
    """One response. Each property is computed when it is first used.

    `body`: gzip is unpacked; cut at `guard.MAX_PAGE_BYTES`. `fetched_at`: aware. `languages`:
    those that the outlet writes in; they help to detect the charset.
    """

    def __init__(
        self,
        body: bytes,
        url: str,
        headers: Mapping[str, str] | None = None,
        fetched_at: datetime | None = None,
        languages: Sequence[str] = (),
    ) -> None:
        # Some servers pack a page and do not say so. False gzip stays, so that it can be told.
        body = gunzip(body, guard.MAX_PAGE_BYTES + 1)[0] or body
        self.body = body[: guard.MAX_PAGE_BYTES]
        self.oversized = len(body) > guard.MAX_PAGE_BYTES
        self.url = url
        self.headers = {name.lower(): value for name, value in (headers or {}).items()}
        self.fetched_at = fetched_at
        self.languages = tuple(languages)

    def with_html(self, html: str) -> "Page":
        """Returns the same response with other HTML, for an outlet's `prepare` hook."""
        page = Page(b"", self.url, self.headers, self.fetched_at, self.languages)
        page.body = html.encode("utf-8", "replace")
        page.oversized = self.oversized
        page.decoded = DecodedText(html, "utf-8", self.decoded.flags)
        page.truncated = self.truncated
        return page

    def with_languages(self, languages: Sequence[str]) -> "Page":
        """Returns the page with languages set, unless it has some or is already decoded."""
        if self.languages or not languages or "decoded" in vars(self):
            return self
        return Page(self.body, self.url, self.headers, self.fetched_at, languages)

    def unparsed_copy(self) -> "Page":
        """Returns a copy that is not parsed: extraction removes elements from a page's tree."""
        page = Page.__new__(Page)
        kept = vars(self).items()
        vars(page).update({name: value for name, value in kept if name not in _PARSED})
        return page

    @cached_property
    def decoded(self) -> DecodedText:
        """The source as text, with its charset."""
        return decode(self.body, self.headers.get("content-type", ""), self.languages)

    @property
    def html(self) -> str:
        """The source as text."""
        return self.decoded.text

    @cached_property
    def is_cheap(self) -> bool:
        """Whether the page costs little to read, whatever is in it (`guard.is_cheap`)."""
        return len(self.body) <= guard.MAX_CHEAP_BYTES and guard.is_cheap(self.html)

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The parsed page; an empty tree if that would cost too much.

        What a caller does with the tree is limited only inside of `trial.bounded`.
        """
        try:
            return trial.bounded(self._parse)
        except (trial.HostileError, trial.UntriedError):
            return LexborHTMLParser(b"", scripting=True)

    def _parse(self) -> LexborHTMLParser:
        trial.require(lambda: self.is_cheap)
        # lexbor parses UTF-8 bytes faster than `str`.
        is_plain_utf8 = self.decoded.charset == "utf-8" and "\ufffd" not in self.html
        source = self.body if is_plain_utf8 else self.html.encode("utf-8", "replace")
        tree = LexborHTMLParser(source, scripting=True)
        trial.require(lambda: not guard.is_deep(tree))
        return tree

    @cached_property
    def json_ld(self) -> list[dict[str, Any]]:
        """All JSON-LD objects of the page."""
        return parse_json_ld(self.tree)

    @cached_property
    def script_text(self) -> str:
        """The text of all scripts that run or hold data, without JSON-LD."""
        return "\n".join(node.text() for node in self.tree.css("script") if not is_json_ld(node))

    @cached_property
    def meta(self) -> Meta:
        """The metadata in the page's head, by name."""
        return parse_meta(self.tree)

    @cached_property
    def outline(self) -> Outline:
        """The page as text blocks, for reading without rules."""
        return build_outline(self.tree)

    @cached_property
    def truncated(self) -> bool:
        """Whether the page is cut: it is too large, or its closing tag is missing."""
        if self.oversized:
            return True
        tail = self.html[-2000:].lower()
        if any(mark in tail for mark in _END_MARKS):
            return False
        root = _XML_ROOT.match(self.html[:2000])
        return "<" in self.html and not (root and f"</{root[1].lower()}>" in tail)


_PARSED = frozenset({"tree", "json_ld", "script_text", "meta", "outline"})
_END_MARKS = ("</html>", "</body>", "</rss>", "</feed>", "</response>")
_XML_ROOT = re.compile(r"[\ufeff\s]{0,20}<\?xml[^>]{0,200}>\s{0,20}<([\w:.-]{1,60})")
