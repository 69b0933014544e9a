from datetime import date, timedelta

from crawler.extract.page.page import Page
from crawler.extract.page.rules import Rules
from crawler.outlet import Expect, Outlet
from crawler.sources import Feed
from spiders.platforms import arc

SITE = "https://www.rfa.org"


class Rfa(Outlet):
    """Radio Free Asia, in Korean, English and Chinese."""

    name = "rfa"
    every = timedelta(hours=6)
    languages = ("ko", "en", "zh")
    country, timezone = "US", "America/New_York"
    hosts = ("rfa.org",)
    rights, rights_note = (
        "full",
        "Radio Free Asia; news suspended from 2025-10-31, partly back in 2026-09",
    )
    expect = Expect(min_items=0, within=timedelta(days=30))
    topic = True
    article = r"rfa\.org/\w+/(?:[\w-]+/)+(?:[\w-]*\d{8,14}\.html|\d{4}/\d\d/\d\d/[^/]+/?)"
    key = r"rfa\.org/(\w+/(?:[\w-]+/)*[\w-]*\d{8,14})\.html|rfa\.org/(\w+/(?:[\w-]+/)+\d{4}/\d\d/\d\d/[^/?#]+)"
    sources = (
        Feed(f"{SITE}/korean/rss2.xml", verified="U 2026-09-27, reported live again"),
        *(
            Feed(f"{SITE}/arc/outboundfeeds/{desk}/rss/", verified="U 2025-10")
            for desk in ("korean", "english", "mandarin")
        ),
    )
    rules = (
        Rules(
            when="#arc",
            title="#arc h1",
            body="#arc :is(h3, p)",
            date="#arc time",
            authors="#arc address",
            captions="#arc figcaption",
        ),
        Rules(
            title="#storypagemaincol h1",
            body=(".b-article-body > :is(p, h2)", "#storytext > p", "#storytext"),
            until=date(2025, 10, 31),
            date=("meta[property='article:published_time']@content", "#story_date", "#dateline"),
            authors="#story_byline",
            captions="#storytext figcaption",
            drop=("#storytext #storyRelatedLinks", "#storytext .image-inline"),
        ),
    )

    @classmethod
    def prepare(cls, page: Page) -> Page:
        return arc.add_article_html(page)
