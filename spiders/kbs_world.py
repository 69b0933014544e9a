from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed

SITE = "https://world.kbs.co.kr"


class KbsWorld(Outlet):
    """KBS World."""

    name = "kbs_world"
    every = timedelta(hours=1)
    languages = ("en", "ko", "zh", "ja", "ru", "es", "fr", "de")
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("world.kbs.co.kr",)
    rights, rights_note = "full", "KBS, all rights reserved"
    topic = True
    site_metadata = ("description=Meet high-quality contents on KBS WORLD",)
    article = r"/news_view\.htm\?.*Seq_Code=\d+"
    key = r"[?&]lang=(\w)\b.*[?&]Seq_Code=(\d+)|[?&]Seq_Code=(\d+)"
    sources = tuple(
        Feed(f"{SITE}/rss/rss_news.htm?lang={letter}", verified="U 2026-09-01, 200 on 2026-02-24")
        for letter in "ekcjrsfg"
    )
    rules = (
        Rules(
            title=(".title_area h1", ".contents h1", "h1:not(.logo)"),
            body="div.body_txt",
            date=(".title_area p.date", "p.date"),
            section=".title_area .cate",
            captions=".body_txt .cap",
            drop=(".body_txt .img_box", ".body_txt .no-print", ".body_txt .key_word"),
        ),
    )
