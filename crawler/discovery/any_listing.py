"""Finds article links on HTML pages that nobody declared."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.discovery.article_links import Candidate, choose_articles
from crawler.discovery.link_urls import absolute_url, is_crawler_trap
from crawler.discovery.listing_dates import ListedTime, ListingDateParser
from crawler.extract.page.clean import clean_line
from crawler.extract.urls import base_of, host_of, is_own_url, registered_domain
from crawler.sources import Link, ParsedSource

MAX_ANCHORS = 5000
MAX_TITLE_CHARS = 600
MAX_ROW_DEPTH = 5

_ROWS = frozenset({"li", "article", "tr", "section"})
_MENUS = frozenset({"nav", "header", "footer", "form"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_HEADING_DEPTH = 3
_NO_TEXT = "noscript, script, style"
_NO_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|zip|css|js|ico|xml|rss)(?:$|[?#])", re.IGNORECASE
)
# In a script call that opens a page: `javascript:article_open('view?id=1')`.
_QUOTED = re.compile(r"['\"]([^'\"\s]{3,2000})['\"]")


@dataclass(slots=True)
class _LinkedPage:
    """One address and the anchors that lead to it."""

    url: str
    anchors: list[LexborNode] = field(default_factory=list)
    title: str = ""
    is_heading: bool = False

    @property
    def candidate(self) -> Candidate:
        """What `choose_articles` needs to know of the link."""
        is_in_menu = all(_is_inside(anchor, _MENUS) for anchor in self.anchors)
        return Candidate(self.url, self.title, self.is_heading, is_in_menu)


def parse_any_listing(
    tree: LexborHTMLParser,
    url: str,
    date_parser: ListingDateParser,
    is_article: Callable[[str], bool] | None = None,
    hosts: Collection[str] = (),
) -> ParsedSource:
    """Returns the links of an HTML page that lead to articles, each URL once, in page order.

    `url`: the page's own URL. Links to other sites are left out; `hosts`: those of the outlet,
    which are one site. `is_article`: the outlet's rule for the addresses of articles; without one,
    `choose_articles` decides.
    """
    if tree.root is None:
        return ParsedSource(problems=["the page is empty"])
    linked = list(_iter_linked_pages(tree, url, hosts))
    if is_article:
        chosen = [is_article(page.url) and not _is_in_footer(page) for page in linked]
    else:
        chosen = choose_articles([page.candidate for page in linked])
    dates: dict[int, LexborNode | None] = {}
    links = [
        _link(page, date_parser, dates)
        for page, is_chosen in zip(linked, chosen, strict=True)
        if is_chosen
    ]
    problems = [] if links else ["no link on the page looks like an article"]
    return ParsedSource(links=links, problems=problems)


def list_candidates(tree: LexborHTMLParser, url: str) -> list[Candidate]:
    """Returns all links of the page `url` to pages of its site, in page order."""
    return [page.candidate for page in _iter_linked_pages(tree, url)]


def _iter_linked_pages(
    tree: LexborHTMLParser, url: str, hosts: Collection[str] = ()
) -> Iterator[_LinkedPage]:
    base, site = base_of(tree, url), registered_domain(host_of(url))
    pages: dict[str, _LinkedPage] = {page_key(url): _LinkedPage(url)}
    sites: dict[str, bool] = {}
    for anchor in tree.css("a[href]")[:MAX_ANCHORS]:
        address = absolute_url(_raw_address(anchor), base)
        host = host_of(address)
        if host not in sites:
            is_own = registered_domain(host) == site or is_own_url(address, hosts)
            sites[host] = bool(host) and is_own
        if not sites[host] or _NO_PAGE.search(address) or is_crawler_trap(address):
            continue
        page = pages.setdefault(page_key(address), _LinkedPage(address))
        page.anchors.append(anchor)
        _add_title(page, anchor)
    return (page for key, page in pages.items() if key != page_key(url))


def page_key(url: str) -> str:
    """Returns what stays the same where a site writes one address in several ways."""
    return url.partition("://")[2].removeprefix("www.").rstrip("/")


def _raw_address(anchor: LexborNode) -> str:
    raw = anchor.attributes.get("href") or ""
    call = raw if raw.lower().startswith("javascript:") else ""
    if call or raw.startswith("#"):
        quoted = _QUOTED.findall(anchor.attributes.get("onclick") or call)
        return next((text for text in quoted if re.search(r"[/?.]", text)), "")
    return raw


def _add_title(page: _LinkedPage, anchor: LexborNode) -> None:
    """Keeps the anchor's text if it is a better title: a heading's, or else the longest."""
    heading = anchor.css_first("h1, h2, h3, h4, h5, h6")
    is_heading = heading is not None or _is_in_heading(anchor)
    title = _text(heading) if heading is not None else _text(anchor)
    title = title or clean_line(anchor.attributes.get("title") or _picture_text(anchor))
    if (is_heading, len(title)) > (page.is_heading, len(page.title)) and title:
        page.title = title[:MAX_TITLE_CHARS]
    page.is_heading |= is_heading


def _picture_text(anchor: LexborNode) -> str:
    picture = anchor.css_first("img[alt]")
    return (picture.attributes.get("alt") or "") if picture is not None else ""


def _text(node: LexborNode) -> str:
    for hidden in node.css(_NO_TEXT) if node.css_first(_NO_TEXT) else ():
        hidden.decompose()
    return clean_line(node.text())


def _is_in_heading(anchor: LexborNode) -> bool:
    node = anchor.parent
    for _ in range(_HEADING_DEPTH):
        if node is None or node.tag in _HEADINGS:
            break
        node = node.parent
    return node is not None and node.tag in _HEADINGS


def _is_in_footer(page: _LinkedPage) -> bool:
    return all(_is_inside(anchor, {"footer"}) for anchor in page.anchors)


def _is_inside(anchor: LexborNode, tags: Collection[str]) -> bool:
    """Returns whether an anchor is inside of one of the elements, and not of an article in it."""
    node = anchor.parent
    while node is not None and node.tag not in ("article", "body"):
        if node.tag in tags:
            return True
        node = node.parent
    return False


def _link(
    page: _LinkedPage, date_parser: ListingDateParser, dates: dict[int, LexborNode | None]
) -> Link:
    listed_time = next(
        (time for anchor in page.anchors if (time := _row_date(anchor, date_parser, dates)).at),
        ListedTime(),
    )
    return Link(
        url=page.url,
        title=page.title,
        published_at=listed_time.at,
        published_precision=listed_time.precision,
    )


def _row_date(
    anchor: LexborNode, date_parser: ListingDateParser, dates: dict[int, LexborNode | None]
) -> ListedTime:
    """`dates`: the `time` element in each row that was searched, as rows share their containers."""
    node = anchor.parent
    for _ in range(MAX_ROW_DEPTH):
        if node is None or node.tag == "body":
            break
        if node.mem_id not in dates:
            dates[node.mem_id] = node.css_first("time")
        if time := dates[node.mem_id]:
            return date_parser.parse(time.attributes.get("datetime") or time.text())
        if node.tag in _ROWS:
            break
        node = node.parent
    return ListedTime()
