"""Cuts a page down to the markup that matters, with invented words: a sample for tests.

Kept are the elements that the outlet's rules select or drop, the headline, times, meta tags, the
article's JSON-LD, and the elements around them. All other elements, scripts and styles are removed.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import orjson
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.authoring.invented_words import replace_words
from crawler.authoring.script_samples import cut_state
from crawler.authoring.source_samples import cut_source
from crawler.discovery.source_parser import match_source, parse_source
from crawler.extract.extraction import Extraction, extract_page
from crawler.extract.page import css_select
from crawler.extract.page.css_select import split_attribute
from crawler.extract.page.page import Page
from crawler.extract.page.rules import RULE_PATTERNS, RULE_SELECTORS, Rules
from crawler.outlet import Outlet
from crawler.sources import Feed, JsonListing, Listing, Sitemap
from storage.files.making import make_folders
from storage.records import TimePrecision

MAX_PARAGRAPHS = 5
MAX_ITEMS = 3
_MAX_DEPTH = 120
_REMOVED_TAGS = frozenset(
    ["script", "style", "svg", "iframe", "noscript", "link", "-comment", "template"]
)
_VOID_TAGS = frozenset(["meta", "br", "img", "hr", "input", "source", "wbr"])
_KEPT_ATTRIBUTES = frozenset(["class", "id", "itemprop", "datetime", "property", "name", "rel", "lang",
                         "itemscope", "itemtype", "role", "hidden", "http-equiv"])  # fmt: skip
_KEPT_META = re.compile(
    r"^(?:og:(?:title|type|description|url|locale|site_name)|(?:og:)?article:.*|.*author|byline|description"
    r"|.*(?:date|time|publish|modif).*|.*keywords|.*section|title|headline)$",
    re.IGNORECASE,
)
_JSON_TEXT_KEYS = ("headline", "description", "articleBody", "name", "keywords", "articleSection")
_JSON_KEPT_KEYS = ("@context", "@type", "datePublished", "dateModified", "dateCreated", "url", "@id",
              "isAccessibleForFree")  # fmt: skip
_KEPT_VALUE = re.compile(
    r"^[\d\s:.,/+TZ-]+$|^https?://|^[a-z]{2}(?:[_-][A-Za-z]{2})?$|^(?:article|website)$"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A page for `tests/outlets/NAME/`, and what the outlet should read on it.

    `warnings`: what a reviewer must look at.
    """

    html: str
    expected: dict[str, Any]
    warnings: list[str] = field(default_factory=list)
    suffix: str = ".html"


def make_sample(page: Page, outlet: type[Outlet], now: datetime) -> Sample:
    """Cuts down an article's page, a listing, a feed or a sitemap.

    The expected fields are those that the outlet reads on the sample, so a person must review them.
    Raises ValueError for a page that yields neither an article nor links.
    """
    source = match_source(outlet, page.url, page.body)
    is_list = not outlet.is_article(page.url)
    if is_list and isinstance(source, Feed | Sitemap | JsonListing):
        text, suffix = cut_source(page, source)
        return Sample(text, _expected_links(text, page, outlet, now), suffix=suffix)
    extraction = extract_page(page.unparsed_copy(), outlet)
    is_html_listing = is_list and isinstance(source, Listing)
    if extraction.article is None and not is_html_listing:
        raise ValueError(f"the page is no article: {extraction.page_class}, {extraction.reason}")
    tree = outlet.prepare(page.with_languages(outlet.languages)).tree
    rows = _select_rows(tree, source) if isinstance(source, Listing) and is_html_listing else None
    html = _write_kept_nodes(
        tree, outlet, rows, scripts=extraction.evidence.get("text") == "script"
    )
    if is_html_listing:
        return Sample(html, _expected_links(html, page, outlet, now))
    return _make_article_sample(html, page, outlet, extraction, now)


def write_sample(sample: Sample, folder: Path, slug: str) -> Path:
    """Writes the page and its expected fields (`SLUG.json`) into a folder.

    Returns the page's path. Raises FileExistsError, as no file is replaced, and ValueError for a
    slug that is no plain name.
    """
    if not re.fullmatch(r"\w[\w.-]*", slug):
        raise ValueError(f"{slug!r} is no name of a sample: use letters, digits, '-' and '.'")
    make_folders(folder)
    path, fields_path = folder / f"{slug}{sample.suffix}", folder / f"{slug}.json"
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    with path.open("x", encoding="utf-8") as file:
        try:
            file.write(sample.html)
            with fields_path.open("xb") as fields_file:
                fields_file.write(orjson.dumps(sample.expected, option=options))
        except BaseException:
            path.unlink()  # no half of a sample
            raise
    return path


