from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed, Listing

FEEDS = "https://feeds.bbci.co.uk"


class Bbc(Outlet):
    """BBC News, with BBC News 中文 and BBC News 코리아."""

    name = "bbc"
    every = timedelta(hours=1)
    languages = ("en", "zh", "ko")
    country, timezone = "GB", "Europe/London"
    hosts = ("bbc.com", "bbc.co.uk", "bbci.co.uk")
    rights, rights_note = "full", "BBC, all rights reserved"
    topic = True
    article = r"/articles/c[0-9a-z]{10,12}|bbc\.(?:com|co\.uk)/[\w/-]*[/-]\d{8}\b"
    key = r"/articles/(c[0-9a-z]{10,12})|/(?:[\w-]*-)?(\d{8})\b"
    sources = (
        Feed(f"{FEEDS}/news/world/asia/rss.xml", verified="U 2026"),
        Feed(f"{FEEDS}/zhongwen/simp/rss.xml", verified="U 2026"),
        Feed(f"{FEEDS}/korean/rss.xml", verified="U 2026"),
        Listing(
            "https://www.bbc.com/zhongwen/topics/cezw73jk755t/trad",
            item="[data-testid=topic-promos] li",
            title=("h2 a", "h3 a", "a"),
            link=("h2 a@href", "h3 a@href", "a@href"),
            date=("time@datetime", "time"),
            verified="V 2025-12, four saved pages",
        ),
    )
    # The time of publication is taken from JSON-LD: what a reader sees is the last edit.
    rules = (
        Rules(
            when="[data-component=text-block]",
            title=("h1#main-heading", "[data-component=headline-block] h1", "h1"),
            body=(
                ":is([data-component=text-block], [data-component=subheadline-block],"
                " [data-component=crosshead-block], [data-component=unordered-list-block])"
            ),
            authors="[data-testid^=byline-contributors-contributor] > div > span:first-child",
            tags=("[data-component=tag-list-block] a", "[data-component=topic-list] li"),
            captions=":is([data-component=image-block], [data-component=caption-block]) figcaption",
        ),
        Rules(
            when="main[role=main] p[dir]",
            title=("h1#content", "h1"),
            body="main[role=main] > div > :is(p, h2, h3, ul)",
            date="meta[property='article:published_time']@content",
            authors="section[aria-labelledby=article-byline] li li:first-child span span:last-child",
            tags="aside[aria-labelledby*=topics] li",
            captions="main figcaption p",
            drop=("main section:not([aria-labelledby=article-byline])", "main figure"),
        ),
        Rules(
            until=date(2020, 12, 31),
            title="h1.story-body__h1",
            body=".story-body__inner > :is(p, h2, ul)",
            captions=".story-body .media-caption__text",
            tags=".tags-list__tags",
        ),
    )
