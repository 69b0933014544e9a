from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class FrankfurterRundschau(Outlet):
    """Frankfurter Rundschau, in German."""

    name = "frankfurterrundschau"
    every = timedelta(hours=3)
    languages = ("de",)
    country, timezone = "DE", "Europe/Berlin"
    hosts = ("fr.de",)
    rights, rights_note = "lead", "Frankfurter Rundschau GmbH, all rights reserved"
    topic = True
    article = r"fr\.de/[\w/-]+-\d{6,}\.html"
    key = r"-(\d{6,})\.html"
    sources = (
        Feed(
            "https://www.fr.de/politik/rssfeed.rdf",
            verified="U 2026, named in public lists of feeds",
        ),
    )
    rules = (
        Rules(
            title="h1",
            lead=".id-Article-content-item-summary",
            body=(
                "p.id-Article-content-item:not(.id-Article-content-item-summary), "
                "h2.id-Article-content-item-headline-text"
            ),
            drop=(".id-Article-advert", ".id-Article-content-item-box"),
        ),
    )
