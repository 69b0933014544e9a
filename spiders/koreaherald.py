from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed

SITE = "https://www.koreaherald.com"


class KoreaHerald(Outlet):
    """The Korea Herald."""

    name = "koreaherald"
    every = timedelta(hours=1)
    languages = ("en",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("koreaherald.com",)
    rights, rights_note = "full", "Herald Corporation, all rights reserved"
    topic = True
    article = r"koreaherald\.com/(?:article/\d+|view\.php\?ud=\d+)"
    key = r"koreaherald\.com/(?:article/(\d+)|view\.php\?ud=(\d+))"
    sources = (
        Feed(f"{SITE}/rss/newsAll", verified="U 2026-09-01, 50 items on 2026-08-20"),
        Feed(f"{SITE}/rss/kh_National", verified="U 2026"),
    )
    rules = (
        Rules(
            title=("h1.news_title", ".article_title h1"),
            body=("article#articleText > :is(p, h2, h3)", ".article-body > :is(p, h2, h3)"),
            date="meta[property='article:published_time']@content",
            modified="meta[property='article:modified_time']@content",
            authors=(".reporter_name", ".news_writer", "meta[name=author]@content"),
            captions="#articleText figcaption, #articleText .img_caption",
            drop=("#articleText figure", "#articleText .img_box", ".article_relation", ".ad_wrap"),
            cut=(r"^\S+@heraldcorp\.com$",),
        ),
        Rules(
            until=date(2023, 12, 31),
            when="h1.view_tit, h1.title_sec",
            title=("h1.view_tit", "h1.title_sec"),
            body=(".view_con_t", "#articleText"),
            date=(".view_tit_byline_r", ".article_date"),
            authors=".view_tit_byline_l",
            captions=".view_con_t .txt_caption",
            drop=(".txt_caption", ".view_con_t table"),
            cut=(r"^By .{3,60}\(\S+@heraldcorp\.com\)$", r"^\S+@heraldcorp\.com$"),
        ),
    )
