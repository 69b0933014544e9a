from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class Mbn(Outlet):
    """MBN News (MBN 뉴스)."""

    name = "mbn"
    every = timedelta(hours=1)
    languages = ("ko",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("mbn.co.kr",)
    rights, rights_note = "full", "MBN, all rights reserved"
    topic = True
    article = r"mbn\.co\.kr/news/\w+/\d{6,}"
    key = r"mbn\.co\.kr/news/\w+/(\d{6,})"
    sources = (Feed("https://www.mbn.co.kr/rss/politics/", verified="U 2026-08-20, 30 items"),)
    rules = (
        Rules(
            title=(".box01 h1", ".view_header h2", "meta[property='og:title']@content"),
            body="#newsViewArea",
            captions="#newsViewArea .image_txt",
            drop=("#newsViewArea .thumb_box", "#newsViewArea .article_ad"),
            cut=(r"^\[ ?\S{2,5} 기자.{0,60}\]$", r"^<저작권자|^\[저작권자"),
        ),
    )
