from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed

SITE = "https://www.koreatimes.co.kr"


class KoreaTimes(Outlet):
    """The Korea Times."""

    name = "koreatimes"
    every = timedelta(hours=1)
    languages = ("en",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("koreatimes.co.kr",)
    rights, rights_note = "full", "The Korea Times, all rights reserved"
    topic = True
    # The month in an old address is the reader's, not the article's: only the number is the key.
    article = r"/www/\w+/\d{4}/\d\d/\d+_\d+\.html|koreatimes\.co\.kr/[a-z/-]+/\d{8}/[^/?#]+"
    key = r"/www/\w+/\d{4}/\d\d/\d+_(\d+)\.html|koreatimes\.co\.kr/[a-z/-]+/(\d{8}/[^/?#]+)"
    sources = (
        Feed("https://feed.koreatimes.co.kr/k/allnews.xml", verified="U 2026-08-20, 65 items"),
        Feed(
            f"{SITE}/www/rss/northkorea.xml",
            verified="V 2022-07 for its kind, one saved feed; its dates are the feed's own",
        ),
    )
    # Pages since 2025 are read by what they say of themselves: no saved one was seen.
    rules = (
        Rules(
            until=date(2024, 12, 31),
            when=".view_headline, #startts",
            title=".view_headline",
            lead=".view_subtitle",
            body=("#startts > span, #startts > p", "#startts"),
            date=(
                ".view_date",
                ".view_datetext",
                "meta[property='article:published_time']@content",
            ),
            authors=(".view_byline", ".view_byline_writer"),
            captions="#startts .div_photo_caption, #startts .caption",
            drop=(
                "#startts table",
                "#startts .div_photo",
                "#startts .caption",
                ".view_page_relation",
            ),
        ),
    )
