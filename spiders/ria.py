from datetime import timedelta

from crawler.outlet import Outlet
from crawler.sources import Feed, Sitemap
from spiders.sputnik import ROSSIYA_SEGODNYA

SITE = "https://ria.ru"


class Ria(Outlet):
    """RIA Novosti (РИА Новости)."""

    name = "ria"
    every = timedelta(hours=1)
    languages = ("ru",)
    country, timezone = "RU", "Europe/Moscow"
    hosts = ("ria.ru",)
    rights, rights_note = "full", "MIA Rossiya Segodnya; quoting with a link is allowed"
    agency_rank = 1
    groups = ("state-media",)
    topic = True
    article = r"/\d{8}/[^/]*\d{7,}\.html"
    key = r"/\d{8}/(?:[^/]*-)?(\d{7,})\.html"
    sources = (
        Feed(f"{SITE}/export/rss2/archive/index.xml", verified="U 2026"),
        Sitemap(f"{SITE}/sitemap_article_index.xml", newest=1, verified="U 2026"),
    )
    rules = (ROSSIYA_SEGODNYA,)
