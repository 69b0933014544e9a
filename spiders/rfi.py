from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed

# The site software of France Médias Monde.
FMM = Rules(
    title=("h1.a-page-title", "h1"),
    lead=".t-content__chapo",
    body=".t-content__chapo, div.t-content__body > :is(p, h2, h3, ul)",
    date="meta[property='article:published_time']@content",
    modified="meta[property='article:modified_time']@content",
    authors=".m-from-author__name",
    tags=".m-tags-list a",
    captions="figcaption",
    drop=(".t-content__body .m-interstitial", ".t-content__body .m-em-quote"),
)


class Rfi(Outlet):
    """Radio France Internationale."""

    name = "rfi"
    every = timedelta(hours=3)
    languages = ("fr", "en", "zh", "es", "ru")
    country, timezone = "FR", "Europe/Paris"
    hosts = ("rfi.fr",)
    rights, rights_note = "full", "RFI, all rights reserved"
    topic = True
    article = r"rfi\.fr/\w+/(?:[^/]+/)*\d{8}-[^/?#]+"
    key = r"rfi\.fr/(\w+)/(?:[^/]+/)*(\d{8}-[^/?#]+)"
    sources = (
        Feed("https://www.rfi.fr/fr/asie-pacifique/rss", verified="U 2026"),
        Feed("https://www.rfi.fr/cn/rss", verified="U 2026"),
        Feed("https://www.rfi.fr/en/rss", verified="U 2026"),
    )
    rules = (FMM,)
