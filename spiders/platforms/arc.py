"""Arc XP (Fusion) pages: the article is JSON in a script, not HTML in the body."""

import html
import json
from collections.abc import Iterator
from typing import Any

from crawler.extract.page.page import Page

_CONTENT_START = "Fusion.globalContent="


def add_article_html(page: Page) -> Page:
    """Returns the page with its article added as HTML in `#arc`; other pages unchanged."""
    content = _content(page.html)
    if not _as_list(content.get("content_elements")):
        return page
    try:
        article = "".join(_iter_html_parts(content))
    except RecursionError:
        return page
    return page.with_html(f'{page.html}<article id="arc">{article}</article>')


def _content(source: str) -> dict[str, Any]:
    start = source.find(_CONTENT_START)
    if start < 0:
        return {}
    try:
        content, _ = json.JSONDecoder().raw_decode(source, start + len(_CONTENT_START))
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _iter_html_parts(content: dict[str, Any]) -> Iterator[str]:
    yield f"<h1>{_text_at(content, 'headlines', 'basic')}</h1>"
    yield f"<h2>{_text_at(content, 'subheadlines', 'basic')}</h2>"
    yield f"<time>{html.escape(str(content.get('display_date') or ''))}</time>"
    credits = content.get("credits")
    for author in _as_list(credits.get("by")) if isinstance(credits, dict) else ():
        yield f"<address>{_text_at(author, 'name')}</address>"
    for element in content["content_elements"]:
        if isinstance(element, dict):
            yield from _element(element)


def _element(element: dict[str, Any]) -> Iterator[str]:
    text = str(element.get("content") or "")
    match element.get("type"):
        case "text":
            yield f"<p>{text}</p>"
        case "header":
            yield f"<h3>{text}</h3>"
        case "image" | "video" | "gallery":
            yield f"<figcaption>{_text_at(element, 'caption')}</figcaption>"
        case "list" | "quote":
            key = "items" if element["type"] == "list" else "content_elements"
            for item in _as_list(element.get(key)):
                yield from _element(item) if isinstance(item, dict) else ()


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text_at(value: Any, *path: str) -> str:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return html.escape(value) if isinstance(value, str) else ""
