from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class Rt(Outlet):
    """RT."""

    name = "rt"
    every = timedelta(hours=2)
    languages = ("en",)
    country, timezone = "RU", "UTC"
    hosts = ("www.rt.com",)
    rights, rights_note = "full", "RT, quoting with a link is allowed"
    groups = ("state-media",)
    topic = True
    article = r"rt\.com/[\w-]+/\d{5,}-"
    key = r"rt\.com/[\w-]+/(\d{5,})-"
    sources = (Feed("https://www.rt.com/rss/", verified="U 2026"),)
    rules = (
        Rules(
            title="h1.article__heading",
            lead=".article__summary",
            body=".article__summary, .article__text > :is(p, h2, h3, ul, blockquote)",
            date=(
                "meta[name=published_time_telegram]@content",
                "meta[property=published_time_telegram]@content",
            ),
            authors=".article__author",
            tags=".tags-trends__link",
            captions=".article__cover figcaption, .media__title",
            cut=(
                r"(?i)^(?:like this story\?|think your friends|subscribe to rt|if you like this|read more:)",
            ),
        ),
    )
