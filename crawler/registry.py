"""Finds outlets: all by name, and the one that a URL belongs to."""

import pkgutil
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache, lru_cache
from importlib import import_module

from crawler.extract.urls import host_of, is_own_url, original_url, registered_domain
from crawler.outlet import ALL_OUTLETS, GROUPS, DeclarationError, Outlet
from crawler.own_outlets import outlets_in_folder, outlets_in_module, outlets_of_packages
from crawler.sources import AnyListing

# A string, because `crawler` may not import the package above it.
OUTLETS_PACKAGE = "spiders"
_UNSAFE_NAME_CHARS = re.compile(r"[^a-z0-9_.-]+")


@cache
def outlets(package: str = OUTLETS_PACKAGE) -> Mapping[str, type[Outlet]]:
    """Returns every outlet that the modules of a package declare, by name, sorted.

    With those of nkwire's own package come those of the setting `outlets_folder` and of installed
    packages (`crawler.own_outlets`). Raises DeclarationError for a name that two outlets have or
    that means a group, ConfigError, and what a faulty module raises.
    """
    found = dict(declared_in(package))
    if package == OUTLETS_PACKAGE:
        for where, outlet in _further_outlets():
            _add(found, outlet, where)
    return dict(sorted(found.items()))


def declared_in(package: str) -> Mapping[str, type[Outlet]]:
    """Returns the outlets that the modules of a package declare, by name, and no others."""
    found: dict[str, type[Outlet]] = {}
    for each in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
        for outlet in outlets_in_module(import_module(each.name)):
            _add(found, outlet, f"{outlet.__module__}.{outlet.__name__}.name")
    return found


def _add(found: dict[str, type[Outlet]], outlet: type[Outlet], where: str) -> None:
    if outlet.name in GROUPS or outlet.name == ALL_OUTLETS:
        raise DeclarationError(f"{where}: {outlet.name!r} is the name of a group of outlets")
    other = found.setdefault(outlet.name, outlet)
    if other is not outlet:
        raise DeclarationError(
            f"{where}: {outlet.name!r} is the name of {other.__module__}.{other.__name__} too"
        )


def _further_outlets(
    faults: list[DeclarationError] | None = None,
) -> Iterator[tuple[str, type[Outlet]]]:
    from crawler.config.config import load_config  # pydantic, which `nkwire --help` does not need

    if folder := load_config().outlets_folder:
        yield from outlets_in_folder(folder, faults)
    yield from outlets_of_packages()


def outlet_by_name(name: str) -> type[Outlet] | None:
    """Returns the outlet of this name, or None if there is none.

    A file of `outlets_folder` that broke while the service runs stops its own outlets only. Raises
    DeclarationError if that file may have declared the outlet, or two outlets have the name, and
    ConfigError.
    """
    if found := declared_in(OUTLETS_PACKAGE).get(name):
        return found
    try:
        return outlets().get(name)
    except DeclarationError:
        faults: list[DeclarationError] = []
        same = [outlet for _, outlet in _further_outlets(faults) if outlet.name == name]
        if len(same) == 1:
            return same[0]
        raise


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
