"""Where an outlet lists new articles: typed sources, and the reading of what they answer."""

from crawler.discovery.read import find_source, links, sniff
from crawler.discovery.records import (
    AnyListing,
    Feed,
    Follow,
    FormListing,
    JsonListing,
    Link,
    Links,
    Listing,
    NewsSitemap,
    Sitemap,
    Source,
)

__all__ = [
    "AnyListing",
    "Feed",
    "Follow",
    "FormListing",
    "JsonListing",
    "Link",
    "Links",
    "Listing",
    "NewsSitemap",
    "Sitemap",
    "Source",
    "find_source",
    "links",
    "sniff",
]
