"""Every outlet by name, and the outlet that a URL belongs to."""

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

# A string, since crawler may not import the package above it.
SPIDER_MODULES = ["spiders"]
_UNSAFE_NAME_CHARS = re.compile(r"[^a-z0-9_.-]+")


@cache
def outlets() -> Mapping[str, type[OutletSpider]]:
    """Give every declared outlet by its name. Raises what a faulty spider module raises."""
    loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": SPIDER_MODULES}))
    spiders = {name: loader.load(name) for name in sorted(loader.list())}
    return {name: found for name, found in spiders.items() if issubclass(found, OutletSpider)}


def outlet_for(url: str) -> type[OutletSpider]:
    """Give the outlet that a URL belongs to; for a host nobody declared the generic one, named
    by its registered domain (`apnews.com`, `bbc.co.uk`).

    A page that an archive serves belongs to the outlet that it was taken from.
    """
    address = original_url(url)
    host = host_of(address)
    candidates = [
        (found.is_article(address), len(known), found)
        for found in outlets().values()
        for known in found.hosts
        if f".{host}".endswith(f".{known.removeprefix('www.')}")
    ]
    if not candidates:
        return make_generic_outlet(registered_domain(host))
    return max(candidates, key=lambda candidate: candidate[:2])[2]


@lru_cache(maxsize=10_000)
def make_generic_outlet(domain: str) -> type[OutletSpider]:
    """Give the outlet of a host that nobody declared: it is read by what its pages say."""
    body = {
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
    return type("Generic", (OutletSpider,), body, abstract=True)


def registered_domain(host: str) -> str:
    """Give `bbc.co.uk` for `news.bbc.co.uk`; the host itself where there is no such domain."""
    return _suffix_extractor()(host).top_domain_under_public_suffix or host


@cache
def _suffix_extractor() -> "TLDExtract":
    from tldextract import TLDExtract  # with an HTTP library, which few runs need

    # The list that the package ships; it must never be fetched.
    return TLDExtract(suffix_list_urls=(), cache_dir=None)
