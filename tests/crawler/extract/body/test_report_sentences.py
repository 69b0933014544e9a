"""Sentences that use the words of a notice stay in the text, and notices still leave it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.body.boilerplate import ends_with_photo_credit, is_boilerplate
from crawler.extract.body.sentences import is_report_sentence
from crawler.extract.extraction import Extraction

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

ReadHtml = Callable[..., Extraction]

SENTENCES = {
    "ko": [
        "섬 주민이 이 사실을 제보해 군청이 조사에 나섰다.",
        "주민들이 제보를 해 왔다고 등대지기는 밝혔다.",
        "그는 외국 영화를 무단 배포한 혐의로 재판에 넘겨졌습니다.",
        "무단 복제한 노래를 들은 선원 세 명이 붙잡혔다.",
        "법원은 저작권자의 손을 들어 주었다.",
        "▶ 유튜브 채널을 본 주민은 없었다고 관계자는 말했다.",
        "카카오톡 대화방을 추가로 조사한 경찰은 두 명을 붙잡았다.",
        '"제보가 끊이지 않았다"며 선장은 그날을 떠올렸다.',
    ],
    "zh": [
        "未经授权不得进入灯塔，守塔人说。",
        "未经许可的船只已经离开港口，海关表示。",
        "版权所有者起诉了港口公司，法院将于十月开庭。",
        "编辑部收到一封来自岛上的信，信中写道渡轮已经恢复。",
        "来源不明的货物在港口被扣押，海关正在调查。",
        "校对人员在书中发现了三处错误，出版社随后道歉。",
    ],
    "ja": [
        "無断転載された地図をめぐり、港の業者が処罰されたと伝えられた。",
        "無断複製の映画を見た船員が処罰されたという。",
        "版权という言葉を使わない国もあると館長は話した。",
        "禁止転載の印がある本が島で見つかった。",
        "シェアする喜びを知ったと船長は笑った。",
    ],
    "en": [
        "Follow the lights, the harbour master told the crew.",
        "Follow us to the pier, the captain told the crew.",
        "Sign up for the fleet, the poster on the wall said.",
        "Subscribe to the cause, the leaflets urged the villagers.",
        "Share this bread with the poor, the priest said on Sunday.",
        "A photo by a young sailor showed the ferry at the pier.",
        "The envoy held up a file photo of the ferry.",
        "Copyright law was tightened last year, and many books vanished.",
        "All rights reserved for the state include fishing, the decree says.",
        "Reporting by state media was banned for a week, the ministry said.",
        "Editing by hand took the monks a whole year.",
        "The pictures were sold through Getty Images.",
        "“Nothing in it was theirs,” she said. “All rights reserved? For whom?”",
        "AI will steer the ferry, he said.",
    ],
    "ru": [
        "Все права защищены законом, заявил министр.",
        "Все права защищены конституцией страны с 1990 года.",
        "Реклама парома исчезла из порта, сообщили рыбаки.",
        "Поделиться новостью он решил только с братом.",
        "Читайте также и старые газеты, сказал капитан.",
    ],
    "es": [
        "Todos los derechos reservados al puerto incluyen la pesca, dice el decreto.",
        "Todos los derechos reservados a los pescadores fueron anulados el viernes.",
        "Publicidad y pesca pagan el transbordador, según el alcalde.",
        "Lee también cartas de los marineros, dijo el capitán.",
        "Te puede interesar el mar, le dijo su padre.",
    ],
    "fr": [
        "Tous droits réservés à l’État, la pêche reste interdite, selon le décret.",
        "Publicité et pêche paient le bac, dit le maire.",
        "À lire aussi dans les archives, dit-il, la lettre du capitaine.",
        "Copyright et droit d’auteur ont été confondus par la cour.",
        "Tous droits réservés aux pêcheurs ont été annulés vendredi.",
    ],
    "de": [
        "Alle Rechte vorbehalten hat sich der Staat, sagte der Sprecher.",
        "Werbung für die Fähre verschwand aus dem Hafen.",
        "Copyright und Urheberrecht verwechselte das Gericht am Freitag.",
        "Auch interessant sei das alte Boot, sagte der Kapitän.",
        "Alle Rechte vorbehalten blieben dem König, teilte der Hof mit.",
    ],
}

NOTICES = [
    "여러분의 제보를 기다립니다. 카카오톡 okjebo를 추가해 주세요.",
    "무단 전재 및 재배포를 금합니다.",
    "저작권자 ⓒ 바닷가일보. 무단 전재와 재배포를 금지합니다.",
    "이 기사의 무단 전재와 복제를 금지한다.",
    "제보하기: 전화 02-000-0000으로 연락 바랍니다.",
    "未经本网授权不得转载。",
    "版权所有，未经许可不得转载或使用。",
    "本网站内容未经书面授权不得使用，违者必究。",
    "責任編輯：王海。",
    "無断転載を禁じます。本サイトの記事の著作権は新聞社に帰属します。",
    "記事・写真の無断転載を禁じます。",
    "All rights reserved. No part may be reproduced.",
    "Copyright 2024 Harbour Press. All rights reserved.",
    "Sign up for our newsletter and get the news in your inbox.",
    "Follow us on Twitter for the latest.",
    "Reporting by Anna Harbour and Joe Smith; editing by Jane Roe.",
    "Like this story? Share it with a friend!",
    "Todos los derechos reservados. Prohibida su reproducción total o parcial.",
    "Tous droits réservés. Reproduction interdite.",
    "Alle Rechte vorbehalten. Vervielfältigung nur mit Genehmigung.",
    "Все права защищены. Перепечатка запрещена.",
    "Image caption, The ferry lies at the pier.",
]

CAPTIONS = [
    "The mayor attends a meeting in this undated file photo.",
    "The ferry lies at the pier. Photo by Anna Harbour.",
    "Passengers board the ferry, May 3, 2024. REUTERS/Anna Harbour",
    "The ferry at the pier (AP Photo/Anna Harbour)",
    "여객선이 부두에 서 있다. 연합뉴스",
]


@pytest.mark.parametrize("line", [line for lines in SENTENCES.values() for line in lines])
def test_a_sentence_with_the_words_of_a_notice_is_text(line: str) -> None:
    assert not is_boilerplate(line)
    assert not ends_with_photo_credit(line)


@pytest.mark.parametrize("line", NOTICES)
def test_a_notice_in_whole_sentences_is_boilerplate(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize("line", CAPTIONS)
def test_a_caption_with_its_credit_is_none_of_the_text(line: str) -> None:
    assert ends_with_photo_credit(line)


@pytest.mark.parametrize("place", [1, 4, 5])
def test_such_sentences_stay_wherever_they_stand_and_cut_nothing(
    story: "Story", read_html: ReadHtml, place: int
) -> None:
    lines = [*story.paragraphs[:place], *SENTENCES[story.language], *story.paragraphs[place:]]
    markup = "".join(f"<p>{line}</p>" for line in lines)
    article = read_html(f"<article><h1>{story.title}</h1><div>{markup}</div></article>").article
    assert article is not None
    assert [line for line in lines if line not in article.text] == []


@given(st.text(max_size=300))
def test_no_line_without_a_full_stop_is_a_sentence(line: str) -> None:
    assert not is_report_sentence(f"{line} ferry")


@pytest.mark.parametrize(
    "unit", ["“", '"', "copyright ", "in this photo a ", "photo by ", "の禁", "[.", "file "]
)
def test_long_lines_are_judged_quickly(unit: str) -> None:
    assert isinstance(is_report_sentence(unit * 20_000 + "."), bool)
