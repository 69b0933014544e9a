from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed

FEEDS = "https://rss.politico.com"


class Politico(Outlet):
    """Politico."""

    name = "politico"
    every = timedelta(hours=2)
    languages = ("en",)
    country, timezone = "US", "America/New_York"
    hosts = ("politico.com",)
    rights, rights_note = "lead", "Politico LLC, all rights reserved"
    topic = True
    article = r"politico\.com/(?:news|story|newsletters/[\w-]+)/\d{4}/"
    key = r"-(\d{6,})/?(?:[?#]|$)"
    sources = (
        Feed(f"{FEEDS}/politics-news.xml", verified="U 2026, named in public lists of feeds"),
        Feed(f"{FEEDS}/defense.xml", verified="U 2026, by the pattern of the other one"),
    )
    rules = (
        Rules(
            title=(".headline", "meta[property='og:title']@content"),
            lead=".dek",
            body=".story-text__paragraph",
            date=".story-meta__timestamp time@datetime",
            authors=".story-meta__authors a",
        ),
    )
