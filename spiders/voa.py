from datetime import timedelta

from crawler.outlet import Outlet
from crawler.sources import Feed
from spiders.voa_korean import PANGEA

SITE = "https://www.voanews.com"


class Voa(Outlet):
    """Voice of America."""

    name = "voa"
    every = timedelta(hours=6)
    languages = ("en",)
    country, timezone = "US", "UTC"
    hosts = ("voanews.com",)
    rights, rights_note = (
        "full",
        "VOA's own texts are in the public domain, agency texts in it are not",
    )
    topic = True
    article = r"/a/(?:[^/?#]+/)?\d{5,}\.html"
    key = r"/a/(?:[^/?#]+/)?(\d{5,})\.html"
    sources = (Feed(f"{SITE}/api/", verified="U 2025, all stories; silent since 2025-03"),)
    rules = (PANGEA,)
