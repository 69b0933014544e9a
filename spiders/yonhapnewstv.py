from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class YonhapNewsTv(Outlet):
    """Yonhap News TV (연합뉴스TV)."""

    name = "yonhapnewstv"
    every = timedelta(hours=1)
    languages = ("ko",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("yonhapnewstv.co.kr",)
    rights, rights_note = "full", "Yonhap News TV, all rights reserved"
    topic = True
    article = r"/news/(?:MYH|AKR)\d{17}"
    key = r"/news/((?:MYH|AKR)\d{17})"
    sources = (
        Feed("https://www.yonhapnewstv.co.kr/browse/feed/", verified="U 2026-08-20, 11 items"),
    )
    rules = (
        Rules(
            title=(".heading h2.title", "h2.title"),
            body=("#articleBody",),
            # `dd:published_time` on the same page says +09:00 of a time in UTC.
            date="meta[property='article:published_time']@content",
            section="meta[property='article:section']@content",
            drop=("#articleBody .videoWrap", "#articleBody .swiper", "#articleBody figure"),
            cut=(r"^#\S+(?: #\S+)*$",),
            end=(r"^연합뉴스TV 기사문의", r"^\(끝\)$"),
        ),
    )
