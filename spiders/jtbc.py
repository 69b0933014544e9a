from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class Jtbc(Outlet):
    """JTBC News (JTBC 뉴스)."""

    name = "jtbc"
    every = timedelta(hours=1)
    languages = ("ko",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("jtbc.co.kr", "jtbc.joins.com")
    rights, rights_note = "full", "JTBC, all rights reserved"
    topic = True
    browser = True  # today's pages get their text by JavaScript only
    article = r"/article/(?:article\.aspx\?news_id=)?NB\d{6,}"
    key = r"(NB\d{6,})"
    sources = (Feed("https://fs.jtbc.co.kr/RSS/newsflash.xml", verified="U 2026-08-20, 20 items"),)
    rules = (
        Rules(
            body="#articlebody .article_content",
            captions="#articlebody .caption",
            drop=("#articlebody .caption", "#articlebody .jtbc_vod"),
        ),
    )
