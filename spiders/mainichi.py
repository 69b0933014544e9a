from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class Mainichi(Outlet):
    """Mainichi Shimbun (毎日新聞), in Japanese and English."""

    name = "mainichi"
    every = timedelta(hours=2)
    languages = ("ja", "en")
    country, timezone = "JP", "Asia/Tokyo"
    hosts = ("mainichi.jp",)
    rights, rights_note = "full", "The Mainichi Newspapers, all rights reserved"
    topic = True
    article = r"/articles/\d{8}/\w+/\w+/\w+/\w+"
    key = r"/articles/(\d{8}/\w+/\w+/\w+/\w+)"
    sources = (Feed("https://mainichi.jp/rss/etc/mainichi-flash.rss", verified="U 2026"),)
    rules = (
        Rules(
            title="h1.title-page",
            body="#articledetail-body > :is(p, h2, h3, ul)",
            date="meta[name='cXenseParse:recs:publishtime']@content",
            modified="meta[property='article:modified_time']@content",
            authors="meta[name='cXenseParse:author']@content",
            captions="#articledetail-body figcaption, #articledetail-body .caption",
            cut=(r"^【.{1,40}】$",),
        ),
    )
