from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class JapanNews(Outlet):
    """The Japan News (Yomiuri)."""

    name = "japannews"
    every = timedelta(hours=3)
    languages = ("en",)
    country, timezone = "JP", "Asia/Tokyo"
    hosts = ("japannews.yomiuri.co.jp", "the-japan-news.com")
    rights, rights_note = "full", "The Yomiuri Shimbun, all rights reserved"
    topic = True
    article = r"/\d{8}-\d{4,}/?"
    key = r"/(\d{8}-\d{4,})"
    sources = (Feed("https://japannews.yomiuri.co.jp/feed/", verified="U 2024"),)
    rules = (
        Rules(
            title=(".single_page h1", ".bloc_1 h1"),
            body="#p-article-block > :is(p:not(.byline, .postdate), h2, h3)",
            date=("meta[property='article:published_time']@content", "p.postdate"),
            authors="p.byline",
            captions="#p-article-block figcaption",
        ),
    )
