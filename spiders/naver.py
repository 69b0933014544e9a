from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Listing


class Naver(Outlet):
    """Naver News, which carries copies of most Korean outlets (네이버 뉴스)."""

    name = "naver"
    every = timedelta(hours=1)
    languages = ("ko",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("news.naver.com",)
    rights, rights_note = "full", "each text belongs to the outlet that Naver names"
    topic = True
    article = r"news\.naver\.com/(?:mnews/)?article/\d{3}/\d{10}|read\.n[ah][ev][rn]?\?.*aid=\d{10}"
    key = r"article/(\d{3}/\d{10})|oid=(\d{3}).*aid=(\d{10})"
    sources = (
        Listing(
            "https://news.naver.com/breakingnews/section/100/268",
            item=".sa_item, .section_article li",
            link=".sa_text_title@href",
            title=".sa_text_title",
            verified="U 2026, North Korea desk",
        ),
    )
    rules = (
        Rules(
            title=("#title_area", "h2.media_end_head_headline"),
            body=("#dic_area", "#newsct_article"),
            date="._ARTICLE_DATE_TIME@data-date-time",
            modified="._ARTICLE_MODIFY_DATE_TIME@data-modify-date-time",
            authors=(".media_end_head_journalist_name", ".byline_s"),
            captions="#dic_area .img_desc",
            drop=(
                "#dic_area .end_photo_org",
                "#dic_area .media_end_summary",
                "#dic_area .vod_player_wrap",
            ),
            end=(r"^▶|^Copyright ⓒ|^저작권자",),
        ),
        Rules(
            until=date(2022, 3, 31),
            title="#articleTitle",
            body="#articleBodyContents",
            date=".t11",
            captions=".img_desc",
            drop=("#articleBodyContents .end_photo_org",),
            end=(r"^▶|^Copyright ⓒ",),
        ),
    )
