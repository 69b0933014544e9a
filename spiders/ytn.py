from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Sitemap


class Ytn(Outlet):
    """YTN."""

    name = "ytn"
    every = timedelta(hours=1)
    languages = ("ko",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("ytn.co.kr",)
    rights, rights_note = "full", "YTN, all rights reserved"
    topic = True
    site_metadata = ("keywords=YTN, 뉴스채널",)
    article = r"/_ln/\d{4}_\d{18}"
    key = r"/_ln/\d{4}_(\d{18})"
    sources = (
        Sitemap(
            "https://www.ytn.co.kr/sitemap/sitemap_index.xml",
            newest=1,
            verified="U 2026, named in two public lists",
        ),
    )
    rules = (
        Rules(
            title=(
                "h2.news_title span",
                "h3.news_title",
                ".news_title_wrap h2",
                "meta[property='og:title']@content",
            ),
            body=("#CmAdContent > span", "#CmAdContent"),
            date="meta[property='article:published_time']@content",
            authors="meta[property='dd:author']@content",
            section="meta[property='article:section2']@content",
            captions=".imgcaption",
            drop=("#CmAdContent .ad_box",),
            end=(r"^※ '당신의 제보", r"^\[저작권자"),
        ),
    )
