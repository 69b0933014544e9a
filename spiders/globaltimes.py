from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed, NewsSitemap

SITE = "https://www.globaltimes.cn"


class GlobalTimes(Outlet):
    """Global Times."""

    name = "globaltimes"
    every = timedelta(hours=2)
    languages = ("en",)
    country, timezone = "CN", "Asia/Shanghai"
    hosts = ("globaltimes.cn",)
    rights, rights_note = "full", "Global Times, all rights reserved"
    groups = ("state-media",)
    topic = True
    article = r"/(?:page/\d{6}|content)/\d{5,}\.s?html"
    key = r"/(?:page/\d{6}|content)/(\d{5,})\.s?html"
    sources = (
        NewsSitemap(f"{SITE}/sitemap.xml", verified="U 2026, 12 to 60 addresses"),
        Feed(f"{SITE}/rss/outbrain.xml", verified="U 2026, one probe found no RSS there"),
    )
    rules = (
        Rules(
            when=".article_title, .article_right",
            title=".article_title",
            body=(".article_right > :is(p, div)", ".article_right"),
            date=(".pub_time",),
            authors=(".author_name", ".byline"),
            section=".article_column",
            captions=".article_right .picture_caption",
            drop=(".article_right .picture", ".article_right .related"),
        ),
        Rules(
            until=date(2020, 12, 31),
            title=".article-title h3",
            body=(".row-content", ".span12.row-content"),
            date=".article-source",
        ),
    )
