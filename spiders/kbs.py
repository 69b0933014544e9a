from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import NewsSitemap

SITE = "https://news.kbs.co.kr"


class Kbs(Outlet):
    """KBS News (KBS 뉴스)."""

    name = "kbs"
    every = timedelta(hours=1)
    languages = ("ko",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("news.kbs.co.kr",)
    rights, rights_note = "full", "KBS, all rights reserved"
    topic = True
    site_metadata = ("keywords=KBS, KBS 뉴스, KBS뉴스",)
    article = r"/view\.do\?.*ncd=\d+"
    key = r"[?&]ncd=(\d+)"
    sources = (NewsSitemap(f"{SITE}/sitemap/dailyNewsList.xml", verified="U 2023"),)
    rules = (
        Rules(
            title=("h4.headline-title", "h5.tit-s", ".tit-s"),
            body=("#cont_newstext", ".view_con_text"),
            date=(".input-date", "em.date"),
            authors=(".list-reporter .name span", ".reporter-name"),
            section=".txt-info .cate",
            captions=".view_img_wrap .txt",
            drop=(".view_img_wrap", ".artpics"),
        ),
    )
