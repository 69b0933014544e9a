from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Expect, Outlet
from crawler.sources import Listing

SITE = "http://www.rodong.rep.kp"
TABLE_LAYOUT, NEWS_LAYOUT = date(2022, 12, 31), date(2024, 12, 31)
BYLINE = r"^(?:Rodong Sinmun|KCNA|로동신문|조선중앙통신|劳动新闻|朝中社)$"


class Rodong(Outlet):
    """Rodong Sinmun."""

    name = "rodong"
    every = timedelta(hours=3)
    languages = ("ko", "en", "zh")
    country, timezone = "KP", "Asia/Pyongyang"
    hosts = ("rodong.rep.kp",)
    rights, rights_note = "full", "party daily; no licence stated"
    agency_rank = 2
    delay = 8.0
    site_metadata = ("description=", "keywords=")
    expect = Expect(min_items=10, within=timedelta(days=3))
    # An address is a base64 of "12@DATE-SERIAL@category@page@@0@position": only date and serial last.
    article = r"index\.php(?:\?MTJA|\?strPageID=SF01_02_01|$)"
    key = r"(?:/(ko|en|cn)/)?index\.php\?.*?(\d{4}-\d\d-\d\d-\d{3,4})"
    sources = (
        *(
            Listing(
                f"{SITE}/{language}/",
                item="#RevoListDIV li, #NewsListDIV li, .date_news_list .media",
                date=(".date", ".news_date"),
                total=r"(\d+)\s*건",
                verified="U 2026-02, three public scrapers agree",
            )
            for language in ("ko", "en", "cn")
        ),
        Listing(
            f"{SITE}/en/index.php?strPageID=SF01_01_02&iMenuID=7",
            item=".ListNewsLineContainer",
            link=".ListNewsLineTitleW a@href",
            title=".ListNewsLineTitleW a",
            date=".ListNewsLineDate",
            link_pattern=r"article_open\('([^']+)'",
            until=TABLE_LAYOUT,
            verified="V 2022-03, two saved pages",
        ),
    )
    rules = (
        Rules(
            when="#ContDIV",
            title=("#ContDIV .TitleP", "#ContDIV .RevoTitleP"),
            body="#ContDIV .TextP",
            date="#article-date",
            cut=(BYLINE,),
        ),
        Rules(
            until=NEWS_LAYOUT,
            when=".news_Title",
            title=".news_Title",
            body="p.ArticleContent",
            date="span.NewsDate",
            cut=(BYLINE,),
        ),
        Rules(
            until=TABLE_LAYOUT,
            when=".ArticleMenuDate",
            # The headline is the first paragraph; a paragraph that repeats it is no text.
            title=("p.ArticleContent[align=center]", "p.ArticleContent"),
            body="p.ArticleContent",
            date=".ArticleMenuDate",
            cut=(BYLINE,),
        ),
    )
