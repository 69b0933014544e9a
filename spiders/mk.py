from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed, NewsSitemap

SITE = "https://www.mk.co.kr"


class Mk(Outlet):
    """Maeil Business Newspaper (매일경제)."""

    name = "mk"
    every = timedelta(hours=1)
    languages = ("ko",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("mk.co.kr",)
    rights, rights_note = "full", "Maeil Business Newspaper, all rights reserved"
    topic = True
    article = r"/news/(?:\w+/)+(?:\d{4}/\d\d/)?\d{5,}"
    key = r"/news/(?:\w+/)+?((?:\d{4}/\d\d/)?\d{5,})/?(?:$|[?#])"
    sources = (
        Feed(f"{SITE}/rss/30000001/", verified="U 2026"),
        NewsSitemap(f"{SITE}/sitemap/latest-articles", verified="U 2025"),
    )
    rules = (
        Rules(
            title=("h2.news_ttl", ".news_ttl"),
            body=(".news_cnt_detail_wrap", "[itemprop=articleBody]"),
            date="meta[property='article:published_time']@content",
            authors=("meta[name=byl]@content", ".author .name"),
            section="meta[property='article:section']@content",
            captions=".news_cnt_detail_wrap .thumb_area figcaption",
            drop=(".news_cnt_detail_wrap .thumb_area", ".border_org", "#refTotal"),
        ),
        Rules(
            until=date(2022, 9, 30),
            when=".art_txt",
            title="h1.top_title",
            body="div.art_txt",
            date=(
                "meta[property='article:published_time']@content",
                "meta[property='article:published']@content",
            ),
            authors=("meta[name=byl]@content", ".author"),
            captions=".img_center figcaption, .image_desc",
            drop=(".img_center", ".image_desc"),
            cut=(r"^\[\S+ .{2,20}기자.*\]$", r"^\[ⓒ"),
        ),
    )
