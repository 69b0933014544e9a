from datetime import timedelta

from crawler.outlet import Outlet
from crawler.sources import Feed
from spiders.rfi import FMM


class France24(Outlet):
    """France 24, which carries AFP."""

    name = "france24"
    every = timedelta(hours=2)
    languages = ("en", "fr", "es")
    country, timezone = "FR", "Europe/Paris"
    hosts = ("france24.com",)
    rights, rights_note = "full", "France 24 and AFP, all rights reserved"
    topic = True
    article = r"france24\.com/\w+/(?:[^/]+/)*\d{8}-[^/?#]+"
    key = r"france24\.com/(\w+)/(?:[^/]+/)*(\d{8}-[^/?#]+)"
    sources = (
        Feed("https://www.france24.com/en/asia-pacific/rss", verified="U 2026"),
        Feed("https://www.france24.com/fr/asie-pacifique/rss", verified="U 2026"),
    )
    rules = (FMM,)
