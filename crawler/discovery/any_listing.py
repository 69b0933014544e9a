"""Finds article links on HTML pages of undeclared sites, by what each link looks like."""

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.discovery.link_urls import absolute_url, is_crawler_trap
from crawler.discovery.listing_dates import ListedTime, ListingDateParser
from crawler.extract.page.clean import clean_line
from crawler.sources import Link, ParsedSource

MAX_ANCHORS = 5000
MIN_TITLE_CHARS = 12
MIN_TITLE_CJK_CHARS = 6  # a CJK character carries about as much as two letters
MAX_ROW_DEPTH = 5

_NAVIGATION_TAGS = frozenset({"nav", "footer", "header", "aside", "form"})
_ROWS = frozenset({"li", "article", "tr", "section"})
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NON_ARTICLE_PATH = re.compile(
    r"/(?:tags?|topics?|categor(?:y|ies)|sections?|authors?|login|signin|subscribe|search|about"
    r"|contact|privacy|terms|help|account|register|rss|feeds?|wp-admin|wp-content|cart)(?:/|$)",
    re.IGNORECASE,
)
_FILE_EXTENSION = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|zip|css|js|ico|xml|rss)$", re.IGNORECASE
)
_DATE = re.compile(
    r"(?:19|20)\d\d[-/_.]?(?:0[1-9]|1[0-2])(?:[-/_.]?(?:0[1-9]|[12]\d|3[01]))?(?!\d)"
)
_NUMBER = re.compile(r"\d{5,}")
_SLUG = re.compile(r"[^\W_]+(?:[-_][^\W_]+){3,}")
_ALPHANUMERIC_ID = re.compile(r"(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{10,}", re.IGNORECASE)
_ARTICLE_WORD = re.compile(r"/(?:articles?|news|story|view|read)(?:/|$|\.)", re.IGNORECASE)


def parse_any_listing(
    tree: LexborHTMLParser, url: str, date_parser: ListingDateParser
) -> ParsedSource:
    """Returns the links of an HTML page that look like articles, each URL once, in page order.

    `url`: the page's own URL. Links to other sites and links inside navigation are left out.
    """
    links_by_url: dict[str, Link] = {}
    root = tree.root
    if root is None:
        return ParsedSource(problems=["the page is empty"])
    for anchor in root.css("a[href]")[:MAX_ANCHORS]:
        link = _parse_anchor(anchor, url, date_parser)
        if link and len(link.title) > len(links_by_url.get(link.url, Link(url="")).title):
            links_by_url[link.url] = link
    problems = [] if links_by_url else ["no link on the page looks like an article"]
    return ParsedSource(links=list(links_by_url.values()), problems=problems)


def looks_like_article(url: str) -> bool:
    """Returns whether a URL is probably that of an article, judged by the URL alone."""
    parts = urlsplit(url)
    path = parts.path
    if len(path) < 2 or _NON_ARTICLE_PATH.search(path) or _FILE_EXTENSION.search(path):
        return False
    last_segment = path.rstrip("/").rpartition("/")[2]
    if _DATE.search(path) or _NUMBER.search(last_segment) or _NUMBER.search(parts.query):
        return True
    if _SLUG.search(last_segment) or _ALPHANUMERIC_ID.search(path):
        return True
    return bool(_ARTICLE_WORD.search(path)) and bool(re.search(r"\d", last_segment + parts.query))


def _parse_anchor(anchor: LexborNode, url: str, date_parser: ListingDateParser) -> Link | None:
    title = clean_line(anchor.text()) or (anchor.attributes.get("title") or "").strip()
    if not _has_headline_length(title):
        return None
    address = absolute_url(anchor.attributes.get("href") or "", url)
    if not address or is_crawler_trap(address) or not _same_site(address, url):
        return None
    if address == url or not looks_like_article(address) or _is_in_navigation(anchor):
        return None
    listed_time = _row_date(anchor, date_parser)
    return Link(
        url=address,
        title=title,
        published_at=listed_time.at,
        published_precision=listed_time.precision,
    )


def _has_headline_length(text: str) -> bool:
    return (
        MIN_TITLE_CHARS
        <= len(text) + len(_CJK.findall(text)) * (MIN_TITLE_CHARS // MIN_TITLE_CJK_CHARS - 1)
        <= 600
    )


def _same_site(url: str, other_url: str) -> bool:
    host, other_host = (urlsplit(each).hostname or "" for each in (url, other_url))
    return host.split(".")[-2:] == other_host.split(".")[-2:]


def _is_in_navigation(anchor: LexborNode) -> bool:
    node = anchor.parent
    while node is not None and node.tag != "body":
        if node.tag == "article":
            return False
        if node.tag in _NAVIGATION_TAGS:
            return True
        node = node.parent
    return False


def _row_date(anchor: LexborNode, date_parser: ListingDateParser) -> ListedTime:
    node = anchor.parent
    for _ in range(MAX_ROW_DEPTH):
        if node is None or node.tag == "body":
            break
        if time := node.css_first("time"):
            return date_parser.parse(time.attributes.get("datetime") or time.text())
        if node.tag in _ROWS:
            break
        node = node.parent
    return ListedTime()
