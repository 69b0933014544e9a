from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed, NewsSitemap


class Cnn(Outlet):
    """CNN."""

    name = "cnn"
    every = timedelta(hours=2)
    languages = ("en",)
    country, timezone = "US", "America/New_York"
    hosts = ("cnn.com", "edition.cnn.com")
    rights, rights_note = "full", "Cable News Network, all rights reserved"
    topic = True
    article = (
        r"cnn\.com/(?:\d{4}/\d\d/\d\d/[\w/-]+|\d{4}/[A-Z]+/(?:\w+/)?\d\d/\d\d/\w"
        r"|(?:travel|style)/article/[\w-]+)"
    )
    key = r"cnn\.com/(\d{4}/\d\d/\d\d/[\w/-]+?)(?:/index\.html)?/?(?:$|[?#])"
    sources = (
        Feed("http://rss.cnn.com/rss/edition_asia.rss", verified="U 2026, slow and stale at times"),
        NewsSitemap("https://edition.cnn.com/sitemap/news.xml", verified="U 2026"),
    )
    rules = (
        Rules(
            title=("h1.headline__text", "h1.pg-headline"),
            body=(".article__content > :is(p, h2, ul)", "[data-component-name=paragraph]"),
            authors=".byline__name",
            captions=".image__caption",
            cut=(r"^Sign up for CNN", r"^CNN.s .{3,200} contributed to this report\.$"),
        ),
        Rules(
            until=date(2022, 6, 30),
            when=".zn-body__paragraph, #storytext, .SpecialArticle__body",
            title="h1.pg-headline",
            body=(".zn-body__paragraph, .zn-body__read-all h3", "#storytext > :is(p, h2)"),
            date="meta[itemprop=datePublished]@content",
            authors=("meta[itemprop=author]@content", ".metadata__byline__author"),
            captions=".media__caption",
        ),
    )
