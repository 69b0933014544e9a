from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Listing


class Huanqiu(Outlet):
    """Huanqiu (环球网)."""

    name = "huanqiu"
    every = timedelta(hours=2)
    languages = ("zh",)
    country, timezone = "CN", "Asia/Shanghai"
    hosts = ("huanqiu.com",)
    rights, rights_note = "full", "Huanqiu, all rights reserved"
    groups = ("state-media",)
    topic = True
    article = r"/article/\w{11}(?:$|[?#])|/\w+/\d{4}-\d\d/\d{6,}\.html"
    key = r"/article/(\w{11})(?:$|[?#])|/\d{4}-\d\d/(\d{6,})\.html"
    sources = (
        Listing(
            "https://world.huanqiu.com/",
            item="li, h4, h5",
            verified="U 2026",
        ),
    )
    rules = (
        Rules(
            title=(".t-container-title h3", "h1.tle", ".conText h1"),
            body=("section[data-type=rtext] > p", "#text p", ".l-con article p"),
            date=(".metadata-info .time", "#pubtime_baidu", ".timeSummary", ".la_t_a"),
            captions="section[data-type=rtext] .pic-con",
        ),
    )
