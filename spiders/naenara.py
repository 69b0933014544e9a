from datetime import timedelta

from crawler.outlet import Outlet
from crawler.sources import Listing

SITE = "http://naenara.com.kp"


class Naenara(Outlet):
    """Naenara, North Korea's portal."""

    name = "naenara"
    every = timedelta(hours=12)
    languages = ("ko", "en", "zh", "ru", "es", "ja", "fr", "de")
    country, timezone = "KP", "Asia/Pyongyang"
    hosts = ("naenara.com.kp",)
    rights, rights_note = "full", "state portal; no licence stated"
    delay = 10.0
    article = r"naenara\.com\.kp/main/(?:index|view)/\w+/\w+\?.+"
    sources = tuple(
        Listing(
            f"{SITE}/main/index/{edition}/news",
            item="ul li, .news_list tr, .list-group-item",
            verified="U 2026, address only; no page was seen",
        )
        for edition in ("ko", "en")
    )
    rules = ()
