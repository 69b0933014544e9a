"""An invented agency. It has a listing page, and article numbers in its URLs."""

from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Expect, Outlet
from crawler.sources import Listing


class Agency(Outlet):
    """Demo agency (invented)."""

    name = "demo-agency"
    every = timedelta(hours=1)
    languages = ("en",)
    country, timezone = "KP", "Asia/Pyongyang"
    hosts = ("agency.example",)
    rights, rights_note = "full", "invented"
    agency_rank = 0
    delay = 0.05
    expect = Expect(min_items=1)
    article = r"/news/AR\d{7}$"
    key = r"/news/(AR\d{7})$"
    sources = (Listing("http://agency.example/news/", item="ul.article-list li", date="span.date"),)
    rules = (Rules(title="h1.title", body="div.content p", date="span.publish-time"),)
