"""Invented news in eight languages and the pages that carry it, with the markup of real ones."""

import json
import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.extract.extraction import Extraction, extract_page
from crawler.extract.page.page import Page
from crawler.extract.page.rules import Rules
from crawler.outlet import Outlet
from crawler.sources import Feed


@dataclass(frozen=True)
class Story:
    """One invented report: its language, headline, summary, paragraphs, other headlines.

    `about`: a teaser's words for another headline; `comment`: a reader's; `wall`: what ends a stub.
    """

    language: str
    title: str
    summary: str
    paragraphs: list[str]
    others: list[str]
    site: str
    date: str
    byline: str
    about: str
    comment: str
    wall: str

    def body(self, count: int = 5) -> str:
        return "".join(f"<p>{paragraph}</p>" for paragraph in self.paragraphs[:count])


STORIES = {
    language: Story(language, **fields)
    for language, fields in json.loads(
        Path(__file__).with_name("stories.json").read_text("utf-8")
    ).items()
}


@dataclass(frozen=True)
class Template:
    """A page as one of the common builders makes it, with `$names` where words of a story go."""

    kind: str
    name: str
    url: str
    source: str

    def filled(self, story: Story) -> str:
        other = STORIES["es" if story.language != "es" else "en"]
        words = {
            name: getattr(story, name)
            for name in (
                "language",
                "title",
                "summary",
                "site",
                "date",
                "byline",
                "comment",
                "wall",
            )
        }
        for number, paragraph in enumerate(story.paragraphs, 1):
            cut = 2 * len(paragraph) // 5
            words[f"p{number}"] = paragraph
            words[f"start_{number}"], words[f"rest_{number}"] = paragraph[:cut], paragraph[cut:]
            words[f"q{number}"] = f"{other.paragraphs[number - 1]} {other.summary}"
        for number, headline in enumerate(story.others):
            words[f"o{number}"] = headline
            words[f"about{number}"] = story.about.format(headline)
        words |= {"second_title": other.title, "second_date": other.date}
        return string.Template(self.source).substitute(words)


def _templates() -> list[Template]:
    found = []
    for path in sorted(Path(__file__).with_name("pages").glob("*/*.html")):
        first, source = path.read_text("utf-8").split("\n", 1)
        found.append(Template(path.parent.name, path.stem, first.removeprefix("url: "), source))
    return found


REFUSALS = [
    (
        "Just a moment...",
        "Checking if the site connection is secure",
        '<div class="cf-challenge"></div>',
    ),
    ("Attention Required! | Cloudflare", "Sorry, you have been blocked", ""),
    ("Access Denied", "You don't have permission to access this page on this server.", ""),
    ("Are you a robot?", "Please make sure your browser supports JavaScript and cookies.", ""),
    (
        "example.com",
        "Please enable JS and disable any ad blocker",
        '<script src="https://ct.captcha-delivery.com/c.js">',
    ),
    ("example.com", "Verify you are human by completing the action below.", ""),
    ("Security check", "Complete the CAPTCHA to continue", '<div class="g-recaptcha"></div>'),
    ("Pardon Our Interruption", "Something about your browser made us think you were a bot.", ""),
    ("403 Forbidden", "nginx", ""),
    ("Request blocked", "Your IP address has been blocked", ""),
    (
        "Before you continue to the site",
        "We use cookies and data to deliver our services. Accept all",
        "",
    ),
    (
        "Your privacy choices",
        "We and our partners store information on a device. Do you accept and consent?",
        "",
    ),
    (
        "We value your privacy",
        "We value your privacy. We use cookies to give you the best experience. Accept",
        "",
    ),
    ("Log in", "Please log in to continue", "<form><input name=u><input type=password></form>"),
    ("Sign in | Coastal Courier", "Email Password", "<form><input type=password></form>"),
    ("로그인", "아이디 비밀번호", "<form><input type=password></form>"),
    ("접근이 차단되었습니다", "비정상적인 접근이 감지되었습니다.", ""),
    ("자동등록방지", "로봇이 아닙니다", '<div class="h-captcha"></div>'),
    ("ログイン", "メールアドレス パスワード", "<form><input type=password></form>"),
    ("アクセスが拒否されました", "画像認証を入力してください", ""),
    ("安全验证", "请完成安全验证后继续访问", ""),
    ("访问受限", "拖动滑块完成验证", ""),
    ("Доступ ограничен", "Доступ к ресурсу ограничен", ""),
    ("Вы не робот?", "Подтвердите, что вы не робот", ""),
    (
        "DDoS-Guard",
        "Checking your browser before accessing",
        '<script src="/.well-known/ddos-guard/js">',
    ),
    ("Acceso denegado", "No tiene permiso para ver esta página", ""),
    ("Accès refusé", "Votre requête a été bloquée", ""),
    ("Human Verification", "", '<script src="https://x.awswaf.com/challenge.js"></script>'),
]

