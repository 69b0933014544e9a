from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed, Sitemap

SITE = "https://www.asahi.com"


class Asahi(Outlet):
    """Asahi Shimbun (朝日新聞)."""

    name = "asahi"
    every = timedelta(hours=2)
    languages = ("ja",)
    country, timezone = "JP", "Asia/Tokyo"
    hosts = ("www.asahi.com", "digital.asahi.com")
    rights, rights_note = (
        "full",
        "The Asahi Shimbun, all rights reserved; many texts are cut for guests",
    )
    topic = True
    article = r"/articles/[A-Z0-9]{10,}\.html"
    key = r"/articles/([A-Z0-9]{10,})\.html"
    sources = (
        Feed(f"{SITE}/rss/asahi/newsheadlines.rdf", verified="U 2026"),
        Sitemap(f"{SITE}/sitemap.xml", newest=1, verified="U 2023"),
    )
    # Class names are hashes that change with every build: main and h1 do not.
    rules = (
        Rules(
            title="main h1",
            body=("div.nfyQp > p", "main > div > p", "main p"),
            date=("meta[property='article:published_time']@content", "main h1 ~ * time@datetime"),
            captions="div.w8Bsl, main figcaption",
            drop=("main .notPrint", "main aside", "main figure"),
        ),
    )
