from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class Cna(Outlet):
    """CNA (Channel NewsAsia)."""

    name = "cna"
    every = timedelta(hours=2)
    languages = ("en",)
    country, timezone = "SG", "Asia/Singapore"
    hosts = ("channelnewsasia.com",)
    rights, rights_note = "full", "Mediacorp, all rights reserved"
    topic = True
    article = r"channelnewsasia\.com/[\w/-]+-\d{6,}(?:$|[?#])"
    key = r"channelnewsasia\.com/[\w/-]+-(\d{6,})(?:$|[?#])"
    sources = (
        Feed(
            "https://www.channelnewsasia.com/api/v1/rss-outbound-feed?_format=xml&category=6511",
            verified="U 2026, Asia",
        ),
    )
    rules = (
        Rules(
            title="h1.h1--page-title",
            body=".text-long > :is(p, h2, h3, ul)",
            authors=".link--author",
            captions="figcaption",
        ),
    )
