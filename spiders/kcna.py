"""KCNA's own site in its three generations; the older two are read from archives."""

import re
from datetime import date, timedelta

from crawler.extract.page.page import Page
from crawler.extract.page.rules import Rules
from crawler.items import Article
from crawler.outlet import Expect, Outlet
from crawler.sources import FormListing, Listing
from spiders.platforms import kcmsf

SITE = "http://www.kcna.kp"
LANGUAGES = {"kp": "ko", "en": "en", "cn": "zh", "ru": "ru", "es": "es", "jp": "ja"}
LATEST, LEADERSHIP = "a666dda1282180e0ee1b4427b0574ae7", "b0721b9f23054ddc7fe56c2811a12715"
END = r"\s{0,9}(?:-0-|[－―—-]{3}|[(（](?:끝|完)[)）])\s{0,9}$"
OLD_SITE_CLOSED = date(2021, 12, 31)
HASHED_SITE_CLOSED = date(2026, 6, 30)


class Kcna(Outlet):
    """Korean Central News Agency."""

    name = "kcna"
    every = timedelta(hours=1)
    languages = ("ko", "en", "zh", "ru", "es", "ja")
    country, timezone = "KP", "Asia/Pyongyang"
    hosts = ("kcna.kp",)
    rights, rights_note = "full", "state agency; reuse with credit is customary, no licence stated"
    agency_rank = 0
    delay = 8.0  # the site's last hop drops an address that connects too often
    expect = Expect(min_items=30, within=timedelta(days=2))
    article = r"/article/(?:detail/|q/)[0-9a-f]{32}|retrieveArticleInfoFromArticleCode"
    key = r"article_code=(AR\d{7})"
    sources = (
        *(
            FormListing(
                f"{SITE}/{language}/article/list/{category}",
                item="div.article h5",
                date=("span > nobr", "h5 > nobr"),
                form="form#article_form",
                pages=2,
                total=r"var\s+total\s*=\s*(\d+)",
                page_count=r"page_cnt\s*=\s*(\d+)",
                verified="U 2026-07, four public scrapers agree",
            )
            for language in LANGUAGES
            for category in (LATEST, LEADERSHIP)
        ),
        Listing(
            f"{SITE}/kp/category/articles/q/1ee9bdb7186944f765208f34ecfb5407.kcmsf",
            item="ul.article-link li",
            date="span.publish-time",
            until=HASHED_SITE_CLOSED,
            verified="U 2025-12, four public scrapers agree",
        ),
        Listing(
            f"{SITE}/kcna.user.home.retrieveHomeInfoList.kcmsf",
            item="a.titlebet",
            link="@onclick",
            title=("",),
            link_pattern=kcmsf.SHOW_ARTICLE_CALL,
            link_template=kcmsf.ARTICLE_URL,
            until=OLD_SITE_CLOSED,
            verified="V 2020-12, three saved pages",
        ),
        Listing(
            f"{SITE}/kcna.user.article.retrieveArticleListForPage.kcmsf",
            item="#kcmsf li",
            date="time",
            until=OLD_SITE_CLOSED,
            verified="V 2017-07, two saved answers",
        ),
    )
    rules = (
        Rules(
            when="main article div.container > h1",
            title="main article div.container > h1",
            body="main article div.container > p",
            captions="main article div.container div p",
            erase=(END,),
        ),
        Rules(
            until=HASHED_SITE_CLOSED,
            when=".article-main-title",
            title=".article-main-title",
            body=".content-wrapper p",
            date="span.publish-time",
            erase=(END,),
        ),
        Rules(
            until=OLD_SITE_CLOSED,
            when="#kcmsf",
            title="#kcmsf h1",
            body="#kcmsf div",
            date="#kcmsf time",
            erase=(END,),
        ),
    )

    @classmethod
    def prepare(cls, page: Page) -> Page:
        return kcmsf.convert_to_html(page)

    @classmethod
    def finish(cls, page: Page, article: Article) -> Article:
        edition = re.search(r"kcna\.kp/(kp|en|cn|ru|es|jp)/", page.url)
        article.language = LANGUAGES[edition[1]] if edition else article.language
        article.key = article.key or kcmsf.article_code(page)
        return article
