from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed, NewsSitemap

SITE = "https://www3.nhk.or.jp"


class Nhk(Outlet):
    """NHK News (NHKニュース)."""

    name = "nhk"
    every = timedelta(hours=1)
    languages = ("ja",)
    country, timezone = "JP", "Asia/Tokyo"
    hosts = ("nhk.or.jp",)
    rights, rights_note = "full", "NHK, all rights reserved; articles vanish after days"
    topic = True
    article = r"/news/html/\d{8}/k\d+\.html|/news/easy/(?:ne\d+|k\d+)/|/na/na-k\d+"
    key = r"/(?:news/html/\d{8}|news/easy)/((?:k|ne)\d+)|/na/na-(k\d+)"
    sources = (
        Feed(f"{SITE}/rss/news/cat6.xml", verified="U 2026, international"),
        NewsSitemap(f"{SITE}/sitemap-news-index.xml", verified="U 2023"),
    )
    rules = (
        Rules(
            when=".content--detail-body, h1.content--title",
            title="h1.content--title",
            lead=".content--summary",
            body=".content--summary, .content--summary-more, .content--body",
            date="p.content--date time@datetime",
            captions=".content--detail-body figcaption",
            drop=(".body-img",),
        ),
        Rules(
            when="h1.article-main__title, #js-article-body",
            title="h1.article-main__title",
            body="#js-article-body",
            date=("#js-article-date", ".article-main__date"),
            drop=("rt", "rp"),
        ),
    )
