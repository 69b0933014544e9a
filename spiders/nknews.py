from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class NkNews(Outlet):
    """NK News."""

    name = "nknews"
    every = timedelta(hours=2)
    languages = ("en",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("nknews.org",)
    rights, rights_note = (
        "lead",
        "for subscribers: only headline and lead are public, only they are kept",
    )
    paywalled = True
    article = r"nknews\.org/(?:pro/)?\d{4}/\d\d/[^/]+/|nknews\.org/pro/[^/]+/\d"
    key = r"nknews\.org/((?:pro/)?\d{4}/\d\d/[^/?#]+)"
    sources = (Feed("https://www.nknews.org/feed/", verified="U 2026-09-01"),)
    rules = (
        Rules(
            title=("h1.entry-title", "h1.article-title"),
            lead=(
                "meta[property='og:description']@content",
                "meta[name=description]@content",
                "h2.subtitle",
            ),
            body=("meta[property='og:description']@content", "meta[name=description]@content"),
            date="meta[property='article:published_time']@content",
            modified="meta[property='article:modified_time']@content",
            authors=("meta[name=author]@content", ".author-name a", ".byline a"),
            tags="a[rel=tag]",
        ),
    )
