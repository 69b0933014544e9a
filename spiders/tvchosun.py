from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class TvChosun(Outlet):
    """TV Chosun (TV조선)."""

    name = "tvchosun"
    every = timedelta(hours=1)
    languages = ("ko",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("news.tvchosun.com",)
    rights, rights_note = "full", "TV Chosun, all rights reserved"
    topic = True
    site_metadata = ("keywords=,?TV조선, 티비조선",)
    article = r"/site/data/html_dir/\d{4}/\d\d/\d\d/\d{10,}\.html"
    key = r"/html_dir/\d{4}/\d\d/\d\d/(\d{10,})\.html"
    sources = (
        Feed("https://news.tvchosun.com/site/data/rss/politics.xml", verified="U 2026"),
        Feed("https://news.tvchosun.com/site/data/rss/rss.xml", verified="U 2026-08-20, 50 items"),
    )
    rules = (
        Rules(
            title=(".title h3", "h3.text-title", "meta[property='og:title']@content"),
            body=(".article.font03", ".article"),
            captions=".article figcaption",
            drop=(".article figure", ".article .player"),
            end=(r"^☞", r"^※ 뉴스제보"),
        ),
    )
