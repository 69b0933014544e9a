"""Reads URLs of pages: the original of an archived copy, the host, the canonical URL."""

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from storage.guard.addresses import web_address

if TYPE_CHECKING:
    from tldextract import TLDExtract

_WAYBACK_PREFIX = re.compile(r"https?://web\.archive\.org/web/\d{4,14}(?:[a-z]{2}_)?/(?=https?:)")


_DEFAULT_PORTS = {"http": 80, "https": 443}


def original_url(url: str) -> str:
    """Returns the original URL of a Wayback Machine copy; other URLs unchanged."""
    return _WAYBACK_PREFIX.sub("", url, count=1)


def host_of(url: str) -> str:
    """Returns the host in lower case without "www."; "" if the URL has none or is invalid."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def is_own_url(url: str, hosts: Iterable[str]) -> bool:
    """Returns whether a URL is on one of an outlet's hosts or on a subdomain of one.

    A host with a port allows that port only.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        port = _DEFAULT_PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        return False
    return any(_host_matches(own_host, host, port) for own_host in hosts)


def _host_matches(own_host: str, host: str, port: int) -> bool:
    name, _, own_port = own_host.partition(":")
    if own_port and int(own_port) != port:
        return False
    return f".{host}".endswith(f".{name.removeprefix('www.')}")


def path_of(url: str) -> str:
    """Returns the path without trailing slashes; "" if the URL is invalid."""
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def base_of(tree: LexborHTMLParser, url: str) -> str:
    """Returns the URL that relative addresses on the page `url` are resolved against.

    It is that of the first `base` element with an address, wherever it stands, and the page's own
    if that one is no address (HTML, "document base URL").
    """
    node = tree.css_first("base[href]")
    if node is None:
        return url
    try:
        return web_address(urljoin(url, (node.attributes.get("href") or "").strip())) or url
    except ValueError:
        return url


def canonical_url(page_url: str, stated_url: str, base: str = "") -> str:
    """Returns the canonical URL that a page states, made absolute; "" if it cannot be right.

    `base`: what it is resolved against, if not against the page's URL. A URL on another site, or a front page for an article, is an error of the page or a forgery.
    """
    original = original_url(page_url)
    try:
        joined = urljoin(original_url(base) or original, stated_url.strip())
        url = original_url(web_address(joined))
    except ValueError:
        return ""
    if not url or not _same_site(host_of(original), host_of(url)):
        return ""
    return url if path_of(url) or not path_of(original) else ""


def _same_site(host: str, other_host: str) -> bool:
    labels = host.split(".")[-2:]
    if len(labels) == 2 and max(map(len, labels)) <= 3:
        labels = host.split(".")[-3:]
    return bool(labels[0]) and other_host.split(".")[-len(labels) :] == labels


def registered_domain(host: str) -> str:
    """Returns a host's registered domain, `bbc.co.uk` for `news.bbc.co.uk`; else the host itself.

    Uses the public suffix list.
    """
    found = _suffix_extractor()(host)
    if found.top_domain_under_public_suffix or found.suffix or not found.subdomain:
        return found.top_domain_under_public_suffix or host
    # The list's own rule for suffixes that it does not name: the last label is one.
    return f"{found.subdomain.rpartition('.')[2]}.{found.domain}"


@cache
def _suffix_extractor() -> "TLDExtract":
    from tldextract import TLDExtract  # imports an HTTP library, which few runs need

    # No URLs: the list that the package ships is used, and never fetched.
    return TLDExtract(suffix_list_urls=(), cache_dir=None)
