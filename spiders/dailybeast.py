from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class DailyBeast(Outlet):
    """The Daily Beast."""

    name = "dailybeast"
    every = timedelta(hours=3)
    languages = ("en",)
    country, timezone = "US", "America/New_York"
    hosts = ("thedailybeast.com",)
    rights, rights_note = "lead", "The Daily Beast Company LLC, all rights reserved"
    topic = True
    article = r"thedailybeast\.com/(?!(?:category|author|rss|tag|keyword)s?/)[\w-]+-[\w-]+"
    sources = (
        Feed(
            "https://feeds.thedailybeast.com/rss/articles",
            verified="U 2026, named in public lists of feeds",
        ),
    )
    rules = (
        # 2023: the text is Mobiledoc; today's pages are read by what they say of themselves.
        Rules(title="header h1, h1", body=".Mobiledoc > p", when=".Mobiledoc"),
    )