def _make_article_sample(
    html: str, page: Page, outlet: type[Outlet], page_extraction: Extraction, now: datetime
) -> Sample:
    fetched_at = page.fetched_at or now
    sample_extraction = extract_page(Page(html.encode(), page.url, {}, fetched_at), outlet)
    warnings = [
        f"{name}: taken from {page_extraction.evidence[name]!r} on the page, "
        f"from {sample_extraction.evidence.get(name, 'nothing')!r} on the sample"
        for name in page_extraction.evidence
        if page_extraction.evidence[name] != sample_extraction.evidence.get(name)
    ]
    article = sample_extraction.article
    expected: dict[str, Any] = {
        "url": page.url,
        "fetched_at": _format_time(fetched_at),
        "article": {},
    }
    if article is None:
        return Sample(html, expected, [*warnings, "the sample is no article any more"])
    fields = expected["article"]
    fields["title"] = article.title
    if article.published_at:
        fields["published_at"] = article.published_at.isoformat()
        if article.published_precision not in (None, TimePrecision.SECOND):
            fields["precision"] = str(article.published_precision)
    for name in ("authors", "captions", "tags"):
        if values := list(getattr(article, name)):
            fields[name] = values
    for name in ("section", "key", "language", "text"):
        if value := getattr(article, name):
            fields[name] = value
    return Sample(html, expected, warnings)


def _expected_links(html: str, page: Page, outlet: type[Outlet], now: datetime) -> dict[str, Any]:
    fetched_at = page.fetched_at or now
    body = html.encode()
    parsed = parse_source(match_source(outlet, page.url, body), body, page.url, outlet, fetched_at)
    rows = [
        {
            "url": link.url,
            "title": link.title,
            "published_at": link.published_at.isoformat() if link.published_at else None,
            "key": link.key,
        }
        for link in parsed.links
    ]
    if not rows:
        raise ValueError("the sample lists no article: does the source's `item` match the page?")
    return {"url": page.url, "fetched_at": _format_time(fetched_at), "links": rows}


