"""Addresses of articles as listings of these outlets have them, of today and of earlier years."""

import pytest

from crawler.registry import outlets


@pytest.mark.parametrize(
    ("outlet", "url", "is_article"),
    [
        ("people_cn", "http://world.people.com.cn/n1/2026/0304/c1002-40200001.html", True),
        ("people_cn", "http://world.people.com.cn/n/2014/0304/c1002-24520001.html", True),
        ("people_cn", "http://world.people.com.cn/GB/14549/5012345.html", True),
        ("people_cn", "http://world.people.com.cn/GB/157278/index.html", False),
        (
            "people_cn",
            "http://paper.people.com.cn/rmrb/html/2020-07/04/nw.D110000renmrb_20200704_1-03.htm",
            True,
        ),
        (
            "people_cn",
            "http://paper.people.com.cn/rmrb/pc/content/202503/04/content_30060001.html",
            True,
        ),
        ("people_cn", "http://paper.people.com.cn/rmrb/paperindex.htm", False),
        ("cnn", "https://edition.cnn.com/2026/03/04/asia/lantern-office-intl-hnk/index.html", True),
        ("cnn", "http://edition.cnn.com/2009/WORLD/asiapcf/05/25/lantern.office/index.html", True),
        ("cnn", "https://edition.cnn.com/travel/article/lantern-harbour-walk/index.html", True),
        ("cnn", "https://edition.cnn.com/travel", False),
        ("cnn", "https://edition.cnn.com/videos/world/2026/03/04/lantern.cnn", False),
        ("rfi", "https://www.rfi.fr/cn/亚洲/20260304-灯塔办公室开门", True),
        ("rfi", "https://www.rfi.fr/en/20260304-lantern-office-opens", True),
        ("rfi", "https://www.rfi.fr/fr/podcasts/le-monde/20260304-la-lanterne", True),
        ("rfi", "https://www.rfi.fr/cn/亚洲/", False),
    ],
)
def test_listed_addresses_are_known(outlet: str, url: str, is_article: bool) -> None:
    assert outlets()[outlet].is_article(url) is is_article
