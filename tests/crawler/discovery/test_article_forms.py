"""On a page that nobody declared, the articles are the links whose addresses share a form."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.discovery.address_forms import read_form
from crawler.discovery.link_urls import absolute_url
from crawler.discovery.source_parser import parse_source
from crawler.outlet import Outlet
from crawler.registry import make_generic_outlet
from crawler.sources import AnyListing

NOW = datetime(2026, 7, 20, 12, tzinfo=UTC)
SITE = "https://gazette.example"

Pair = tuple[str, str]

MENU: list[Pair] = [
    ("/", "Front page"),
    ("/politics", "Politics"),
    ("/politics/foreign-affairs", "Foreign affairs and defence"),
    ("/login?next=/", "Sign in to your account"),
    ("/subscribe", "Subscribe to our newsletter"),
    ("/author/kim-min-su", "Kim Min-su, reporter in the harbour"),
    ("/tag/harbour-lights", "harbour lights"),
    ("https://www.youtube.com/watch?v=abcdefghijk", "Our channel of moving pictures"),
    ("https://elsewhere.example/2026/07/19/another-harbour", "What another site says of it"),
    ("/about-us", "About us"),
    ("/terms-of-use-and-privacy", "Terms of use and privacy"),
    ("/page/2", "2"),
    ("/page/3", "Next page"),
    ("mailto:desk@gazette.example", "Write to us"),
]
SITES: dict[str, list[Pair]] = {
    "slugs at the root": [
        ("/envoys-reopen-talks-at-the-harbour/", "Envoys reopen talks at the harbour"),
        ("/lighthouse-repair-agreed-by-both/", "Lighthouse repair agreed by both sides"),
        ("/new-kiln-opens-in-ryongsan/", "New kiln opens in Ryongsan"),
        ("/survey-office-prints-atlases/", "Survey office prints atlases for schools"),
    ],
    "days and words": [
        ("/2026/07/19/harbour/", "Envoys reopen talks"),
        ("/2026/07/18/lighthouse/", "Lighthouse repair agreed"),
        ("/2026/07/18/kiln/", "New kiln opens"),
    ],
    "numbers": [
        ("/news/48211", "Envoys reopen talks at the harbour"),
        ("/news/48212", "Lighthouse repair agreed"),
        ("/news/48213", "New kiln opens in Ryongsan"),
    ],
    "short numbers": [
        ("/news/211", "Envoys reopen talks at the harbour"),
        ("/news/212", "Lighthouse repair agreed"),
        ("/news/213", "New kiln opens in Ryongsan"),
    ],
    "numbers in the query": [
        ("/view.php?idx=20260719001&cat=12", "항구에서 회담을 다시 연 대표단"),
        ("/view.php?idx=20260719002&cat=12", "등대 수리를 합의한 두 대표단"),
        ("/view.php?idx=20260719003&cat=7", "새 가마가 룡산에서 문을 열었다"),
    ],
    "a bulletin board": [
        ("/bbs/board.php?bo_table=news&wr_id=2113", "항구에서 회담을 다시 연 대표단"),
        ("/bbs/board.php?bo_table=news&wr_id=2112", "등대 수리를 합의한 두 대표단"),
        ("/bbs/board.php?bo_table=news&wr_id=2111", "새 가마가 룡산에서 문을 열었다"),
    ],
    "short numbers in the query": [
        ("/article.aspx?id=9113", "Посланники возобновили переговоры"),
        ("/article.aspx?id=9112", "Маяк починят обе стороны"),
        ("/article.aspx?id=9111", "Новая печь в Рёнсане"),
    ],
    "Japanese": [
        ("/articles/-/880123", "港で会談再開、代表団が発表"),
        ("/articles/-/880124", "灯台の修理で合意"),
        ("/articles/-/880125", "新しい窯が龍山に開く"),
    ],
    "codes": [
        ("/article/f5929b2b5af84ab68821d519589d68ac", "Envoys reopen talks"),
        ("/article/a5929b2b5af84ab68821d519589d68ac", "Lighthouse repair agreed"),
        ("/article/c5929b2b5af84ab68821d519589d68ac", "New kiln opens"),
    ],
    "slugs in sections": [
        ("/world/envoys-reopen-talks", "Envoys reopen talks at the harbour"),
        ("/asia/lighthouse-repair-agreed", "Lighthouse repair agreed by both"),
        ("/world/new-kiln-opens", "New kiln opens in Ryongsan"),
        ("/economy/atlases-for-schools", "Survey office prints atlases"),
    ],
    "Chinese": [
        ("/n1/2026/0719/c1002-31771234.html", "代表团在港口重开会谈"),
        ("/n1/2026/0719/c1002-31771235.html", "双方同意修灯塔"),
        ("/n1/2026/0719/c1002-31771236.html", "新窑开张"),
    ],
    "subdomains": [
        ("https://world.gazette.example/26/0719/18/FGN8O50S0001899O.html", "代表团在港口重开会谈"),
        ("https://money.gazette.example/26/0719/18/FGN8O50S0001899P.html", "双方同意修灯塔"),
        ("https://gazette.example/26/0719/18/FGN8O50S0001899Q.html", "新窑开张的消息传到港口"),
    ],
}


def listing(articles: Sequence[Pair], menu: Sequence[Pair] = MENU, head: str = "") -> str:
    half = len(menu) // 2
    return (
        f"<html><head>{head}</head><body><nav>{anchors(menu[:half])}</nav><main><ul>"
        + "".join(f"<li>{anchors([article])}</li>" for article in articles)
        + f"</ul></main><footer>{anchors(menu[half:])}</footer></body></html>"
    )


def anchors(pairs: Sequence[Pair]) -> str:
    return "".join(f'<a href="{address}">{text}</a>' for address, text in pairs)


def read(page: str, url: str = f"{SITE}/news/", outlet: type[Outlet] | None = None) -> list[str]:
    generic = make_generic_outlet("gazette.example")
    found = parse_source(AnyListing(url), page.encode(), url, outlet or generic, NOW)
    return [link.url for link in found.links]


def addresses(articles: Sequence[Pair]) -> list[str]:
    return [absolute_url(address, SITE) for address, _ in articles]


@pytest.mark.parametrize("name", SITES)
def test_the_articles_of_a_page_are_found_and_nothing_else(name: str) -> None:
    assert read(listing(SITES[name])) == addresses(SITES[name])


@pytest.mark.parametrize("name", SITES)
def test_a_single_article_among_menus_is_found(name: str) -> None:
    assert read(listing(SITES[name][:1])) == addresses(SITES[name][:1])


@pytest.mark.parametrize("name", SITES)
def test_a_link_without_text_is_kept_if_its_address_has_the_form_of_the_articles(
    name: str,
) -> None:
    first, *others = SITES[name]
    pictures = [(first[0], '<img src="/p.jpg">'), *others]
    assert read(listing(pictures)) == addresses(SITES[name])


@pytest.mark.parametrize("box", ["aside", "header", "div"])
def test_articles_are_found_wherever_they_stand(box: str) -> None:
    articles = SITES["days and words"]
    page = listing(articles[:2]).replace(
        "</main>", f"</main><{box}>{anchors(articles[2:])}</{box}>"
    )
    assert read(page) == addresses(articles)


def test_a_page_of_menus_has_no_article() -> None:
    assert read(listing([])) == []


@pytest.mark.parametrize(
    "articles",
    [
        [
            ("/mundo/faro.html", "El faro será reparado"),
            ("/mundo/horno.html", "Abre un nuevo horno"),
        ],
        [("/news/1", "Envoys reopen their talks"), ("/news/2", "Lighthouse repair agreed")],
        [("/news/detail/93", "ตกลงซ่อมประภาคารที่ท่าเรือ"), ("/news/detail/94", "เปิดเตาเผาใหม่ในเมือง")],
        [
            ("/view.asp?n=7", "항구에서 회담을 다시 연 대표단"),
            ("/view.asp?n=8", "등대 수리를 합의한다"),
        ],
    ],
)
def test_without_addresses_that_tell_the_headlines_do(articles: list[Pair]) -> None:
    assert read(listing(articles)) == addresses(articles)


def test_comments_and_sections_with_numbers_are_no_articles() -> None:
    articles = SITES["subdomains"]
    others = [
        (f"https://comment.gazette.example/FGN8O50S0001899{letter}.html", f"24{n} 跟贴24{n}")
        for n, letter in enumerate("OPQ")
    ] + [(f"/theme/?dw=2607190{n}", text) for n, text in enumerate(("港口", "灯塔", "龙山"))]
    assert read(listing([*articles, *others])) == addresses(articles)


def test_a_script_call_gives_its_address() -> None:
    page = "".join(
        f"""<li><a href="javascript:article_open('index.php?id=SF&newsID=2026-07-19-000{n}')">"""
        f"Lantern office number {n} opens in the harbour</a></li>"
        for n in range(3)
    )
    others = """<a href="#" onclick="view('/news/index.php?id=SF&newsID=2026-07-19-0009'); return 0">
    Another lantern office opens in the harbour</a><a href="javascript:void(0)">Close this box</a>"""
    assert read(page + others) == [
        f"{SITE}/news/index.php?id=SF&newsID=2026-07-19-000{n}" for n in (0, 1, 2, 9)
    ]


def test_the_title_is_the_heading_of_a_card_without_its_scripts() -> None:
    page = """<a href="/2026/07/19/lantern"><noscript><img src="x.jpg"></noscript><h3>Lantern office
    opens</h3><p>A long standfirst that says much more about the lantern office.</p></a>"""
    found = parse_source(
        AnyListing(SITE), page.encode(), SITE, make_generic_outlet("gazette.example"), NOW
    )
    assert [link.title for link in found.links] == ["Lantern office opens"]


def test_the_pattern_of_a_declared_outlet_decides_alone() -> None:
    class Declared(Outlet, abstract=True):
        name, languages, timezone, key = "declared", (), "UTC", ""
        article = r"gazette\.example/story/"

    articles = [("/story/a", "A"), ("/story/b", ""), ("/story/c", "Terms of use")]
    footer = [*MENU, ("/story/why-you-can-trust-us", "Why you can trust us")]
    page = listing([*articles, *SITES["days and words"]], footer)
    assert read(page, outlet=Declared) == addresses(articles)


@pytest.mark.parametrize(
    ("page_host", "host", "is_same"),
    [
        ("sinmun.co.kr", "other.co.kr", False),
        ("sinmun.co.kr", "news.sinmun.co.kr", True),
        ("gazette.com.cn", "chronicle.com.cn", False),
        ("www.gazette.co.jp", "gazette.co.jp", True),
        ("gazette.org.uk", "chronicle.org.uk", False),
        ("news.gazette.kr", "m.gazette.kr", True),
        ("gazette.go.kr", "ministry.go.kr", False),
    ],
)
def test_a_site_is_what_is_below_a_public_suffix(page_host: str, host: str, is_same: bool) -> None:
    own = "/news/view/20260719002"
    page = anchors(
        [
            (f"https://{host}/news/view/20260719001", "Envoys reopen talks at the harbour"),
            (own, "Lighthouse repair agreed by both"),
        ]
    )
    found = [url.partition("://")[2] for url in read(page, f"https://{page_host}/news/")]
    expected = [f"{host}/news/view/20260719001"] * is_same + [f"{page_host}{own}"]
    assert found == expected


@pytest.mark.parametrize(
    ("url", "coarse"),
    [
        ("https://x.example/world/2026/07/19/lantern-office-opens", "<word>/<day>/<slug>."),
        ("https://x.example/26/0719/18/FGN8O50S0001899O.html", "<day>/<number>/<code>.html"),
        ("https://x.example/view.do?ncd=7654321&page=2", "<word>.do?ncd=<number>"),
        ("https://x.example/news/two-words", "<word>/<word>."),
        ("https://x.example/election2026", "<word>."),
        ("https://x.example/", "."),
    ],
)
def test_the_form_of_an_address_is_what_its_parts_are(url: str, coarse: str) -> None:
    assert read_form(url).coarse == coarse


@given(st.text(max_size=80))
def test_any_link_can_be_read(text: str) -> None:
    read(f'<a href="{text}">Envoys reopen talks</a><a href=/a/{text} onclick="{text}">{text}</a>')


def test_a_page_full_of_links_is_read_in_linear_time() -> None:
    page = "<a href=javascript:" + "'" * 50_000 + ">x</a>" + "<div>" * 300
    page += "".join(f'<a href="/{"a-" * 500}{n}">{"x " * 20}</a>' for n in range(2000))
    assert len(read(page)) <= 2000


def test_all_hosts_of_an_outlet_are_its_site() -> None:
    class Declared(Outlet, abstract=True):
        name, languages, timezone, key = "declared", (), "UTC", ""
        article, hosts = r"/story/\d", ("gazette.example", "chronicle.example")

    own = ["https://world.chronicle.example/story/1", "https://gazette.example/story/2"]
    others = ["https://elsewhere.example/story/3"]
    page = anchors([(url, "Envoys reopen talks") for url in (*own, *others)])
    assert read(page, outlet=Declared) == own
