"""Addresses of pages: the one behind an archive's copy, hosts, what `canonical_url` may say."""

import re
from urllib.parse import urljoin, urlsplit

_WAYBACK_PREFIX = re.compile(r"https?://web\.archive\.org/web/\d{4,14}(?:[a-z]{2}_)?/(?=https?:)")


def original_url(url: str) -> str:
    """Give the address that an archived copy was taken from, other addresses as they are."""
    return _WAYBACK_PREFIX.sub("", url, count=1)


def host_of(url: str) -> str:
    """Give the host in lower case without "www.", "" if the URL has none or cannot be read."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def path_of(url: str) -> str:
    """Give the path without its last slash, "" if the URL cannot be read."""
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:
        return ""


def canonical_url(page_url: str, stated_url: str) -> str:
    """Give the canonical address that a page names, "" if it cannot be right.

    One on another site, or a front page for an article, is a fault of the page or a forgery.
    """
    own = original_url(page_url)
    try:
        url = original_url(urljoin(own, stated_url.strip()))
    except ValueError:
        return ""
    if not url.startswith(("http://", "https://")) or not _same_site(host_of(own), host_of(url)):
        return ""
    return url if path_of(url) or not path_of(own) else ""


def _same_site(one: str, other: str) -> bool:
    labels = one.split(".")[-2:]
    if len(labels) == 2 and max(map(len, labels)) <= 3:
        labels = one.split(".")[-3:]
    return bool(labels[0]) and other.split(".")[-len(labels) :] == labels
