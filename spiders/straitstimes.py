from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class StraitsTimes(Outlet):
    """The Straits Times."""

    name = "straitstimes"
    every = timedelta(hours=2)
    languages = ("en",)
    country, timezone = "SG", "Asia/Singapore"
    hosts = ("straitstimes.com",)
    rights, rights_note = "full", "SPH Media, all rights reserved; some texts are for subscribers"
    topic = True
    article = r"straitstimes\.com/(?:[\w-]+/)+[\w-]{12,}"
    sources = (Feed("https://www.straitstimes.com/news/asia/rss.xml", verified="U 2026"),)
    rules = (
        Rules(
            title=("h1[data-testid=heading-test-id]", "h1.headline"),
            body=(
                "[data-testid=article-paragraph-annotation-test-id]",
                ".clearfix.text-formatted > p",
            ),
            authors=".byline-name",
            captions="figcaption",
        ),
    )