def _format_time(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def _select_rows(tree: LexborHTMLParser, source: Listing) -> list[LexborNode]:
    return tree.css(source.item)[:MAX_ITEMS]


def _iter_selectors(rules: Iterable[Rules]) -> Iterator[tuple[str, bool]]:
    """Yields each selector, and whether the elements it matches are the text's paragraphs."""
    for each in rules:
        for name in RULE_SELECTORS:
            for selector in css_select.selector_alternatives(getattr(each, name)):
                yield split_attribute(selector)[0], name == "body"


def _iter_kept_nodes(tree: LexborHTMLParser, outlet: type[Outlet]) -> Iterator[LexborNode]:
    for css, is_body in _iter_selectors(outlet.rules):
        if css:
            yield from css_select.select_nodes(tree, css)[
                : MAX_PARAGRAPHS if is_body else MAX_ITEMS
            ]
    for css in ("title", "h1", "time", "[itemprop*=date]", "[itemprop=author]"):
        yield from tree.css(css)[:MAX_ITEMS]

    if not css_select.matches_any(tree, tuple(css for css, _ in _iter_selectors(outlet.rules))):
        yield from tree.css("article, main")[:1]


def _write_kept_nodes(
    tree: LexborHTMLParser,
    outlet: type[Outlet],
    rows: list[LexborNode] | None,
    *,
    scripts: bool,
) -> str:
    nodes = list(_iter_kept_nodes(tree, outlet)) if rows is None else rows
    writer = _SampleWriter(outlet, nodes, scripts=scripts)
    root = tree.root
    return f"<!doctype html>\n{writer.write(root)}\n" if root is not None else ""


class _SampleWriter:
    """Writes the kept part of a tree as HTML with invented words.

    `scripts`: whether JSON in scripts is kept, because the text was found there.
    """

    def __init__(self, outlet: type[Outlet], nodes: Iterable[LexborNode], *, scripts: bool) -> None:
        self.outlet = outlet
        self.keep_scripts = scripts
        self.kept_patterns = [
            re.compile(pattern)
            for rules in outlet.rules
            for name in RULE_PATTERNS
            for pattern in getattr(rules, name)
        ]
        self.whole_nodes: set[int] = set()
        self.ancestor_nodes: set[int] = set()
        css = " ".join(selector for selector, _ in _iter_selectors(outlet.rules))
        self.kept_attributes = _KEPT_ATTRIBUTES | set(re.findall(r"\[([\w:.-]+)", css))
        for node in nodes:
            self.whole_nodes.add(node.mem_id)
            ancestor = node.parent
            while ancestor is not None:
                self.ancestor_nodes.add(ancestor.mem_id)
                ancestor = ancestor.parent

    def write(self, node: LexborNode) -> str:
        """Returns the kept part of `node` as HTML."""
        return "".join(self._write_element(node, False, 0))

    def _write_element(self, node: LexborNode, is_whole: bool, depth: int) -> Iterator[str]:
        tag = node.tag or ""
        if tag == "-text":
            if is_whole:
                text = re.sub(r"\s+", " ", node.text_content or "")
                yield escape(replace_words(text, self.kept_patterns), quote=False)
            return
        if tag == "meta":
            yield self._write_meta(node)
            return
        if tag == "script" and "ld+json" in (node.attributes.get("type") or ""):
            yield self._write_json_ld(node)
            return
        if tag == "script" and self.keep_scripts and "json" in (node.attributes.get("type") or ""):
            yield self._write_script_state(node)
            return
        if tag in _REMOVED_TAGS or depth > _MAX_DEPTH:
            return
        is_whole = is_whole or node.mem_id in self.whole_nodes
        if (
            not is_whole
            and node.mem_id not in self.ancestor_nodes
            and tag not in ("html", "head", "body")
        ):
            return
        yield f"<{tag}{self._write_attributes(node)}>"
        if tag in _VOID_TAGS:
            return
        # Of an element that holds the whole text only the first paragraphs are kept.
        paragraphs = 0
        for child in node.iter(include_text=True):
            paragraphs += child.tag == "p"
            if child.tag != "p" or paragraphs <= MAX_PARAGRAPHS:
                yield from self._write_element(child, is_whole, depth + 1)
        yield f"</{tag}>" + ("\n" if tag in ("p", "div", "li", "head", "h1", "title") else "")

    def _write_attributes(self, node: LexborNode) -> str:
        parts = []
        for name, value in node.attributes.items():
            if name == "href" and node.tag == "a":
                value = self._replace_href(value or "")
            elif name not in self.kept_attributes:
                continue
            elif name not in _KEPT_ATTRIBUTES and " " in (value or "").strip():
                value = replace_words(value or "", self.kept_patterns)
            parts.append(f' {name}="{escape(value)}"' if value else f" {name}")
        return "".join(parts)

    def _replace_href(self, value: str) -> str:
        return value if self.outlet.is_article(value) or re.search(r"\d{4}", value) else "/other"

    def _write_meta(self, node: LexborNode) -> str:
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        content = attributes.get("content") or ""
        is_kept = node.mem_id in self.whole_nodes or _KEPT_META.match(name or "")
        if not name or not content or not is_kept:
            return '<meta charset="utf-8">\n' if "charset" in attributes else ""
        key = next(each for each in ("property", "name", "itemprop") if attributes.get(each))
        kept_content = (
            content if _KEPT_VALUE.search(content) else replace_words(content, self.kept_patterns)
        )
        return f'<meta {key}="{escape(name)}" content="{escape(kept_content)}">\n'

    def _write_json_ld(self, node: LexborNode) -> str:
        try:
            value = json.loads(node.text() or "", strict=False)
        except (ValueError, RecursionError):
            return ""
        text = json.dumps(self._replace_json_words(value, "", 0), ensure_ascii=False)
        text = text.replace("</", "<\\/")
        return f'<script type="application/ld+json">{text}</script>\n'

    def _write_script_state(self, node: LexborNode) -> str:
        try:
            value = json.loads(node.text() or "", strict=False)
        except (ValueError, RecursionError):
            return ""
        text = json.dumps(cut_state(value, self.kept_patterns), ensure_ascii=False).replace(
            "</", "<\\/"
        )
        return f'<script{self._write_attributes(node)} type="application/json">{text}</script>\n'

    def _replace_json_words(self, value: Any, name: str, depth: int) -> Any:
        if depth > 8:
            return None
        if isinstance(value, dict):
            replaced = {
                key: self._replace_json_words(item, key, depth + 1) for key, item in value.items()
            }
            return {key: item for key, item in replaced.items() if item not in (None, {}, [])}
        if isinstance(value, list):
            return [
                self._replace_json_words(item, name, depth + 1) for item in value[:MAX_PARAGRAPHS]
            ]
        if name in _JSON_KEPT_KEYS or isinstance(value, bool):
            return value
        return (
            replace_words(value, self.kept_patterns)
            if isinstance(value, str) and name in _JSON_TEXT_KEYS
            else None
        )
