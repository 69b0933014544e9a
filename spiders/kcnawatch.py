from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed, Listing

SITE = "https://kcnawatch.org"


class KcnaWatch(Outlet):
    """KCNA Watch (NK News), which mirrors KCNA and other North Korean press."""

    name = "kcnawatch"
    every = timedelta(hours=2)
    languages = ("en", "ko")
    country, timezone = "US", "UTC"
    hosts = ("kcnawatch.org",)
    rights, rights_note = "full", "texts of North Korean press; parts need a free account"
    agency_rank = 2
    article = r"/newstream/\d{9,}-\d+/"
    key = r"/newstream/(\d{9,}-\d+)/"
    sources = (
        Feed(f"{SITE}/newstream/feed/", verified="U 2026, malformed XML at times"),
        Feed(f"{SITE}/feed/", verified="U 2026"),
        Listing(
            f"{SITE}/article/163/",
            item="#latest_article_wrapper .article-desc, #latest_article_wrapper h4, .article-desc",
            date="p.articled-date",
            verified="U 2026, two public scrapers agree; 163 is KCNA in English",
        ),
    )
    rules = (
        Rules(
            title=("h1.entry-title", ".article-title h1"),
            body="div.article-content > p, div.article-content > div:not([class]) > p",
            date=(
                "p.articled-date span",
                "p.articled-date",
                "meta[property='article:published_time']@content",
            ),
            erase=(r"\s{0,9}-0-\s{0,9}$",),
            cut=(r"^(?:Source|Date|Read original article)\s*:",),
        ),
    )
