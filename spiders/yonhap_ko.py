from datetime import timedelta

from crawler.outlet import Expect, Outlet
from crawler.sources import Feed, Listing
from spiders.yonhap import STORY

SITE = "https://www.yna.co.kr"


class YonhapKo(Outlet):
    """Yonhap News Agency in Korean (연합뉴스)."""

    name = "yonhap_ko"
    every = timedelta(minutes=20)
    languages = ("ko",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("yna.co.kr", "yonhapnews.co.kr")
    rights, rights_note = "full", "(C) Yonhap News Agency, all rights reserved"
    agency_rank = 1
    topic = True
    expect = Expect(min_items=20, within=timedelta(days=1))
    article = r"/view/A[A-Z]{2}\d{17}"
    key = r"/view/(A[A-Z]{2}\d{17})"
    sources = (
        Feed(f"{SITE}/rss/northkorea.xml", verified="U 2026"),
        Feed(f"{SITE}/rss/news.xml", verified="U 2026-08-20, 120 items"),
        Listing(
            f"{SITE}/nk/news/all",
            item=".list-type038 li, .list-type212 li, .list01 li",
            title=(".tit-news", ".title01", "strong"),
            date=".txt-time",
            verified="U 2026, rows as two public scrapers name them",
        ),
    )
    rules = (STORY,)
