"""An invented newspaper. It has a feed, and times in the meta tags of its pages."""

from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Expect, Outlet
from crawler.sources import Feed


class Herald(Outlet):
    """The Demo Herald, a newspaper (invented)."""

    name = "demo-herald"
    every = timedelta(hours=1)
    languages = ("en",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("herald.example",)
    rights, rights_note = "full", "invented"
    delay = 0.05
    expect = Expect(min_items=1)
    article = r"/2026/[a-z0-9-]+$"
    sources = (Feed("http://herald.example/feed.xml"),)
    rules = (Rules(body="div.story-body p", authors="p.byline"),)
