from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class Kyodo(Outlet):
    """Kyodo News."""

    name = "kyodo"
    every = timedelta(hours=1)
    languages = ("en",)
    country, timezone = "JP", "Asia/Tokyo"
    hosts = ("english.kyodonews.net",)
    rights, rights_note = "full", "Kyodo News, all rights reserved"
    agency_rank = 1
    topic = True
    article = r"kyodonews\.net/(?:news/\d{4}/\d\d/[0-9a-f]{6,}|articles/-/\d+)"
    key = r"kyodonews\.net/(?:news/\d{4}/\d\d/([0-9a-f]{6,})|articles/-/(\d+))"
    sources = (Feed("https://english.kyodonews.net/rss/news.xml", verified="U 2026"),)
    rules = (
        Rules(
            title=(".title h1", "article h1"),
            body=(".article-body > p", ".article-body"),
            authors=".credit a",
            captions=".article-body figcaption",
            drop=(".article-body figure", ".related-articles"),
        ),
    )
