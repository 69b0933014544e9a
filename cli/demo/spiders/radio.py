"""An invented broadcaster. It has a news sitemap, and JSON-LD in its pages."""

from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Expect, Outlet
from crawler.sources import NewsSitemap


class Radio(Outlet):
    """Demo Radio, a broadcaster (invented)."""

    name = "demo-radio"
    every = timedelta(hours=1)
    languages = ("en",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("radio.example",)
    rights, rights_note = "full", "invented"
    delay = 0.05
    expect = Expect(min_items=1)
    article = r"/item/\d+$"
    key = r"/item/(\d+)$"
    sources = (NewsSitemap("http://radio.example/sitemap-news.xml"),)
    rules = (Rules(body="section.text p"),)
