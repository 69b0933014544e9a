from datetime import timedelta

from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed, Sitemap


class PeopleCn(Outlet):
    """People's Daily Online (人民网)."""

    name = "people_cn"
    every = timedelta(hours=6)
    languages = ("zh", "en")
    country, timezone = "CN", "Asia/Shanghai"
    hosts = ("people.com.cn", "people.cn")
    rights, rights_note = "full", "People's Daily Online, all rights reserved"
    groups = ("state-media",)
    topic = True
    delay = 120.0  # robots.txt asks for it
    # The printed papers, and sites of before 2012, have addresses of their own.
    article = (
        r"/n\d?/\d{4}/\d{4}/c\d+-\d+\.html|/GB/(?:\d+/)+\d{5,}\.html"
        r"|paper\.people\.com\.cn/.*/(?:nw\.D|content_)\w+(?:-\d+)?\.html?"
    )
    key = r"/n\d?/\d{4}/\d{4}/(c\d+-\d+)\.html"
    sources = (
        Feed("http://www.people.com.cn/rss/world.xml", verified="U 2026"),
        Sitemap("http://www.people.cn/sitemap_index.xml", newest=1, verified="U 2024"),
    )
    rules = (
        Rules(
            title=(".rm_txt .col-1 h1", ".col-1 h1", "h1:not(.cf)"),
            body=("div.rm_txt_con > p:not(.paper_num)", "#rwb_zw p", ".show_text p", ".box_con p"),
            date=(".col-1-1", ".channel .col-1-1", ".box01 .fl"),
            authors=".author",
            captions=".rm_txt_con .pic_desc",
            drop=(".rm_txt_con .edit", ".rm_txt_con .zdfy", ".rm_txt_con .bza"),
            cut=(r"^\(责编：",),
        ),
    )
