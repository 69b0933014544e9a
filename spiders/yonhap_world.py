from datetime import timedelta

from crawler.outlet import Outlet
from crawler.sources import Feed
from spiders.yonhap import STORY


class YonhapWorld(Outlet):
    """Yonhap News Agency in Chinese, Japanese, French, Spanish and Arabic."""

    name = "yonhap_world"
    every = timedelta(hours=1)
    languages = ("zh", "ja", "fr", "es", "ar")
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("cn.yna.co.kr", "jp.yna.co.kr", "fr.yna.co.kr", "sp.yna.co.kr", "ar.yna.co.kr")
    rights, rights_note = "full", "(C) Yonhap News Agency, all rights reserved"
    agency_rank = 1
    topic = True
    article = r"/view/A[A-Z]{2}\d{17}"
    key = r"/view/(A[A-Z]{2}\d{17})"
    sources = tuple(
        Feed(f"https://{edition}.yna.co.kr/RSS/news.xml", verified="U 2026, by its kind")
        for edition in ("cn", "jp", "fr", "sp", "ar")
    )
    rules = (STORY,)
