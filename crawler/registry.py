"""Finds outlets: all by name, and the one that a URL belongs to."""

import pkgutil
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache, lru_cache
from importlib import import_module

from crawler.extract.urls import host_of, is_own_url, original_url, registered_domain
from crawler.outlet import DeclarationError, Outlet
from crawler.sources import AnyListing

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
    host = host_of(address).rstrip(".")
    candidates = [
        (outlet.is_article(address), len(outlet_host), outlet)
        for outlet in outlets().values()
        for outlet_host in outlet.hosts
        # The quick look at the end of the host leaves few outlets to compare.
        if host.endswith(outlet_host.partition(":")[0].removeprefix("www."))
        and is_own_url(address, (outlet_host,))
    ]
    if not candidates:
        return make_generic_outlet(registered_domain(host))
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
        "sources": (AnyListing(f"https://{domain}/"),),
        "article": r"^https?://[^/]+/.",
    }
    return type("Generic", (Outlet,), attributes, abstract=True)
