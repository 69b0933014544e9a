from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class Interfax(Outlet):
    """Interfax (Интерфакс)."""

    name = "interfax"
    every = timedelta(hours=2)
    languages = ("ru", "en")
    country, timezone = "RU", "Europe/Moscow"
    hosts = ("interfax.ru", "interfax.com")
    rights, rights_note = "full", "Interfax, all rights reserved"
    agency_rank = 1
    topic = True
    article = r"interfax\.(?:ru/[\w-]+|com/newsroom/top-stories)/\d{4,}"
    key = r"interfax\.(ru|com)/(?:[\w-]+/)+(\d{4,})"
    sources = (Feed("https://www.interfax.ru/rss.asp", verified="U 2026"),)
    rules = (
        Rules(
            title=("h1[itemprop=headline]", "article h1"),
            body=("article[itemprop=articleBody] > p", "article > p"),
            date=("article time@datetime", "time@datetime"),
            tags=".textMTags a",
            captions="article figcaption",
        ),
    )
