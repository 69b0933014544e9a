"""Finds outlets: all by name, and the one that a URL belongs to."""

import pkgutil
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from crawler.extract.urls import host_of, is_own_url, original_url
from crawler.outlet import DeclarationError, Outlet
from crawler.sources import Listing

if TYPE_CHECKING:
    from tldextract import TLDExtract

# A string, because `crawler` may not import the package above it.
OUTLETS_PACKAGE = "spiders"
_UNSAFE_NAME_CHARS = re.compile(r"[^a-z0-9_.-]+")


@cache
def outlets(package: str = OUTLETS_PACKAGE) -> Mapping[str, type[Outlet]]:
    """Returns every outlet that the modules of a package declare, by name, sorted.

    Raises DeclarationError for a name that two outlets have, and what a faulty module raises.
    """
    found: dict[str, type[Outlet]] = {}
    for outlet in _iter_declared(package):
        other = found.setdefault(outlet.name, outlet)
        if other is not outlet:
            raise DeclarationError(
                f"{outlet.__module__}.{outlet.__name__}.name: {outlet.name!r} is the name of "
                f"{other.__module__}.{other.__name__} too"
            )
    return dict(sorted(found.items()))


def _iter_declared(package: str) -> Iterator[type[Outlet]]:
    folders = import_module(package).__path__
    for each in pkgutil.walk_packages(folders, f"{package}."):
        module = import_module(each.name)
        for value in vars(module).values():
            is_outlet = isinstance(value, type) and issubclass(value, Outlet)
            if is_outlet and value.__module__ == each.name and hasattr(value, "name"):
                yield value


def outlet_for(url: str) -> type[Outlet]:
    """Returns the outlet that a URL belongs to.

    For an undeclared host, returns a generic outlet named after its registered domain
    (`apnews.com`, `bbc.co.uk`). A Wayback Machine copy belongs to the outlet of the original.
    """
    address = original_url(url)
    candidates = [
        (outlet.is_article(address), len(outlet_host), outlet)
        for outlet in outlets().values()
        for outlet_host in outlet.hosts
        if is_own_url(address, (outlet_host,))
    ]
    if not candidates:
        return make_generic_outlet(registered_domain(host_of(address)))
    return max(candidates, key=lambda candidate: candidate[:2])[2]


@lru_cache(maxsize=10_000)
def make_generic_outlet(domain: str) -> type[Outlet]:
    """Returns an outlet for an undeclared domain; its pages are read without rules."""
    attributes = {
        "__doc__": f"Pages of {domain}, read without rules.",
        "__module__": __name__,
        "name": _UNSAFE_NAME_CHARS.sub("-", domain).strip("-._") or "unknown",
        "every": timedelta(days=1),
        "languages": (),
        "country": "",
        "timezone": "",
        "hosts": (domain,),
        "rights": "full",
        "rights_note": "unknown, nobody declared this outlet",
        "sources": (Listing(f"https://{domain}/", item="a"),),
        "article": r"^https?://[^/]+/.",
    }
    return type("Generic", (Outlet,), attributes, abstract=True)


def registered_domain(host: str) -> str:
    """Returns a host's registered domain, `bbc.co.uk` for `news.bbc.co.uk`; else the host itself.

    Uses the public suffix list.
    """
    return _suffix_extractor()(host).top_domain_under_public_suffix or host


@cache
def _suffix_extractor() -> "TLDExtract":
    from tldextract import TLDExtract  # imports an HTTP library, which few runs need

    # No URLs: the list that the package ships is used, and never fetched.
    return TLDExtract(suffix_list_urls=(), cache_dir=None)
