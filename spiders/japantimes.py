from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class JapanTimes(Outlet):
    """The Japan Times."""

    name = "japantimes"
    every = timedelta(hours=2)
    languages = ("en",)
    country, timezone = "JP", "Asia/Tokyo"
    hosts = ("japantimes.co.jp",)
    rights, rights_note = (
        "full",
        "The Japan Times, all rights reserved; many texts are cut for guests",
    )
    topic = True
    article = r"japantimes\.co\.jp/(?:\w+/)?\d{4}/\d\d/\d\d/"
    key = r"japantimes\.co\.jp/(?:\w+/)?(\d{4}/\d\d/\d\d/[^?#]+?)/?(?:$|[?#])"
    sources = (Feed("https://www.japantimes.co.jp/feed/", verified="U 2026"),)
    rules = (
        Rules(
            title=("h1.title-article", "article h1"),
            body=("#jtarticle p", ".article-body p"),
            authors=(".article-author a", ".writer", "meta[name=author]@content"),
            captions="figcaption",
            cut=(r"^(?:In line with COVID-19|In a time of both misinformation)",),
        ),
    )
