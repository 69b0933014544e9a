"""Reads URLs of pages: the original of an archived copy, the host, the canonical URL."""

import re
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

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
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)
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


def canonical_url(page_url: str, stated_url: str) -> str:
    """Returns the canonical URL that a page states, made absolute; "" if it cannot be right.

    A URL on another site, or a front page for an article, is an error of the page or a forgery.
    """
    original = original_url(page_url)
    try:
        url = original_url(urljoin(original, stated_url.strip()))
    except ValueError:
        return ""
    if not url.startswith(("http://", "https://")) or not _same_site(
        host_of(original), host_of(url)
    ):
        return ""
    return url if path_of(url) or not path_of(original) else ""


def _same_site(host: str, other_host: str) -> bool:
    labels = host.split(".")[-2:]
    if len(labels) == 2 and max(map(len, labels)) <= 3:
        labels = host.split(".")[-3:]
    return bool(labels[0]) and other_host.split(".")[-len(labels) :] == labels
