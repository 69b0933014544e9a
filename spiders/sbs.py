from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed

SITE = "https://news.sbs.co.kr"


class Sbs(Outlet):
    """SBS News (SBS 뉴스)."""

    name = "sbs"
    every = timedelta(hours=1)
    languages = ("ko",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("news.sbs.co.kr",)
    rights, rights_note = "full", "SBS, all rights reserved"
    topic = True
    site_metadata = ("article:tag=(?:SBS(?: 뉴스| NEWS)?|일반 기사)$",)
    article = r"/endPage\.do\?.*news_id=N\d+"
    key = r"[?&]news_id=(N\d+)"
    sources = (
        Feed(f"{SITE}/news/newsflashRssFeed.do", verified="U 2026-08-20, 101 items"),
        Feed(f"{SITE}/news/SectionRssFeed.do?sectionId=01", verified="U 2026, politics"),
    )
    rules = (
        Rules(
            title=("#news-title", "h1.article_main_tit"),
            body="div.text_area",
            date=(
                "meta[property='article:published_time']@content",
                "meta[itemprop=datePublished]@content",
            ),
            modified="meta[property='article:modified_time']@content",
            authors=("meta[name=Author]@content", "meta[property='dable:author']@content"),
            section="meta[property='article:section']@content",
            captions=".text_area .w_artcle_conimg figcaption",
            drop=(".text_area .w_artcle_conimg", ".text_area .article_img"),
        ),
    )
