"""Decides whether an answer came from an address that is no article's. Pure functions."""

import re
from typing import TYPE_CHECKING

from crawler.extract.urls import path_of
from storage.identity import strip_scheme_and_www

if TYPE_CHECKING:
    from crawler.outlet import Outlet

_FRONT_PATH = re.compile(
    r"(?:[a-z]{2}(?:-[a-z]{2})?/)?(?:(?:index|default|main|home)(?:\.[a-z]{2,5})?/)?", re.IGNORECASE
)
_LOCALE = re.compile(r"^[a-z]{2}(?:-[a-z]{2})?/", re.IGNORECASE)


def is_other_url(url: str, known_url: str) -> bool:
    """Returns whether an answer came from another address; scheme and `www.` do not count."""
    return strip_scheme_and_www(url) != strip_scheme_and_www(known_url)


def is_front_or_section(url: str, outlet: "type[Outlet]") -> bool:
    """Returns whether a URL is a front page, a section or an error page, never an article."""
    return _is_front(url) or not outlet.is_article(url)


def leads_away(url: str, listed_url: str, outlet: "type[Outlet]") -> bool:
    """Returns whether a listed page was answered from an address that is no article's.

    That is a front page, or any other page if the listed address is that of an article. A login
    page often names the article in its query; that does not make it the article. A path with a
    locale before it, or with more parts behind it, is still the article's.
    """
    if not is_other_url(url, listed_url):
        return False
    if _is_front(url):
        return True
    if _has_longer_path(url, listed_url):
        return False
    return any(
        outlet.is_article(read(listed_url)) and not outlet.is_article(read(url))
        for read in (str, _without_nested_addresses)
    )


def _is_front(url: str) -> bool:
    """Returns whether a path is that of a front page, of one language too: `/`, `/ko/index.html`."""
    return (
        "?" not in url
        and _FRONT_PATH.fullmatch(f"{path_of(url).strip('/')}/".lstrip("/")) is not None
    )


def _has_longer_path(url: str, listed_url: str) -> bool:
    path, listed_path = (f"{path_of(each).strip('/')}/" for each in (url, listed_url))
    return "?" not in listed_url and (
        path.startswith(listed_path) or _LOCALE.sub("", path, count=1).startswith(listed_path)
    )


def _without_nested_addresses(url: str) -> str:
    """Returns a URL without the parts of its query that hold addresses, such as `next=/news/1`."""
    path, _, query = url.partition("?")
    kept = [pair for pair in query.split("&") if "/" not in pair and "%2f" not in pair.lower()]
    return f"{path}?{'&'.join(kept)}" if query else url
