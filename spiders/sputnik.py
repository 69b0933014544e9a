from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Expect, Outlet
from crawler.sources import Feed, Sitemap

SITE = "https://sputnikglobe.com"
# The layout of all Rossiya Segodnya sites since 2021; pages keep a block of microdata besides.
ROSSIYA_SEGODNYA = Rules(
    when=".article__body, .article__meta",
    title=("h1.article__title", ".article__title", ".article__meta [itemprop=headline]"),
    lead=".article__announce-text",
    body=(
        ".article__body :is([data-type=text], [data-type=quote], [data-type^=h], [data-type=list])",
        ".article__meta [itemprop=articleBody]",
    ),
    date=(".article__meta [itemprop=datePublished]", "meta[itemprop=datePublished]@content"),
    modified=".article__meta [itemprop=dateModified]",
    authors=("[itemprop=author] [itemprop=name]", ".article__author-name"),
    section=(
        ".article__meta [itemprop=articleSection]",
        "meta[property='article:section']@content",
    ),
    tags=(
        "li.tag",
        ".article__tags a",
        ".article__meta [itemprop=about] [itemprop=name]",
        ".article__meta [itemprop=about]",
        ".article__meta [itemprop=keywords]",
    ),
    captions=(".article__header .media__description", ".article__body .media__description"),
    drop=(
        ".article__summary",
        ".article__body [data-type=article]",
        ".article__body [data-type=banner]",
    ),
)


class Sputnik(Outlet):
    """Sputnik International."""

    name = "sputnik"
    every = timedelta(minutes=30)
    languages = ("en", "ar", "es", "fr", "ja", "zh")
    country, timezone = "RU", "UTC"
    hosts = ("sputnikglobe.com", "sputniknews.com")
    rights, rights_note = "full", "MIA Rossiya Segodnya; quoting with a link is allowed"
    agency_rank = 1
    groups = ("state-media",)
    topic = True
    expect = Expect(min_items=10, within=timedelta(days=1))
    article = r"/\d{8}/[^/]*\d{7,}\.html|/\d{16,}-"
    key = r"/\d{8}/(?:[^/]*-)?(\d{7,})\.html|/\d{8}(\d{8,12})-"
    sources = (
        Feed(f"{SITE}/export/rss2/archive/index.xml", verified="U 2026"),
        Sitemap(
            f"{SITE}/sitemap_article_index.xml",
            follow="date_start=",
            newest=1,
            verified="U 2025, monthly maps since 2004-01",
        ),
    )
    rules = (
        ROSSIYA_SEGODNYA,
        Rules(
            until=date(2021, 4, 30),
            when=".b-article",
            title=".b-article__header-title h1",
            lead=".b-article__lead p",
            body=(
                ".b-article__lead p, .b-article__text > p, .b-article__text > h3,"
                " .b-article__text > ul, .b-article__text > blockquote"
            ),
            date=("meta[itemprop=datePublished]@content", "meta[name=pubdate]@content"),
            modified="time[itemprop=dateModified]@datetime",
            authors=".b-article__refs-author a",
            tags=("meta[name=news_keywords]@content", ".b-article__tags a"),
            captions=".b-article__media-desc, .b-inject__copy",
        ),
    )
