from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Listing


class Nikkei(Outlet):
    """The Nikkei (日本経済新聞)."""

    name = "nikkei"
    every = timedelta(hours=2)
    languages = ("ja",)
    country, timezone = "JP", "Asia/Tokyo"
    hosts = ("nikkei.com",)
    rights, rights_note = "full", "Nikkei Inc., all rights reserved; many texts are cut for guests"
    topic = True
    article = r"/article/(?:DG|AU)[A-Z0-9]{10,}"
    key = r"/article/((?:DG|AU)[A-Z0-9]{10,})"
    sources = (
        Listing(
            "https://www.nikkei.com/international/",
            item="article",
            title=("h2", "h3", "a"),
            date="time@datetime",
            verified="U 2025",
        ),
    )
    rules = (
        Rules(
            when="article[class^=container] section, p[class^=paragraph]",
            title="article h1",
            body="article > section > :is(p, h2, h3)",
            date="meta[property='article:published_time']@content",
            section="meta[property='article:section']@content",
            captions="article section figcaption",
            drop=("article section figure",),
            end=(r"^【関連記事】", r"^この記事は(?:会員|有料会員)限定", r"^残り\d+文字"),
        ),
        Rules(
            until=date(2020, 12, 31),
            title=("meta[property='og:title']@content", "h1[itemprop=headline]"),
            body=".cmn-article_text > p",
            tags="meta[name=keywords]@content",
            captions=".cmn-photo_style2 .cmn-photo_caption",
        ),
    )
