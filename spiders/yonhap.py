import re
from datetime import timedelta

from crawler.extract.page.page import Page
from crawler.extract.page.rules import Rules
from crawler.items import Article
from crawler.outlet import Expect, Outlet
from crawler.sources import Feed, Listing, NewsSitemap

SITE = "https://en.yna.co.kr"
STORY = Rules(
    title=("h1.tit", "h1.tit01", "h1[class*=tit]"),
    body=(".story-news > p, .story-news > .tit-sub", ".story-news", "article.story-news"),
    date=(
        "meta[property='article:published_time']@content",
        "[data-published-time]@data-published-time",
    ),
    modified=(
        "meta[property='article:modified_time']@content",
        "[data-update-time]@data-update-time",
    ),
    section="meta[property='article:section']@content",
    authors=("meta[name=author]@content", ".txt-con .tit-name a", ".tit-name"),
    tags=(".keyword-zone li a", "meta[name=keywords]@content"),
    captions=".comp-box figcaption, .comp-box .txt-desc, .comp-box .tit-cap, .story-news table",
    drop=(
        ".comp-box",
        ".related-group",
        ".related-zone",
        ".story-news table",
        ".txt-copyright",
        "aside",
    ),
    cut=(r"^▲", r"^https?://\S+$"),
    end=(
        r"^\(END\)",
        r"^\S+@yna\.co\.kr",
        r"^\((?:C|c)\) ?Yonhap|^ⓒ|^<?저작권자",
        r"^제보는 카카오톡",
    ),
)


class Yonhap(Outlet):
    """Yonhap News Agency in English."""

    name = "yonhap"
    every = timedelta(minutes=20)
    languages = ("en",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("en.yna.co.kr", "m-en.yna.co.kr", "english.yonhapnews.co.kr")
    rights, rights_note = "full", "(C) Yonhap News Agency, all rights reserved"
    agency_rank = 1
    topic = True
    expect = Expect(min_items=20, within=timedelta(days=1))
    article = r"/view/A[A-Z]{2}\d{17}"
    key = r"/view/(A[A-Z]{2}\d{17})"
    sources = (
        Feed(f"{SITE}/RSS/northkorea.xml", verified="U 2026"),
        Feed(f"{SITE}/RSS/news.xml", verified="U 2026-09-01, answered 200 on 2026-02-24"),
        NewsSitemap(f"{SITE}/news-sitemap.xml", verified="U 2023-04"),
        Listing(
            f"{SITE}/nk/nk",
            item=".list-type01 li, .smain-list-type01 li, .headline-list li",
            title=(".tit-news", ".tit", "a"),
            date=(".txt-time", ".lead-time"),
            verified="U 2023-04, named in the saved pages' breadcrumb",
        ),
    )
    rules = (STORY,)

    @classmethod
    def finish(cls, page: Page, article: Article) -> Article:
        """Take away what copies open with: the desk's slug ("NK leader-Putin"), the headline."""
        lines = article.text.split("\n")
        while len(lines) > 1 and (lines[0] in ("", article.title) or _SLUG.fullmatch(lines[0])):
            del lines[0]
        article.text = "\n".join(lines)
        return article


_SLUG = re.compile(r"[A-Z][\w.&' ]{0,24}-[\w.&' -]{2,30}")
