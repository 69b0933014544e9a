"""Briefs of one sentence beside a consent banner, or under a headline like that of an error page."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from crawler.extract.extraction import Extraction
from storage.records import PageClass

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]
READABLE = (PageClass.ARTICLE, PageClass.STUB)
BANNERS = [
    "We and our partners store cookies on a device and process personal data. You may give consent.",
    "我们和合作伙伴在您的设备上存储 Cookie 等信息，并处理个人信息用于个性化广告。您可以同意或更改设置。",
    "당사와 파트너는 쿠키를 저장하고 맞춤형 광고를 위해 개인정보를 처리합니다. 동의하거나 바꿀 수 있습니다.",
    "当社とパートナーはクッキーを保存し、個人データを処理します。同意または設定の変更ができます。",
    "Мы и наши партнёры храним файлы cookie и обрабатываем персональные данные. Вы можете дать согласие.",
]
DECLARED = (
    '<meta property="og:type" content="article">'
    '<meta property="article:published_time" content="2025-09-05T09:00:00+09:00">'
)


@pytest.mark.parametrize("banner", BANNERS)
def test_one_sentence_beside_a_banner_is_read_without_it(
    banner: str, story: "Story", read_html: ReadHtml
) -> None:
    box = f'<div class="x"><p>{banner}</p></div>'
    article = f"<article><h1>{story.title}</h1>{story.body(1)}</article>"
    for body in (box + article, article + box):
        reading = read_html(
            f"<html lang={story.language}><head><title>{story.title}</title></head><body>{body}</body></html>"
        )
        assert reading.page_class in READABLE
        assert reading.article is not None
        assert reading.article.text == story.paragraphs[0]


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("ログイン情報流出", "島の役場からログイン情報が流出したと警察が五日、発表した。"),
        ("Page not found: an old chart", "A page was not found in an old chart, the museum said."),
        (
            "Error 404: el vuelo llega",
            "El vuelo 404 llegó el viernes sin daños, dijo el aeropuerto.",
        ),
        (
            "Seite nicht gefunden: der Atlas",
            "Im Atlas fehlt eine Seite, sagte das Museum am Freitag.",
        ),
        (
            "로그인: 섬의 새 규칙",
            "섬 사람들은 새벽마다 장부에 이름을 적어야 한다고 군청이 5일 밝혔다.",
        ),
    ],
)
def test_a_dated_page_that_says_it_is_an_article_is_one(
    title: str, sentence: str, read_html: ReadHtml
) -> None:
    body = f"<article><h1>{title}</h1><p>{sentence}</p></article>"
    html = f"<html><head><title>{title}</title>%s</head><body>{body}</body></html>"
    assert read_html(html % DECLARED).page_class in READABLE


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("404", "The page you asked for was not found on this server."),
        ("Log in", "Please log in to continue to the article."),
        ("Страница не найдена", "Запрошенная страница не существует."),
        ("ログイン", "続きを読むにはログインしてください。"),
        ("페이지를 찾을 수 없습니다", "요청하신 페이지가 삭제되었습니다."),
    ],
)
def test_an_error_stays_one_though_it_says_that_it_is_an_article(
    title: str, sentence: str, read_html: ReadHtml
) -> None:
    body = f"<article><h1>{title}</h1><p>{sentence}</p></article>"
    html = f"<html><head><title>{title}</title>{DECLARED}</head><body>{body}</body></html>"
    assert read_html(html).page_class not in READABLE


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("This domain is for sale", "Buy this domain. Its owner is offering it for sale."),
        ("ferry.example.org", "This domain name has expired. Please contact your registrar."),
        ("도메인 판매 중", "이 도메인은 판매 중입니다. 구매를 원하시면 연락 주세요."),
        ("域名出售", "此域名正在出售，如有意请联系。"),
        ("このドメインは販売中です", "このドメインの購入をご希望の方はお問い合わせください。"),
        ("Домен продаётся", "Этот домен продаётся. Если вы хотите его купить, напишите нам."),
    ],
)
def test_a_parked_domain_is_no_article(title: str, sentence: str, read_html: ReadHtml) -> None:
    body = f"<h1>{title}</h1><p>{sentence}</p>"
    html = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    assert read_html(html).page_class is PageClass.ERROR


def test_a_report_on_a_domain_is_an_article(story: "Story", read_html: ReadHtml) -> None:
    title = "The ferry office's domain is for sale, a court rules"
    body = (
        f"<h1>{title}</h1><p>The domain is for sale, the court said on Friday.</p>{story.body(3)}"
    )
    html = f"<html><head><title>{title}</title></head><body><article>{body}</article></body></html>"
    assert read_html(html).page_class is PageClass.ARTICLE
