from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Sitemap


class Mbc(Outlet):
    """MBC News (MBC 뉴스)."""

    name = "mbc"
    every = timedelta(hours=1)
    languages = ("ko",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("imnews.imbc.com",)
    rights, rights_note = "full", "MBC, all rights reserved"
    topic = True
    article = r"imnews\.imbc\.com/.*article/\d{5,}_\d{3,}\.html"
    key = r"article/(\d{5,}_\d{3,})\.html"
    sources = (
        Sitemap(
            "https://imnews.imbc.com/sitemap/sitemap_index.xml",
            newest=1,
            verified="U 2026, named in two public lists",
        ),
    )
    rules = (
        Rules(
            title=("h2.art_title", ".art_title"),
            body="div.news_txt",
            authors=(".writer .name", ".writer"),
            captions=".news_img figcaption",
            drop=(".news_txt .news_img",),
            end=(r"^MBC 뉴스는 24시간",),
        ),
    )
