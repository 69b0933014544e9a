from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class ChinaDaily(Outlet):
    """China Daily (中国日报), in English and Chinese."""

    name = "chinadaily"
    every = timedelta(hours=3)
    languages = ("en", "zh")
    country, timezone = "CN", "Asia/Shanghai"
    hosts = ("chinadaily.com.cn",)
    rights, rights_note = "full", "China Daily, all rights reserved"
    groups = ("state-media",)
    topic = True
    article = r"/a/\d{6}/\d\d/WS[0-9a-f]{16,}"
    key = r"/a/\d{6}/\d\d/(WS[0-9a-f]{16,})"
    sources = (Feed("https://www.chinadaily.com.cn/rss/world_rss.xml", verified="U 2025"),)
    rules = (
        Rules(
            title=("h1.dabiaoti", ".lft_art h1", ".main_art h1"),
            body=("#Content > :is(p, h2, h3)", "#Content"),
            date=(
                ".fenx .xinf-le ~ div",
                "#news-date",
                ".info .info_l",
                ".fenx",
                "meta[name=publishdate]@content",
            ),
            authors="meta[name=author]@content",
            captions="#Content figcaption",
            drop=("#Content figure",),
        ),
    )
