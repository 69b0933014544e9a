from datetime import timedelta

from crawler.outlet import Outlet
from crawler.sources import Listing


class PyongyangTimes(Outlet):
    """The Pyongyang Times."""

    name = "pyongyangtimes"
    every = timedelta(hours=12)
    languages = ("en",)
    country, timezone = "KP", "Asia/Pyongyang"
    hosts = ("pyongyangtimes.com.kp",)
    rights, rights_note = "full", "state weekly; no licence stated"
    delay = 10.0
    article = r"pyongyangtimes\.com\.kp/(?:\?bbs=\d+|blog\?page=\w+&blogid=\w+)"
    key = r"[?&](?:bbs=|blogid=)(\w+)"
    sources = (
        Listing(
            "http://www.pyongyangtimes.com.kp/",
            item="li, article, .news",
            verified="U, address only; no page was seen",
        ),
    )
