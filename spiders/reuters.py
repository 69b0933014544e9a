from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import NewsSitemap

SITE = "https://www.reuters.com"


class Reuters(Outlet):
    """Reuters."""

    name = "reuters"
    every = timedelta(hours=1)
    languages = ("en",)
    country, timezone = "GB", "UTC"
    hosts = ("reuters.com",)
    rights, rights_note = "full", "Thomson Reuters, all rights reserved; refuses many robots"
    agency_rank = 1
    topic = True
    article = r"-\d{4}-\d\d-\d\d/?(?:$|[?#])|/article/\S*id[A-Z]{2}\w{5,}"
    key = r"/article/\S*?(id[A-Z]{2}\w{5,})|reuters\.com/([\w/-]+-\d{4}-\d\d-\d\d)/?(?:$|[?#])"
    sources = (
        NewsSitemap(
            f"{SITE}/arc/outboundfeeds/news-sitemap-index/?outputType=xml",
            verified="U 2026, flairNLP/fundus; 401 or 403 for many",
        ),
    )
    rules = (
        Rules(
            when="[data-testid^=paragraph-]",
            title=("h1[data-testid=Heading]", "h1"),
            body="[data-testid^=paragraph-], [class*=article-body] h2",
            date="meta[name='article:published_time']@content",
            modified="meta[name='article:modified_time']@content",
            authors=("[rel=author]", "meta[name='article:author']@content"),
            section="meta[name='article:section']@content",
            captions="[data-testid=primary-image] figcaption, [data-testid=Caption]",
            cut=(r"^Sign up here\.", r", opens new tab$"),
            end=(r"^Our Standards:", r"^Get (?:a look|weekly|the)"),
        ),
        Rules(
            until=date(2020, 12, 31),
            when=".StandardArticleBody_body, .ArticleBodyWrapper, [class*=ArticleBody-]",
            title=("h1.ArticleHeader_headline", "h1[class*=Headline]", "h1"),
            body=(
                ".StandardArticleBody_body > :is(p, h3, pre)",
                ".ArticleBodyWrapper > :is(p, h2, h3)",
                "[class*=ArticleBody-body] > p",
            ),
            date=(
                "meta[property='og:article:published_time']@content",
                "meta[name=REVISION_DATE]@content",
            ),
            authors=("meta[name=Author]@content", "[class*=Byline] a"),
            captions=".Image_caption, .PrimaryAsset_container figcaption",
        ),
        Rules(
            until=date(2015, 12, 31),
            when="#articleText",
            title="#articleContent h1",
            body="#articleText",
            date="meta[name=REVISION_DATE]@content",
            authors="meta[name=Author]@content",
        ),
    )
