"""The newspaper's words to its readers, teasers and headings of links are none of the text."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.body.house_lines import is_house_line
from crawler.extract.extraction import Extraction

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]

HOUSE_LINES = [
    "You can follow all our stories on Facebook and Twitter, or sign up for our newsletter.",
    "Get the news of the harbour delivered to your inbox by our editors every single morning.",
    "Did you like this article? Support us with a donation, or subscribe to our podcast.",
    "Вы можете комментировать статьи газеты, если войдёте на сайт под своим именем.",
    "Если Вы заметили ошибку, выделите её мышью и нажмите Ctrl+Enter",
    "Присоединяйтесь к нам в телеграме, чтобы первыми узнавать новости побережья.",
    "Уважаемые читатели, просим соблюдать правила разговора под статьями.",
    "Il vous reste 40 % de cet article à lire. La suite est réservée aux abonnés.",
    "Abonnez-vous à notre newsletter pour recevoir chaque matin les nouvelles de la côte.",
    "Suivez-nous sur Facebook et recevez toutes nos nouvelles sur votre téléphone.",
    "Hat Ihnen dieser Artikel gefallen? Dann unterstützen Sie uns bitte mit einer Spende.",
    "Folgen Sie uns auf Facebook, und werden Sie Mitglied der Freunde unserer Zeitung.",
    "Síguenos en Facebook y suscríbete a nuestro boletín para recibir las noticias del puerto.",
    "Suscríbete a nuestro canal de WhatsApp y no te pierdas nada de lo que pasa en la costa.",
    "本站客户端已全面升级，欢迎读者点击下载，随时掌握沿海地区的最新消息。",
    "欢迎关注我们的微信公众号，扫描二维码即可阅读更多内容，与朋友分享。",
    "免责声明：本文仅代表作者本人观点，与本网无关，请读者仅作参考。",
    "免責聲明：所載資料僅供參考，并不構成任何建議，若與原文有異，概以原文為準。",
    "読者の皆様からの投稿をお待ちしています。本紙の公式アプリをダウンロードしてご覧ください。",
    "この記事の続きは、本紙の公式アプリに登録すると読むことができます。",
    "독자 여러분, 우리 신문의 유튜브 채널을 구독하고 새 소식을 가장 먼저 만나 보세요.",
    "카카오톡 채널을 눌러 우리 신문을 추가하면 새 기사를 받아 볼 수 있습니다.",
]

TEXT_LINES = [
    "The ministry told its followers on Telegram that readers should subscribe to the channel.",
    "“Follow our channel and support us,” the captain wrote to his readers on Facebook.",
    "The app was downloaded by thousands of sailors within a week of its release.",
    "Подписчики телеграм-канала узнали о шторме раньше всех, сообщили в порту.",
    "Le capitaine a ouvert un compte pour raconter la vie du phare aux enfants des îles.",
    "Der Kapitän eröffnete einen Kanal und zeigt dort jeden Abend den Leuchtturm.",
    "El capitán abrió un canal para contar la vida del faro a los niños de las islas.",
    "该客户端上线一周内被下载三万次，用户多为渔民。",
    "公式アプリは一週間で三万回ダウンロードされ、漁師に人気だという。",
    "당국은 유튜브 채널을 구독한 주민들을 조사했다고 소식통이 전했다.",
]

LINK_HEADINGS = [
    "Читайте также",
    "Другие материалы:",
    "Подробнее",
    "À lire aussi",
    "Sur le même sujet",
    "Czytaj więcej",
    "More Coverage",
    "相关阅读",
    "热读",
    "次に読みたい",
    "많이 본 뉴스",
    "Passend zum Artikel",
    "Te recomendamos",
]


def _text(reading: Extraction) -> str:
    assert reading.article is not None, reading.reason
    return reading.article.text


@pytest.mark.parametrize("line", HOUSE_LINES)
def test_a_word_of_the_house_to_its_readers_is_recognised(line: str) -> None:
    assert is_house_line(line)


@pytest.mark.parametrize("line", TEXT_LINES)
def test_a_report_on_readers_and_channels_is_no_word_of_the_house(line: str) -> None:
    assert not is_house_line(line)


@pytest.mark.parametrize("line", HOUSE_LINES)
def test_it_leaves_the_end_of_a_text(
    line: str, stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    story = stories["en"]
    markup = f"<h1>{story.title}</h1><div>{story.body()}<p>{line}</p><p>{line}</p></div>"
    assert _text(read_html(markup)) == "\n\n".join(story.paragraphs)


def test_it_leaves_a_box_of_its_own_within_the_text(story: "Story", read_html: ReadHtml) -> None:
    box = f"<div><div>{HOUSE_LINES[0]}</div></div>"
    paragraphs = [f"<p>{paragraph}</p>" for paragraph in story.paragraphs]
    markup = "".join([*paragraphs[:2], box, *paragraphs[2:]])
    found = _text(read_html(f"<h1>{story.title}</h1><div>{markup}</div>"))
    assert found == "\n\n".join(story.paragraphs)


def test_it_stays_between_the_paragraphs_of_a_text(story: "Story", read_html: ReadHtml) -> None:
    lines = [*story.paragraphs[:2], HOUSE_LINES[0], *story.paragraphs[2:]]
    markup = "".join(f"<p>{line}</p>" for line in lines)
    found = _text(read_html(f"<h1>{story.title}</h1><div>{markup}</div>"))
    assert found == "\n\n".join(lines)


@pytest.mark.parametrize("heading", LINK_HEADINGS)
@pytest.mark.parametrize("tag", ["p", "h3", "div"])
def test_the_heading_of_a_link_leaves_the_text(
    heading: str, tag: str, story: "Story", read_html: ReadHtml
) -> None:
    links = f"<{tag}>{heading}</{tag}><p><a href=/1>{story.others[0]}</a></p>"
    paragraphs = [f"<p>{paragraph}</p>" for paragraph in story.paragraphs]
    markup = "".join([*paragraphs[:2], links, *paragraphs[2:], links])
    found = _text(read_html(f"<h1>{story.title}</h1><div>{markup}</div>"))
    assert found == "\n\n".join(story.paragraphs)


@pytest.mark.parametrize(
    "teaser",
    [
        "<dt><a href=/{0}>{1}</a></dt><dd>{2}</dd>",
        "<h4><a href=/{0}>{1}</a></h4><div>{2}</div>",
        "<table><tr><td><a href=/{0}>{1}</a></td></tr><tr><td>{2}</td></tr></table>",
        "<div><span>10:15</span> <a href=/{0}>{1}</a></div><div class=t>{2}</div>",
        "<section><a href=/{0}>{1}</a><br><br>{2}</section>",
    ],
)
def test_teasers_below_a_text_leave_it(
    teaser: str, story: "Story", stories: dict[str, "Story"], read_html: ReadHtml
) -> None:
    headlines = [*story.others, *stories["es"].others]
    about = [*stories["fr"].paragraphs, *stories["de"].paragraphs]
    teasers = "".join(
        teaser.format(number, headline, words)
        for number, (headline, words) in enumerate(zip(headlines, about, strict=False))
    )
    markup = f"<h1>{story.title}</h1><div>{story.body()}{teasers}</div>"
    assert _text(read_html(markup)) == "\n\n".join(story.paragraphs)


def test_links_between_the_paragraphs_of_a_text_cut_nothing(
    story: "Story", read_html: ReadHtml
) -> None:
    link = f"<p><a href=/1>{story.others[0]}</a></p>"
    markup = link.join(f"<p>{paragraph}</p>" for paragraph in story.paragraphs)
    found = _text(read_html(f"<h1>{story.title}</h1><div>{markup}</div>"))
    assert found == "\n\n".join(story.paragraphs)


@given(st.text(max_size=300))
def test_no_line_with_a_verb_of_telling_is_a_house_line(line: str) -> None:
    assert not is_house_line(f"{line} – said Anna Harbour")


@pytest.mark.parametrize("unit", ["ctrl ", "a-", "you ", "“", "подпи", "http"])
def test_long_lines_are_judged_quickly(unit: str) -> None:
    assert not is_house_line(unit * 100_000)
