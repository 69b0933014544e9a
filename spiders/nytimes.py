from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


class NyTimes(Outlet):
    """The New York Times."""

    name = "nytimes"
    every = timedelta(hours=2)
    languages = ("en",)
    country, timezone = "US", "America/New_York"
    hosts = ("nytimes.com",)
    rights, rights_note = "lead", "for subscribers: headline and lead may be handed on"
    paywalled = True
    topic = True
    article = r"nytimes\.com/(?:interactive/)?\d{4}/\d\d/\d\d/[\w/-]+\.html"
    key = r"nytimes\.com/((?:interactive/)?\d{4}/\d\d/\d\d/[\w/-]+)\.html"
    sources = (
        Feed("https://rss.nytimes.com/services/xml/rss/nyt/AsiaPacific.xml", verified="U 2026"),
    )
    rules = (
        Rules(
            title=("h1[data-testid=headline]", "h1[itemprop=headline]"),
            lead=("#article-summary", "meta[name=description]@content"),
            body=(
                "section[name=articleBody] p",
                ".StoryBodyCompanionColumn p",
                "p.story-body-text, p.story-content",
                "p[itemprop=articleBody]",
                "#articleBody p",
            ),
            date="meta[property='article:published_time']@content",
            authors=("[itemprop=author] [itemprop=name]", "meta[name=byl]@content"),
            section="meta[property='article:section']@content",
            captions="figcaption",
            drop=("#bottom-wrapper", "section[name=articleBody] figure", "[id^=story-ad]"),
        ),
    )
