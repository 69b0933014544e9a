"""A redirect to a front page, a section or a login page is none to an article."""

from datetime import timedelta

import pytest

from crawler.crawl.leading_away import leads_away
from crawler.outlet import Outlet
from crawler.registry import make_generic_outlet
from crawler.sources import Feed


def outlet(article: str) -> type[Outlet]:
    values = {
        "__doc__": "An invented outlet.",
        "name": "herald",
        "every": timedelta(hours=1),
        "languages": ("en",),
        "country": "US",
        "timezone": "UTC",
        "hosts": ("herald.test",),
        "rights": "full",
        "sources": (Feed("https://herald.test/feed"),),
        "article": article,
    }
    return type("Herald", (Outlet,), values)


PATH, QUERY, NUMBER = outlet(r"/news/\d+"), outlet(r"[?&]idxno=\d+"), outlet(r"\?p=\d+|/news/\d+")
WHOLE = outlet(r"^https://herald\.test/(?:world/[a-z]+-\d+/?$|news/view\?no=\d+)")
GENERIC = make_generic_outlet("herald.test")
LISTED = "https://herald.test/news/1"
ASKED = "https://herald.test/view.html?idxno=4"


@pytest.mark.parametrize(
    ("url", "listed", "of"),
    [
        ("https://herald.test/", LISTED, PATH),
        ("https://herald.test", LISTED, PATH),
        ("http://www.herald.test/", LISTED, PATH),
        ("https://m.herald.test/#top", LISTED, PATH),
        ("https://herald.test/index.html", LISTED, PATH),
        ("https://herald.test/ko/", LISTED, PATH),
        ("https://herald.test/news", LISTED, PATH),
        ("https://herald.test/section/politics/", LISTED, PATH),
        ("https://herald.test/login?next=/news/1", LISTED, PATH),
        ("https://herald.test/?return=https://herald.test/news/1", LISTED, PATH),
        ("https://herald.test/404.html", LISTED, PATH),
        ("https://herald.test/list.html", ASKED, QUERY),
        ("https://herald.test/", ASKED, QUERY),
        ("https://herald.test/", LISTED, GENERIC),
        ("https://herald.test/index.php", LISTED, GENERIC),
        ("https://herald.test/ko", LISTED, GENERIC),
        ("https://herald.test/zh-cn/main.do", LISTED, GENERIC),
        ("https://herald.test/news/login", "https://herald.test/news/1", PATH),
        ("https://herald.test/news/view?from=rss", "https://herald.test/news/view?no=1", WHOLE),
        ("https://herald.test/", "https://herald.test/r/1", PATH),
    ],
)
def test_an_address_that_is_no_articles_leads_away(url: str, listed: str, of: type[Outlet]) -> None:
    assert leads_away(url, listed, of)


@pytest.mark.parametrize(
    ("url", "listed", "of"),
    [
        (LISTED, LISTED, PATH),
        ("http://www.herald.test/news/1", LISTED, PATH),
        ("https://m.herald.test/news/1", LISTED, PATH),
        ("https://herald.test/en/news/1/a-slug?from=rss", LISTED, PATH),
        ("https://herald.test/news/7", LISTED, PATH),
        ("https://herald.test/articleView.html?page=2&idxno=4", ASKED, QUERY),
        ("https://herald.test/?p=12", LISTED, NUMBER),
        ("https://herald.test/news/12", "https://herald.test/?p=12", NUMBER),
        ("https://herald.test/news/1", "https://herald.test/r/1", PATH),
        ("https://herald.test/other/1", "https://herald.test/r/1", PATH),
        ("https://herald.test/a/b", "https://herald.test/c/d", GENERIC),
        ("https://herald.test/world/ships-1/amp", "https://herald.test/world/ships-1", WHOLE),
        ("https://herald.test/world/ships-1/2/", "https://herald.test/world/ships-1/", WHOLE),
        ("https://herald.test/en/world/ships-1", "https://herald.test/world/ships-1", WHOLE),
        ("https://herald.test/pt-br/world/ships-1/", "https://herald.test/world/ships-1", WHOLE),
        ("https://m.herald.test/world/ships-1", "https://herald.test/world/ships-1", WHOLE),
    ],
)
def test_an_address_that_may_be_an_articles_does_not(
    url: str, listed: str, of: type[Outlet]
) -> None:
    assert not leads_away(url, listed, of)
