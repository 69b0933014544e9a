from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class AlJazeera(Outlet):
    """Al Jazeera English."""

    name = "aljazeera"
    every = timedelta(hours=2)
    languages = ("en",)
    country, timezone = "QA", "UTC"
    hosts = ("aljazeera.com",)
    rights, rights_note = "full", "Al Jazeera Media Network, all rights reserved"
    topic = True
    article = r"aljazeera\.com/[\w-]+/(?:[\w-]+/)*\d{4}/\d{1,2}(?:/\d{1,2})?/[\w-]+"
    sources = (Feed("https://www.aljazeera.com/xml/rss/all.xml", verified="U 2026"),)
    rules = (
        Rules(
            when=".wysiwyg",
            title=("header.article-header h1", "main h1"),
            lead=".article__subhead",
            body=(
                ".article__subhead, main .wysiwyg--all-content > :is(p, h2, h3, ul)",
                ".article__subhead, main .wysiwyg > :is(p, h2, h3, ul)",
            ),
            authors=".author-link, .article-author-name",
            captions="figcaption",
            drop=(".wysiwyg .more-on",),
        ),
        Rules(
            until=date(2020, 8, 31),
            when=".article-p-wrapper",
            title="h1.post-title",
            lead=".article-heading-des",
            body=".article-heading-des, .article-p-wrapper > :is(p, h2)",
            authors=".article-heading-author-name a",
        ),
    )
