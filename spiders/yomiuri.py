from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import NewsSitemap


class Yomiuri(Outlet):
    """Yomiuri Shimbun (読売新聞)."""

    name = "yomiuri"
    every = timedelta(hours=2)
    languages = ("ja",)
    country, timezone = "JP", "Asia/Tokyo"
    hosts = ("www.yomiuri.co.jp",)
    rights, rights_note = (
        "full",
        "The Yomiuri Shimbun, all rights reserved; many texts are cut for guests",
    )
    topic = True
    article = r"/\d{8}-\w{3,5}T\d{5}"
    key = r"/(\d{8}-\w{3,5}T\d{5})"
    sources = (NewsSitemap("https://www.yomiuri.co.jp/sitemap-news-latest.xml", verified="U 2024"),)
    rules = (
        Rules(
            title=("h1.title-article", "h1[class*=article-title]", "article h1"),
            body="div.p-main-contents > :is(p, h2, h3)",
            date=(
                "meta[property='article:published_time']@content",
                ".article-header time@datetime",
            ),
            modified="meta[property='article:modified_time']@content",
            captions=".p-main-contents figcaption",
            cut=(r"^無断転載",),
        ),
        Rules(
            until=date(2019, 6, 30),
            title=("h1.title-article", "article h1"),
            body=("div.main-contents p", "p[itemprop=articleBody]", ".text"),
            date="meta[property='article:published_time']@content",
        ),
    )
