from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Expect, Outlet
from crawler.sources import Feed, Sitemap


class Tass(Outlet):
    """TASS, in English and Russian."""

    name = "tass"
    every = timedelta(minutes=30)
    languages = ("en", "ru")
    country, timezone = "RU", "Europe/Moscow"
    hosts = ("tass.com", "tass.ru")
    rights, rights_note = (
        "full",
        "TASS; quoting with a link is allowed. tass.ru refuses robots: lead by feed",
    )
    agency_rank = 1
    groups = ("state-media",)
    topic = True
    expect = Expect(min_items=20, within=timedelta(days=1))
    article = r"tass\.(?:com|ru)/[a-z-]+/(?:[a-z-]+/)?\d{5,9}"
    key = r"tass\.(com|ru)/[a-z-]+/(?:[a-z-]+/)?(\d{5,9})"
    sources = (
        Feed("https://tass.com/rss/v2.xml", verified="U 2026-02-24, answered 200"),
        Feed("https://tass.ru/rss/v2.xml", verified="U 2026-02-24, answered 200"),
        Sitemap(
            "https://tass.com/sitemap/sitemap_news0.xml",
            newest=1,
            verified="U 2026, since 2020-10",
        ),
    )
    rules = (
        Rules(
            title=("h1.news-header__title", "h1[class*=title]"),
            lead=(".news-header__lead", "[class^=NewsHeader_lead]"),
            body=(
                ".news-header__lead, .text-content .text-block > p, .text-content .text-block > h2",
                ".news-header__lead, .text-content p, .text-content h2",
                "[class^=NewsHeader_lead], article [class^=Paragraph_paragraph]",
            ),
            section=".section-nav__link--active",
            tags=".tags__list a",
            captions=".text-include__caption, .news-media__photo-caption",
            drop=(".text-include", ".text-content .news-media"),
        ),
    )
