"""Short reports beside banners and about logins are articles; walls and errors stay what they are."""

from collections.abc import Callable

import pytest

from crawler.extract.extraction import Extraction
from storage.records import PageClass

BANNERS = {
    "en": "We and our partners store information on your device. Accept all cookies to consent.",
    "en-privacy": "We value your privacy. You can accept or reject how we use cookies; we need your consent.",
    "ko": "저희 사이트는 쿠키를 사용합니다. 계속하시려면 동의해 주세요.",
    "de": "Wir und unsere Partner speichern Cookies. Bitte stimmen Sie zu. We use cookies, please consent.",
    "ru": "Мы используем cookie. Пожалуйста, подтвердите, что вы не робот.",
    "zh": "请完成安全验证后继续访问本站。",
}
REPORTS = {
    "en": (
        "Ferry returns to the island after ten days",
        "The ferry to the island sailed again on Friday, ten days after a storm had broken its ramp.",
        "Some sixty passengers waited at the pier, the harbour office said in a short statement.",
        "A second boat is to follow on Sunday if the wind allows it, according to the office.",
    ),
    "ko": (
        "섬으로 가는 여객선, 열흘 만에 운항 재개",
        "섬으로 가는 여객선이 열흘 만인 금요일 다시 운항을 시작했다고 항만 사무소가 밝혔다.",
        "승객 60여 명이 이른 아침부터 부두에서 배를 기다렸다고 사무소 관계자는 전했다.",
        "바람이 잦아들면 일요일에 두 번째 배가 출항할 예정이라고 사무소는 덧붙였다.",
    ),
    "ja": (
        "島への連絡船、十日ぶりに運航再開",
        "島へ向かう連絡船が金曜日、十日ぶりに運航を再開したと港の事務所が発表した。",
        "およそ六十人の乗客が早朝から桟橋で船の到着を待っていたと事務所は説明した。",
        "風が弱まれば日曜日に二隻目の船も出航する予定だと事務所は付け加えている。",
    ),
}
BRIEFS = [
    ("북한 해킹 조직, 로그인 화면 위조", "북한 해킹 조직이 항만 공사의 로그인 화면을 위조했다고 당국이 금요일 밝혔다."),
    ("국영 사이트, 서비스 점검으로 중단", "북한의 국영 사이트가 서비스 점검을 이유로 이틀째 중단됐다고 관계자가 전했다."),
    ("삭제된 기사 되살린 연구자", "한 연구자가 북한 매체에서 삭제된 기사 수백 건을 되살렸다고 대학이 금요일 밝혔다."),
    ("北朝鮮ハッカー、ログイン情報を盗む", "北朝鮮のハッカーが港の職員のログイン情報を盗んだと当局が金曜日に明らかにした。"),
    ("国営サイトがメンテナンスで停止", "北朝鮮の国営サイトがメンテナンスのため停止していると関係者が金曜日に述べた。"),
    ("黑客窃取登录信息", "当局星期五说，朝鲜黑客窃取了港口职员的登录信息，损失目前仍在调查之中。"),
    ("Login data stolen from harbour office", "Hackers took the login data of the harbour office, the authorities said on Friday."),
    ("Access denied to envoys at the border", "Guards denied two envoys access to the old bridge on Friday, the ministry said."),
    ("Site of state radio down for maintenance", "The site of the state radio was down for maintenance on Friday, a monitor reported."),
    ("Хакеры похитили пароли порта", "Доступ ограничен для сотрудников порта после атаки хакеров, сообщило ведомство."),
    ("Hackers piden iniciar sesión en un sitio falso", "Los piratas copiaron la página del puerto para iniciar sesión, dijo la policía."),
]  # fmt: skip


def page_of(title: str, body: str, head: str = "", before: str = "") -> str:
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title>{head}</head><body>{before}"
        f"<article><h1>{title}</h1>{body}</article></body></html>"
    )


@pytest.mark.parametrize("banner", list(BANNERS.values()), ids=list(BANNERS))
@pytest.mark.parametrize("language", list(REPORTS))
def test_a_short_undated_report_below_a_banner_is_an_article(
    banner: str, language: str, read_html: Callable[..., Extraction]
) -> None:
    title, *paragraphs = REPORTS[language]
    text = "".join(f"<p>{each}</p>" for each in paragraphs)
    body = f'<div class="article-body">{text}</div>'
    reading = read_html(page_of(title, body, before=f'<div class="x"><p>{banner}</p></div>'))
    assert reading.page_class is PageClass.ARTICLE, reading.reason
    assert reading.article
    assert [each for each in paragraphs if each not in reading.article.text] == []


@pytest.mark.parametrize(("title", "sentence"), BRIEFS)
@pytest.mark.parametrize("dated", ["meta", "printed"])
def test_a_dated_brief_about_logins_or_errors_is_an_article(
    title: str, sentence: str, dated: str, read_html: Callable[..., Extraction]
) -> None:
    meta = (
        '<meta property="og:type" content="article">'
        '<meta property="article:published_time" content="2025-09-05T18:45:00+09:00">'
    )
    printed = '<p class="date">2025.09.05 18:45</p>' if dated == "printed" else ""
    body = f'{printed}<div class="article-body"><p>{sentence}</p></div>'
    reading = read_html(page_of(title, body, head=meta if dated == "meta" else ""))
    assert reading.page_class in (PageClass.ARTICLE, PageClass.STUB), reading.reason


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Page not found", "The harbour news that readers look for most stands below this line."),
        ("Oops! That page can't be found.", "It looks like nothing was found at this location."),
        ("We'll be back soon!", "Sorry for the inconvenience, but the site is being repaired now."),
        ("페이지를 찾을 수 없습니다", "입력하신 주소가 정확한지 다시 한번 확인해 주시기 바랍니다."),
        ("ページが見つかりません", "お探しのページは移動したか、削除された可能性があります。"),
    ],
)  # fmt: skip
def test_an_error_page_with_an_articles_markup_and_a_date_stays_an_error(
    title: str, text: str, read_html: Callable[..., Extraction]
) -> None:
    body = f'<p class="date">2025.09.05 18:45</p><div class="entry-content"><p>{text}</p></div>'
    assert read_html(page_of(title, body)).page_class is PageClass.ERROR


@pytest.mark.parametrize("banner", list(BANNERS.values()), ids=list(BANNERS))
def test_a_wall_alone_is_no_article(banner: str, read_html: Callable[..., Extraction]) -> None:
    reading = read_html(page_of("Coastal Courier", f"<div class=content><p>{banner}</p></div>"))
    assert reading.page_class is PageClass.BLOCKED, reading.reason