FAILURES = [
    ("404 Not Found", "The requested URL was not found on this server."),
    ("Page not found | Coastal Courier", "Sorry, the page you are looking for does not exist."),
    ("Coastal Courier", "This page is no longer available."),
    ("Error 404", ""),
    ("Oops!", "Something went wrong. Please try again later."),
    ("500 Internal Server Error", "The server encountered an internal error."),
    ("503 Service Unavailable", "No server is available to handle this request."),
    ("502 Bad Gateway", "nginx"),
    ("Site under maintenance", "We will be back soon."),
    ("알림", "삭제된 기사입니다."),
    ("바닷가일보", "요청하신 페이지를 찾을 수 없습니다."),
    ("알수 없는 주소", "알수 없는 주소입니다."),
    ("안내", "존재하지 않는 기사이거나 잘못된 접근입니다."),
    ("서비스 점검", "서비스 점검 중입니다."),
    ("ページが見つかりません", "お探しのページは見つかりませんでした。"),
    ("海辺新聞", "この記事は掲載期間が終了しました。"),
    ("メンテナンス中", "ただいまメンテナンスを行っています。"),
    ("海岸日报", "您访问的页面不存在"),
    ("提示", "文章已删除"),
    ("页面找不到了", "404"),
    ("Страница не найдена", "Запрашиваемая страница не найдена"),
    ("Ошибка 404", "Береговые вести"),
    ("Página no encontrada", "No se encuentra la página solicitada"),
    ("Page introuvable", "La page demandée n'existe plus"),
    ("Seite nicht gefunden", "Die Seite wurde nicht gefunden"),
    ("", ""),
    ("Coastal Courier", ""),
]


@pytest.fixture(scope="session")
def refusals() -> list[tuple[str, str, str]]:
    """Titles, texts and markup of pages that keep a reader out."""
    return REFUSALS


@pytest.fixture(scope="session")
def failures() -> list[tuple[str, str]]:
    """Titles and texts of error pages that are answered with status 200."""
    return FAILURES


@pytest.fixture(scope="session", params=sorted(STORIES))
def story(request: pytest.FixtureRequest) -> Story:
    return STORIES[request.param]


@pytest.fixture(scope="session")
def templates() -> list[Template]:
    """Pages of many builders and of every class, to be filled with stories."""
    return _templates()


@pytest.fixture(scope="session")
def stories() -> dict[str, Story]:
    return STORIES


class Unknown(Outlet, abstract=True):
    """What the generic reading of an undeclared host has to go by: nothing."""

    name = "example.com"
    every = timedelta(days=1)
    languages = ()
    country = ""
    timezone = ""
    hosts = ("example.com",)
    rights = "full"
    sources = ()
    article = "."


class Courier(Outlet):
    """An invented outlet with rules for two layouts."""

    name = "courier"
    every = timedelta(hours=1)
    languages = ("en",)
    country = "KR"
    timezone = "Asia/Seoul"
    hosts = ("courier.example",)
    rights = "full"
    sources = (Feed("https://courier.example/feed"),)
    article = r"/story/\d+"
    key = r"/story/(\d+)"
    rules = (
        Rules(
            when="main.story",
            title="h1.head",
            body="main.story > p",
            date="time@datetime",
            authors=".writer",
            captions="figure figcaption",
            drop="figure, .box",
            cut=(r"^Photo:",),
            end=(r"^\(END\)",),
        ),
        Rules(title="#old-title", body="#old-text", date="#old-date"),
    )


@pytest.fixture(scope="session")
def unknown() -> type[Outlet]:
    return Unknown


@pytest.fixture(scope="session")
def courier() -> type[Outlet]:
    return Courier


@pytest.fixture(scope="session")
def declare() -> Callable[..., type[Outlet]]:
    """Declare an outlet like the Courier with other attributes."""

    def declared(**attributes: object) -> type[Outlet]:
        return type("Declared", (Courier,), {"__module__": __name__, **attributes})

    return declared


@pytest.fixture(scope="session")
def read_html() -> Callable[..., Extraction]:
    """Read HTML of an undeclared outlet (or a given one) at an invented address."""

    def reading(
        html: str,
        url: str = "https://example.com/news/2024/0314/ferry",
        outlet: type[Outlet] = Unknown,
    ) -> Extraction:
        return extract_page(Page(html.encode("utf-8", "surrogatepass"), url), outlet)

    return reading
