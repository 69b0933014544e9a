"""A feed or sitemap whose bytes are not what it declares."""

import pytest

from tests.crawler.discovery.reading import LINK, SITEMAP_URL, item, read, rss, titles, urlset

KOREAN = ["항구 등대 다시 켜진다", "똠방각하 펲시 햏자 출항", "두 번째 소식을 전한다"]
CHINESE = ["镕口灯塔重新开放", "渔民代表团访问港口", "第二条消息的标题"]
TAIWANESE = ["港口燈塔重新開放", "漁民代表團訪問北京"]
JAPANESE = ["髙橋灯台①が再開", "港の㈱漁業が会談", "二番目の記事です"]
RUSSIAN = ["Маяк в порту снова открыт", "Переговоры о рыбе"]


@pytest.mark.parametrize(
    ("heads", "real", "said"),
    [
        (KOREAN, "cp949", "euc-kr"),
        (KOREAN, "cp949", "ks_c_5601-1987"),
        (KOREAN, "cp949", "windows-949"),
        (KOREAN, "cp949", "utf-8"),
        (KOREAN, "cp949", "utf-16"),
        (KOREAN, "cp949", "no-such-charset"),
        (KOREAN, "utf-8", "euc-kr"),
        (KOREAN, "utf-8", "utf-16"),
        (KOREAN, "utf-16", "utf-16"),
        (KOREAN, "utf-16-le", "utf-8"),
        (KOREAN, "utf-16-be", "euc-kr"),
        (CHINESE, "gb18030", "gb2312"),
        (CHINESE, "gb18030", "gb_2312-80"),
        (CHINESE, "gb18030", "utf-8"),
        (CHINESE, "utf-8", "gb2312"),
        (CHINESE, "utf-16", "gbk"),
        (TAIWANESE, "big5hkscs", "big5"),
        (TAIWANESE, "utf-8", "big5"),
        (JAPANESE, "cp932", "Shift_JIS"),
        (JAPANESE, "cp932", "utf-8"),
        (JAPANESE, "utf-8", "Shift_JIS"),
        (JAPANESE[2:], "euc_jp", "x-euc-jp"),
        (JAPANESE[2:], "iso2022_jp", "iso-2022-jp"),
        (JAPANESE[2:], "iso2022_jp", "utf-8"),
        (RUSSIAN, "cp1251", "utf-8"),
        (RUSSIAN, "koi8-r", "koi8-r"),
        (RUSSIAN, "utf-16-be", "windows-1251"),
    ],
)
def test_a_feed_is_read_in_the_charset_it_is_in(heads: list[str], real: str, said: str) -> None:
    assert titles(rss("".join(map(item, heads[:1])), encoding=said).encode(real)) == heads[:1]
    items = "".join(item(head, f"<link>/news/{n}</link>") for n, head in enumerate(heads))
    assert titles(rss(items, encoding=said).encode(real)) == heads


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "cp949"])
def test_a_news_sitemap_is_read_in_the_charset_it_is_in(charset: str) -> None:
    news = f"<news:news><news:title>{KOREAN[0]}</news:title></news:news>"
    body = urlset(f"<url><loc>/news/1</loc>{news}</url>").encode(charset)
    assert titles(body, SITEMAP_URL) == [KOREAN[0]]


def test_the_header_tells_the_charset_that_the_feed_does_not() -> None:
    body = rss(item("등대")).replace(' encoding="UTF-8"', "").encode("cp949")
    assert read(body, header="application/rss+xml; charset=euc-kr").links[0].title == "등대"


def test_a_few_broken_bytes_cost_a_feed_no_item() -> None:
    body = rss(item(KOREAN[0]) + item("Lantern", LINK.replace("1<", "2<"))).encode()
    broken = body.replace("켜진다".encode(), "켜진".encode() + b"\xeb\x8b")
    assert len(titles(broken)) == 2
    assert titles(broken)[0].startswith("항구 등대 다시 켜진")
