import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from crawler.extract.page.page import Page
from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class Scmp(Outlet):
    """South China Morning Post."""

    name = "scmp"
    every = timedelta(hours=2)
    languages = ("en",)
    country, timezone = "HK", "Asia/Hong_Kong"
    hosts = ("scmp.com",)
    rights, rights_note = "full", "South China Morning Post, all rights reserved"
    topic = True
    site_metadata = ("(?:news_)?keywords=South China Morning Post, News, Opinion",)
    delay = 10.0  # robots.txt asks for it
    article = r"/article/\d{6,}"
    key = r"/article/(\d{6,})"
    sources = tuple(
        Feed(f"https://www.scmp.com/rss/{number}/feed", verified=f"U 2026, {section}")
        for number, section in ((3, "Asia"), (4, "China"), (5, "world"))
    )
    rules = (
        Rules(
            title=("h1[class*=headline]", "[data-qa=ContentHeadline-ContentHeadline]", "h1"),
            body=(
                "section[data-qa='ContentBody-ContentBodyContainer'] :is(p, h2, h3)",
                "#state p",
                ".details__body :is(p, h2, h3)",
                ".article__body :is(p, h2, h3)",
            ),
            date="meta[property='article:published_time']@content",
            modified="meta[property='article:modified_time']@content",
            authors=("meta[name=cse_author]@content", "[data-qa=AuthorName]"),
            section="meta[property='article:section']@content",
            captions="figcaption",
            drop=("figure",),
        ),
    )

    @classmethod
    def prepare(cls, page: Page) -> Page:
        """Pages of 2019-22 carry their text as a tree of JSON in a script only."""
        match = _STATE.search(page.html)
        if not match:
            return page
        try:
            tree, _ = json.JSONDecoder().raw_decode(page.html, match.end())
            paragraphs = [
                f"<p>{html.escape(''.join(_iter_text(node)))}</p>"
                for node in _paragraph_nodes(tree)
            ]
        except (ValueError, RecursionError):
            return page
        return page.with_html(f'{page.html}<article id="state">{"".join(paragraphs)}</article>')


_STATE = re.compile(r'"body(?:\((?:[^"\\]|\\.)*\))?":\{"type":"json","json":')


def _paragraph_nodes(tree: Any) -> Iterator[dict[str, Any]]:
    nodes = tree if isinstance(tree, list) else ()
    return (node for node in nodes if isinstance(node, dict) and node.get("type") == "p")


def _iter_text(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "text":
            yield str(node.get("data") or "")
        for child in node.get("children") or ():
            yield from _iter_text(child)
