from datetime import timedelta

from crawler.outlet import Outlet
from crawler.sources import Listing

SITE = "http://www.vok.rep.kp"


class Vok(Outlet):
    """Voice of Korea."""

    name = "vok"
    every = timedelta(hours=12)
    languages = ("en", "ko", "zh", "ja", "ru", "es", "fr", "de")
    country, timezone = "KP", "Asia/Pyongyang"
    hosts = ("vok.rep.kp",)
    rights, rights_note = "full", "state radio; no licence stated"
    delay = 10.0
    article = r"vok\.rep\.kp/(?:index\.php/)?\w+/getDetail/\w+/\w+"
    key = r"/getDetail/(\w+)/(\w+)"
    sources = tuple(
        Listing(
            f"{SITE}/index.php/Colist/newslist/18/{edition}",
            item="a[href*='getDetail']",
            link="@href",
            title=("",),
            verified="U 2026, address only; no page was seen",
        )
        for edition in ("en", "ko")
    )
