from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class Cgtn(Outlet):
    """CGTN."""

    name = "cgtn"
    every = timedelta(hours=3)
    languages = ("en",)
    country, timezone = "CN", "Asia/Shanghai"
    hosts = ("news.cgtn.com", "www.cgtn.com")
    rights, rights_note = "full", "CGTN, all rights reserved"
    groups = ("state-media",)
    topic = True
    article = r"cgtn\.com/news/\d{4}-\d\d-\d\d/[^/]+/(?:index|share)"
    key = r"cgtn\.com/news/(\d{4}-\d\d-\d\d/[^/]+)/"
    sources = (Feed("https://www.cgtn.com/subscribe/rss/section/world.xml", verified="U 2026"),)
    rules = (
        Rules(
            title=".news-title",
            body=("#cmsMainContent :is(.cmsText, .text) p", "#cmsMainContent p"),
            date=(".news-time", ".date"),
            authors=".news-author-name",
            captions=".cmsImage .imgDescription, #cmsMainContent figcaption",
        ),
    )
