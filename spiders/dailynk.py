from datetime import timedelta

from crawler.outlet import Outlet
from crawler.sources import Feed, Listing
from spiders.north38 import WORDPRESS

SITE = "https://www.dailynk.com"


class DailyNk(Outlet):
    """Daily NK, in Korean and English."""

    name = "dailynk"
    every = timedelta(hours=2)
    languages = ("ko", "en")
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("dailynk.com",)
    rights, rights_note = "full", "Daily NK, all rights reserved"
    article = r"dailynk\.com/(?:english/)?(?:\d{8}-\d+/?|[^/?#]+-[^/?#]+-[^/?#]+/?)(?:$|[?#])"
    key = r"dailynk\.com/(\d{8}-\d+)"
    sources = (
        Feed(f"{SITE}/feed/", verified="U 2026-09, 10 items on 2026-08-20"),
        Feed(f"{SITE}/english/feed/", verified="U 2026-02-24, answered 200"),
        Listing(
            f"{SITE}/all/",
            item=".td_module_wrap, .td-module-container, article",
            link=(".entry-title a@href", "a@href"),
            title=(".entry-title a", "a"),
            date=("time@datetime", "time"),
            verified="U 2026-09",
        ),
    )
    rules = (WORDPRESS,)
