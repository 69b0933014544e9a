from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed, NewsSitemap

SITE = "https://www.theguardian.com"


class Guardian(Outlet):
    """The Guardian."""

    name = "guardian"
    every = timedelta(hours=2)
    languages = ("en",)
    country, timezone = "GB", "Europe/London"
    hosts = ("theguardian.com",)
    rights, rights_note = "full", "Guardian News & Media, all rights reserved"
    topic = True
    article = r"theguardian\.com/[\w/-]+/\d{4}/[a-z]{3}/\d\d/[\w-]+"
    key = r"theguardian\.com/([\w/-]+/\d{4}/[a-z]{3}/\d\d/[\w-]+)"
    sources = (
        Feed(f"{SITE}/world/north-korea/rss", verified="U 2026"),
        NewsSitemap(f"{SITE}/sitemaps/news.xml", verified="U 2026, flairNLP/fundus"),
    )
    rules = (
        Rules(
            title=("[data-gu-name=headline] h1", "h1.content__headline", "h1"),
            lead=("[data-gu-name=standfirst]", ".content__standfirst"),
            body=(
                "[data-gu-name=standfirst] p, .article-body-viewer-selector > :is(p, h2, ul)",
                "[data-gu-name=standfirst] p, .article-body-commercial-selector > :is(p, h2, ul)",
                ".content__standfirst p, .content__article-body > :is(p, h2, ul)",
            ),
            date=("meta[property='article:published_time']@content",),
            modified="meta[property='article:modified_time']@content",
            authors="a[rel=author]",
            section="meta[property='article:section']@content",
            captions="figcaption",
            drop=("#article-body-viewer-selector aside", ".submeta"),
        ),
        Rules(
            until=date(2014, 12, 31),
            when="#article-body-blocks",
            body="#article-body-blocks > p",
            authors=".byline a",
        ),
    )
