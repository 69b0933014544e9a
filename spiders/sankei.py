from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Sitemap


class Sankei(Outlet):
    """Sankei Shimbun (産経新聞)."""

    name = "sankei"
    every = timedelta(hours=2)
    languages = ("ja",)
    country, timezone = "JP", "Asia/Tokyo"
    hosts = ("sankei.com",)
    rights, rights_note = "full", "Sankei Digital, all rights reserved"
    topic = True
    site_metadata = ("(?:news_)?keywords=産経新聞,産経,サンケイ",)
    article = r"/article/\d{8}-[A-Z0-9]{26}"
    key = r"/article/(\d{8}-[A-Z0-9]{26})"
    sources = (
        Sitemap(
            "https://www.sankei.com/feeds/sitemapindex-category/?outputType=xml",
            follow=r"world|politics",
            newest=2,
            verified="U 2023",
        ),
    )
    rules = (
        Rules(
            # The heading leaves out the column's name in brackets.
            title=("meta[property='og:title']@content", "h1.article-headline"),
            body=".article-body > :is(p, h2, h3)",
            date="meta[name='article:published_time']@content",
            modified="meta[name='article:modified_time']@content",
            authors=".article-meta .author-name",
            captions=".article-body figcaption",
            drop=(".article-body .inline-gptAd",),
        ),
    )
