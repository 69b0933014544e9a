"""Finds outlets: all by name, and the one that a URL belongs to."""

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.extract.urls import host_of, original_url
from crawler.outlet import OutletSpider
from crawler.sources import Listing

if TYPE_CHECKING:
    from tldextract import TLDExtract

# A string, because `crawler` may not import the package above it.
SPIDER_MODULES = ["spiders"]
_UNSAFE_NAME_CHARS = re.compile(r"[^a-z0-9_.-]+")


@cache
def outlets() -> Mapping[str, type[OutletSpider]]:
    """Returns every declared outlet by name, sorted. Raises what a faulty spider module raises."""
    loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": SPIDER_MODULES}))
    spiders = {name: loader.load(name) for name in sorted(loader.list())}
    return {name: spider for name, spider in spiders.items() if issubclass(spider, OutletSpider)}


def outlet_for(url: str) -> type[OutletSpider]:
    """Returns the outlet that a URL belongs to.

    For an undeclared host, returns a generic outlet named after its registered domain
    (`apnews.com`, `bbc.co.uk`). A Wayback Machine copy belongs to the outlet of the original.
    """
    address = original_url(url)
    host = host_of(address)
    candidates = [
        (outlet.is_article(address), len(outlet_host), outlet)
        for outlet in outlets().values()
        for outlet_host in outlet.hosts
        if f".{host}".endswith(f".{outlet_host.removeprefix('www.')}")
    ]
    if not candidates:
        return make_generic_outlet(registered_domain(host))
    return max(candidates, key=lambda candidate: candidate[:2])[2]


@lru_cache(maxsize=10_000)
def make_generic_outlet(domain: str) -> type[OutletSpider]:
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
    return type("Generic", (OutletSpider,), attributes, abstract=True)


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
