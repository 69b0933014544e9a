from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed, NewsSitemap


class Dw(Outlet):
    """Deutsche Welle."""

    name = "dw"
    every = timedelta(hours=3)
    languages = ("en", "de", "zh", "es", "ru")
    country, timezone = "DE", "Europe/Berlin"
    hosts = ("dw.com",)
    rights, rights_note = "full", "Deutsche Welle, all rights reserved"
    topic = True
    article = r"dw\.com/\w+/(?:[^/]+/)?a-\d{6,}"
    key = r"dw\.com/(\w+)/(?:[^/]+/)?a-(\d{6,})"
    sources = (
        Feed("https://rss.dw.com/rdf/rss-en-all", verified="U 2026"),
        NewsSitemap("https://www.dw.com/en/news-sitemap.xml", verified="U 2026, flairNLP/fundus"),
    )
    rules = (
        Rules(
            when=".rich-text",
            title="h1",
            lead=".teaser-text",
            body=".teaser-text, .rich-text > :is(p, h2, h3, ul)",
            authors=".author-link, .author",
            section=".kicker",
            captions="figcaption",
        ),
        Rules(
            until=date(2022, 12, 31),
            when=".longText",
            title=".col3 h1, h1",
            lead="p.intro",
            body="p.intro, .longText > :is(p, h2, h3)",
            captions=".picBox p",
            drop=(".longText .picBox", ".longText .gallery"),
        ),
    )
