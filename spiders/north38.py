from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed, Sitemap

SITE = "https://www.38north.org"
# WordPress with its block editor; themes differ in little else than these names.
WORDPRESS = Rules(
    title=("h1.entry-title", "h1.post-title", "article h1"),
    body=(
        ".entry-content > :is(p, h2, h3, ul, ol, blockquote)",
        ".entry-content",
        ".post-content",
        "#article-content",
    ),
    date=(
        "meta[property='article:published_time']@content",
        "time.entry-date@datetime",
    ),
    modified="meta[property='article:modified_time']@content",
    authors=("a[rel=author]", ".author-name", "meta[name=author]@content"),
    tags="a[rel=tag]",
    captions="figcaption, .wp-caption-text",
    drop=(
        ".sharedaddy",
        ".wp-caption",
        ".entry-content figure",
        ".jp-relatedposts",
        ".footnotes-share",
    ),
)


class North38(Outlet):
    """38 North."""

    name = "north38"
    every = timedelta(hours=4)
    languages = ("en", "ko")
    country, timezone = "US", "America/New_York"
    hosts = ("38north.org",)
    rights, rights_note = "full", "The Henry L. Stimson Center"
    article = r"38north\.org/\d{4}/\d\d/[^/]+/"
    key = r"38north\.org/(\d{4}/\d\d/[^/?#]+)"
    sources = (
        Feed(f"{SITE}/feed/", verified="U 2026, open, about five a day"),
        Sitemap(f"{SITE}/sitemap_index.xml", follow="post-sitemap", newest=1, verified="U 2026"),
    )
    rules = (WORDPRESS,)
