from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class Donga(Outlet):
    """The Dong-A Ilbo (동아일보)."""

    name = "donga"
    every = timedelta(hours=1)
    languages = ("ko", "en")
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("donga.com",)
    rights, rights_note = "full", "The Dong-A Ilbo, all rights reserved"
    topic = True
    site_metadata = ("keywords=뉴스, 기사, 속보",)
    article = r"/article/(?:all/)?\d{8}/\d+|/3/\w+/\d{8}/\d+"
    key = r"/(?:article|3)/(?:\w+/)?\d{8}/(\d+)"
    sources = (
        Feed("https://rss.donga.com/politics.xml", verified="U 2026"),
        Feed("https://rss.donga.com/total.xml", verified="U 2026"),
    )
    rules = (
        Rules(
            when=".news_view, .article_view .view_body",
            title=(".head_group h1", "h1.title", "section.head_group h1"),
            body=(".news_view", ".view_body"),
            date="meta[property='article:published_time']@content",
            authors=(
                ".head_group .contact strong",
                ".journalist_name",
                "meta[property='dd:author']@content",
            ),
            captions=".news_view figcaption",
            drop=(".news_view figure", ".news_view .subcont_ad", ".news_view .view_ad06"),
            cut=(r"^\S+ ?기자 \S+@donga\.com$",),
        ),
        Rules(
            until=date(2022, 12, 31),
            title=(".article_title h2.title", ".article_title h1", "h2.title"),
            body="div.article_txt",
            date=(".title_foot .date2", ".title_foot .date", "span.date2", "span.date01"),
            captions=".articlePhotoC, .articlePhotoR, .articlePhotoL",
            drop=(
                ".articlePhotoC",
                ".articlePhotoR",
                ".articlePhotoL",
                ".article_relation",
                ".article_txt .ad",
                ".t_sns",
            ),
            cut=(r"^\S+ ?기자 \S+@donga\.com$",),
        ),
    )
