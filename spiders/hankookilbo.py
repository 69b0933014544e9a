from datetime import date, timedelta

from crawler.extract.page.page import Page
from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import NewsSitemap
from spiders.platforms import nextjs


class HankookIlbo(Outlet):
    """The Hankook Ilbo (한국일보)."""

    name = "hankookilbo"
    every = timedelta(hours=1)
    languages = ("ko",)
    country, timezone = "KR", "Asia/Seoul"
    hosts = ("hankookilbo.com",)
    rights, rights_note = "full", "Hankook Ilbo, all rights reserved"
    topic = True
    article = r"/(?:News/Read|news/article|News/Npath)/[A-Z]?\d{12,}"
    key = r"/(?:News/Read|news/article|News/Npath)/([A-Z]?\d{12,})"
    sources = (
        NewsSitemap("https://www.hankookilbo.com/sitemap/latest-articles", verified="U 2025"),
    )
    rules = (
        Rules(
            when="#flight, #article-view-content",
            title=("#flight h1", "meta[property='og:title']@content"),
            body=(
                "#flight > h2, #flight :is(p.editor-p, h3, .editor-tit)",
                "#article-view-content :is(.sub-tit-ll, p.editor-p, h3)",
            ),
            date=("#flight time", "meta[property='article:published_time']@content"),
            authors="#flight address",
            tags="#flight li",
            captions=".editor-img-box .caption",
            drop=(".editor-img-box", ".module-quote", ".no-print"),
        ),
        Rules(
            until=date(2025, 12, 31),
            title="h1.title",
            body=(".col-main > :is(.sub-tit-ll, p.editor-p, .editor-tit)", ".end-body p"),
            date="meta[property='article:published_time']@content",
            section="meta[property='article:section']@content",
            captions=".editor-img-box .caption",
            drop=(".editor-img-box", ".module-quote"),
        ),
    )

    @classmethod
    def prepare(cls, page: Page) -> Page:
        detail = (
            {} if "article-view-content" in page.html else nextjs.find_state_object(page, "detail")
        )
        if not detail.get("contentHtml"):
            return page
        values = {name: detail.get(name) or "" for name in _STATE}
        return page.with_html(page.html + _ARTICLE.format(**values))


_STATE = ("title", "subTitle", "deployDt", "writerDisplay", "contentHtml")
_ARTICLE = (
    '<article id="flight"><h1>{title}</h1><h2>{subTitle}</h2><time>{deployDt}</time>'
    "<address>{writerDisplay}</address>{contentHtml}</article>"
)
