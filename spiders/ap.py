from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import NewsSitemap


class Ap(Outlet):
    """The Associated Press."""

    name = "ap"
    every = timedelta(hours=1)
    languages = ("en", "es")
    country, timezone = "US", "UTC"
    hosts = ("apnews.com",)
    rights, rights_note = "full", "The Associated Press, all rights reserved"
    agency_rank = 1
    topic = True
    article = r"apnews\.com/(?:[\w/-]*-)?[0-9a-f]{32}|apnews\.com/(?:article|noticias)/"
    key = r"apnews\.com/\S*?([0-9a-f]{32})"
    sources = (
        NewsSitemap(
            "https://apnews.com/news-sitemap-content.xml", verified="U 2026, flairNLP/fundus"
        ),
    )
    rules = (
        Rules(
            when=".RichTextStoryBody",
            title="h1.Page-headline",
            body=".RichTextStoryBody > :is(p, h2, h3, ul, ol, blockquote)",
            authors=(".Page-authors .Link", ".Page-authors"),
            section="meta[property='article:section']@content",
            tags="meta[property='article:tag']@content",
            captions=".Page-lead figcaption, .RichTextStoryBody figcaption",
            cut=(
                r"^_{3,}$",
                r"reported from|contributed to this report",
                r"^(?:Get alerts|AP .{3,40}: http)",
            ),
        ),
        Rules(
            until=date(2023, 6, 30),
            title=(".CardHeadline h1", "h1"),
            body=("div.Article > :is(p, h2, ul)", "[data-key=article] > :is(p, h2, ul)"),
            date=("meta[property='article:published_time']@content", "span.Timestamp@data-source"),
            authors=(".CardHeadline .byline", "[class*=Component-bylines]"),
            tags="meta[property='article:tag']@content",
        ),
    )
