from datetime import date, timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Expect, Outlet
from crawler.sources import Listing

DETAIL = "#detailContent > p, #detail > p, #detail span > p"


class Xinhua(Outlet):
    """Xinhua, in English and Chinese."""

    name = "xinhua"
    every = timedelta(minutes=30)
    languages = ("en", "zh")
    country, timezone = "CN", "Asia/Shanghai"
    hosts = ("news.cn", "xinhuanet.com")
    rights, rights_note = "full", "copyright Xinhua News Agency"
    agency_rank = 1
    groups = ("state-media",)
    topic = True
    expect = Expect(min_items=10, within=timedelta(days=1))
    article = r"/\d{8}/[0-9a-f]{32}/c\.html|/\d{4}-\d\d/\d\d/(?:c_|content_)\d+\.html?"
    key = r"/\d{8}/([0-9a-f]{32})/c\.html|/(?:c_|content_)(\d+)\.html?"
    sources = (
        *(
            Listing(
                address,
                item="#content-list .item, .list .item, #latest li, .list-item",
                link=(".tit a@href", "a@href"),
                title=(".tit a", "a"),
                date=".time",
                verified=note,
            )
            for address, note in (
                ("https://www.news.cn/politics/", "V 2026-10, one saved row"),
                ("https://www.news.cn/world/", "U 2026, the same site software"),
                ("https://english.news.cn/list/latestnews.htm", "U 2026"),
                ("https://english.news.cn/asiapacific/index.htm", "U 2026"),
            )
        ),
    )
    rules = (
        Rules(
            when="#detailContent, #detail",
            title=("h1.Btitle", ".conTop h1", ".head-line span.title", "span.title"),
            body=(DETAIL, "#detailContent", "#detail"),
            date=(
                ".infoBox .time",
                ".header-time .time",
                "p.time",
                "meta[name=publishdate]@content",
            ),
            authors=".infoBox .author",
            drop=(".tjewm", ".pagelist", "#detail .share", "video"),
            cut=(r"^【?纠错】?", r"^\W*责任编辑", r"^Editor:"),
        ),
        Rules(
            until=date(2021, 12, 31),
            when="#p-detail, #content",
            title=(".h-title", "#title", "h1.bltext"),
            body=("#p-detail > p", "#content > p", "#content"),
            date=("span.h-time", "#pubtime", ".time"),
            drop=(".p-tags", ".zan-wap", ".lb"),
            cut=(r"^【?纠错】?", r"^\W*责任编辑"),
        ),
        Rules(
            until=date(2013, 12, 31),
            title="td[height='40'] b font",
            body="td[height='700'] p",
            date="td[bgcolor='#f3f3f3'] font",
            authors="td.topxian[width='389'] font",
        ),
    )
