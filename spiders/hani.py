from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class Hani(Outlet):
    """The Hankyoreh (한겨레), in Korean and English."""

    name = "hani"
    every = timedelta(hours=1)
    languages = ("ko", "en")
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("hani.co.kr",)
    rights, rights_note = "full", "The Hankyoreh, all rights reserved"
    topic = True
    article = r"hani\.co\.kr/arti/(?:\w+/){0,3}\w+/\d{5,}\.html"
    key = r"/(\d{5,})\.html"
    sources = (
        Feed("https://www.hani.co.kr/rss/politics/", verified="U 2026, its items have no date"),
        Feed("https://english.hani.co.kr/rss/", verified="U 2026"),
    )
    rules = (
        Rules(
            title=(
                "h3[class*=ArticleDetailView_title]",
                ".article-head .title",
                "h4 .title",
                "h3.title",
            ),
            lead=("[class*=ArticleDetailView_subtitle]", ".subtitle"),
            body=(".article-text > p", ".article-text .text", ".article-text"),
            date="meta[property='article:published_time']@content",
            authors=(
                "[class*=ArticleDetailView_reporterList] a",
                ".reporter-info strong",
                ".name strong",
            ),
            captions=".article-text figcaption, .image-area .desc",
            drop=(".article-text figure", ".article-text .image-area", "[class*=BaseAd]"),
        ),
    )
