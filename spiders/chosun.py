from datetime import date, timedelta

from crawler.extract.page.page import Page
from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed
from spiders.platforms import arc

SITE = "https://www.chosun.com"


class Chosun(Outlet):
    """The Chosun Ilbo (조선일보), with its English, Japanese and Chinese editions."""

    name = "chosun"
    every = timedelta(hours=1)
    languages = ("ko", "en", "ja", "zh")
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("chosun.com",)
    rights, rights_note = "full", "The Chosun Ilbo, all rights reserved"
    topic = True
    article = r"chosun\.com/.*(?:/\d{4}/\d\d/\d\d/[A-Z0-9]{26}|/\d{13}\.html)"
    key = r"/\d{4}/\d\d/\d\d/([A-Z0-9]{26})|/(\d{13})\.html"
    sources = (
        Feed(
            f"{SITE}/arc/outboundfeeds/rss/?outputType=xml", verified="U 2026-02-24, answered 200"
        ),
        Feed(
            f"{SITE}/arc/outboundfeeds/rss/category/politics/?outputType=xml",
            verified="U 2026, by its kind",
        ),
    )
    rules = (
        Rules(
            when="#arc",
            title=("#arc h1", "meta[property='og:title']@content"),
            lead="#arc h2",
            body="#arc :is(h2, h3, p)",
            date=("meta[name='article:published_time']@content", "#arc time"),
            authors="#arc address",
            section="meta[property='article:section']@content",
            captions="#arc figcaption",
            cut=(r"^\S+ 기자 \S+@\S+$", r"^▲"),
        ),
        Rules(
            until=date(2020, 12, 31),
            when="#news_body_id",
            title="#news_title_text_id",
            body="#news_body_id .par",
            date="meta[property='article:published_time']@content",
            authors="meta[property='dable:author']@content",
            section="meta[property='article:section']@content",
            captions="#news_body_id .news_imgbox figcaption",
            drop=(".news_imgbox", "#news_body_id dl"),
            cut=(r"^▲",),
        ),
    )

    @classmethod
    def prepare(cls, page: Page) -> Page:
        return arc.add_article_html(page)
