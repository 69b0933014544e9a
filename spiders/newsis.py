from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class Newsis(Outlet):
    """Newsis (뉴시스)."""

    name = "newsis"
    every = timedelta(hours=1)
    languages = ("ko",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("newsis.com",)
    rights, rights_note = "full", "Newsis, all rights reserved"
    agency_rank = 1
    topic = True
    article = r"/view/\??(?:id=)?NISX\d{8}_\d{10}"
    key = r"(NISX\d{8}_\d{10})"
    sources = (
        Feed("https://www.newsis.com/RSS/sokbo.xml", verified="U 2026-08-20, 100 items"),
        Feed("https://www.newsis.com/RSS/politics.xml", verified="U 2026, named in a public list"),
    )
    rules = (
        Rules(
            title=("h1.tit", ".article_tit", ".view .title_area h1"),
            body=("article .viewer", ".viewer", "#textBody"),
            date=(".infoLine .txt span", ".date"),
            captions=".viewer figcaption, .viewer .photojournal",
            drop=(".viewer figure", ".viewer .summury", ".viewer .article_photo"),
            cut=(r"^◎공감언론 뉴시스", r"^\S+@newsis\.com$"),
        ),
    )
