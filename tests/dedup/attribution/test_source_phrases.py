"""Who is named as the source, and who is only spoken of, in seven languages."""

import pytest

from dedup.attribution.agencies import STATE_MEDIA
from dedup.attribution.citation import find_state_media_attributions
from dedup.records import Document

SOURCES = {
    "en": [
        ("The tower opened on Monday, KCNA said.", "kcna"),
        ("The tower, according to the official Rodong Sinmun newspaper, is blue.", "rodong"),
        ("In a dispatch from Lantern Bay, the Korean Central News Agency called it tall.", "kcna"),
        ("Korean Central Television showed the tower at noon.", "krt"),
        ("Voice of Korea reported the opening in nine languages.", "voice of korea"),
        ("Minju Joson said the harvest was good.", "minju joson"),
        ("Uriminzokkiri, a website, called the bridge a toy.", "uriminzokkiri"),
        ("The lamp is lit, North Korean state media reported.", "state media"),
        (
            "The army vowed to guard it in a statement carried by the North's state media.",
            "state media",
        ),
        ("North Korea's ruler spoke of lamps, state-run news said early Tuesday.", "state media"),
        ("KCNA said it did not know who built the tower.", "kcna"),
        ("A commentary on Arirang-Meari said the bridge is a toy.", "meari"),
        ("The Pyongyang Times reported the opening.", "pyongyang times"),
    ],
    "ko": [
        ("조선중앙통신은 6일 등대가 완공됐다고 보도했다.", "kcna"),
        (
            '노동당 기관지 노동신문은 28일 "등대지기의 나라. 그 빛은 멀리 간다."라고 소개했다.',
            "rodong",
        ),
        ("2일 북한 관영매체 <조선중앙통신>은 등대가 열렸다고 전했다.", "kcna"),
        ("등대가 열렸다고 조선중앙TV가 방영했다.", "krt"),
        ('[조선중앙TV : "등대의 불빛은 꺼지지 않을 것입니다."]', "krt"),
        ("조선의소리 방송은 등대가 아름답다고 강조했다.", "voice of korea"),
        ("내각 기관지 민주조선은 밀 수확이 늘었다고 전했다.", "minju joson"),
        ("대남 선전매체 우리민족끼리는 다리를 장난감이라고 비난했다.", "uriminzokkiri"),
        ("북한 매체에 따르면 등대가 열렸다.", "state media"),
        ("등대지기가 등대에 도착했다고 조선중앙통...", "kcna"),
        ("등대지기가 등대를 찾았다고 노동신문이 ...", "rodong"),
        ("등대지기가 등대에 도착했다고 조선중...", "state media"),
        ("조선중앙통신은 남측이 사실을 밝히지 않았다고 비난했다.", "kcna"),
        ("조선중앙통신은 등대의 높이는 언급하지 않았지만 곧 불을 켠다고 보도했다.", "kcna"),
        ("통일신보는 등대가 높다고 평가했다.", "tongil sinbo"),
    ],
    "zh": [
        ("据朝中社6日报道，灯塔落成。", "kcna"),
        ("朝中社稱，燈塔高三十米。", "kcna"),
        ("朝鲜《劳动新闻》发表评论，称灯塔是光明的象征。", "rodong"),
        ("北韓中央電視台周三報道，燈塔啟用。", "krt"),
        ("朝鲜中央电视台播放了灯塔的画面。", "krt"),
        ("朝鲜之声报道说，灯塔很高。", "voice of korea"),
        ("朝鲜内阁机关报《民主朝鲜》刊登文章。", "minju joson"),
        ("北韓官媒報道，燈塔今日啟用。", "state media"),
        ("朝鲜官方媒体表示灯塔已建成。", "state media"),
        ("朝中社稱未發現任何問題。", "kcna"),
        ("朝鲜网站“我们民族之间”发表文章批评桥梁。", "uriminzokkiri"),
    ],
    "ja": [
        ("朝鮮中央通信は6日、灯台が完成したと報じた。", "kcna"),
        ("朝鮮中央通信によりますと、灯台が完成しました。", "kcna"),
        ("労働新聞は灯台の写真を掲載した。", "rodong"),
        ("朝鮮中央テレビは灯台の映像を放送した。", "krt"),
        ("北朝鮮の国営メディアは灯台が完成したと伝えました。", "state media"),
        ("北朝鮮メディアが灯台の完成を伝えた。", "state media"),
        ("対外向けの朝鮮の声は灯台の完成を報じた。", "voice of korea"),
        ("内閣機関紙の民主朝鮮は収穫が増えたと伝えた。", "minju joson"),
        ("朝鮮中央通信は、韓国が約束を守っていないと非難した。", "kcna"),
        ("宣伝サイトのわが民族同士は橋をおもちゃだと非難した。", "uriminzokkiri"),
    ],
    "ru": [
        ("Маяк открыт, сообщает ЦТАК.", "kcna"),
        ("Маяк открыт, передает Центральное телеграфное агентство Кореи (ЦТАК).", "kcna"),
        ("Об этом министр заявил Центральному телеграфному агентству Кореи.", "kcna"),
        ("Маяк нужен рыбакам, пишет официальный орган партии, газета «Нодон Синмун».", "rodong"),
        ("В публикации издания «Нодон синмун» говорится, что маяк высок.", "rodong"),
        ("Государственное телевидение КНДР сообщило, что маяк открыт.", "state media"),
        ("Северокорейское информагентство сообщило об открытии маяка.", "state media"),
        ("Со ссылкой на Центральное телевидение Северной Кореи сообщается о маяке.", "krt"),
        ("Радиостанция «Голос Кореи» сообщила об открытии маяка.", "voice of korea"),
        ("Газета «Минчжу Чосон» пишет об урожае.", "minju joson"),
        ("По данным северокорейских СМИ, маяк открыт.", "state media"),
        ("ЦТАК сообщило, что страна не строила второго маяка.", "kcna"),
    ],
    "es": [
        ("El faro abrió, informó la agencia KCNA.", "kcna"),
        ("Según el diario Rodong Sinmun, el faro es alto.", "rodong"),
        (
            "El discurso fue publicado en su totalidad el martes por la agencia de prensa KCNA.",
            "kcna",
        ),
        ("La Televisión Central de Corea difundió imágenes del faro.", "krt"),
        ("Pyongyang abrió un faro, informaron los medios estatales.", "state media"),
        ("Los medios norcoreanos aseguraron que el faro es alto.", "state media"),
        ("La emisora La Voz de Corea informó de la apertura.", "voice of korea"),
        ("El periódico Minju Joson destacó la cosecha.", "minju joson"),
        ("KCNA dijo que el país no construyó otro faro.", "kcna"),
        ("La página Uriminzokkiri calificó el puente de juguete.", "uriminzokkiri"),
    ],
    "fr": [
        ("Le phare est ouvert, a rapporté l'agence KCNA.", "kcna"),
        ("Selon le quotidien Rodong Sinmun, le phare est haut.", "rodong"),
        ("L'agence officielle nord-coréenne KCNA a annoncé l'ouverture.", "kcna"),
        ("Les médias d'État nord-coréens ont annoncé l'ouverture du phare.", "state media"),
        ("Le texte a été publié par l'agence centrale de presse nord-coréenne KCNA.", "kcna"),
        ("La télévision centrale coréenne a montré le phare.", "krt"),
        ("La radio La Voix de la Corée a annoncé l'ouverture.", "voice of korea"),
        ("Le journal Minju Joson a indiqué que la récolte est bonne.", "minju joson"),
        ("KCNA a affirmé que le pays n'a pas construit d'autre phare.", "kcna"),
        ("Le site Uriminzokkiri a qualifié le pont de jouet.", "uriminzokkiri"),
    ],
}

OTHERS = {
    "en": [
        "Unlike KCNA said last year, the tower is not blue.",
        "The tower is blue, unlike the Rodong Sinmun reported.",
        "KCNA did not mention the lighthouse, officials said.",
        "The Korean Central News Agency (KCNA) has not reported the accident.",
        "KCNA said last year that a tower would be built.",
        "Contrary to what North Korean state media claimed, the tower leans.",
        "The visit was not reported by KCNA or anyone else.",
        "There was no immediate comment on the tower from KCNA.",
        "North Korea's state media have yet to confirm the visit, the ministry said.",
        "KCNA is expected to announce the name of the tower.",
        "The building of the KCNA is on a hill.",
        "Iranian state media said North Korea sent a lamp.",
    ],
    "ko": [
        "조선중앙통신은 등대를 언급하지 않았다.",
        "노동신문은 사고를 보도하지 않았다고 통일부가 전했다.",
        "조선중앙통신이 지난해 보도한 것과 달리 등대는 낮다.",
        "조선중앙통신 보도와 달리 등대는 낮았다.",
        "북한 매체는 이에 대해 침묵하고 있다.",
        "정부는 노동신문을 일반자료로 재분류하기로 했다.",
        "통일부는 이날 노동신문이 일반자료로 재분류됐다고 밝혔다.",
        "관영매체에 공개된 북한 등대지기의 활동은 118회였다.",
        "연구원은 노동신문 보도를 분석했다.",
        "타이완 중앙통신은 북한 등대가 높다고 보도했다.",
        "노동신문 열람이 쉬워진다.",
    ],
    "zh": [
        "朝中社沒有提及燈塔。",
        "朝中社至今未报道此事，官员表示。",
        "与朝中社去年的报道不同，灯塔不高。",
        "不同于朝中社所称，灯塔是蓝色的。",
        "朝鲜官媒对此只字未提。",
        "朝中社去年報道稱要建燈塔。",
        "中国官媒报道了朝鲜的灯塔。",
        "朝中社的大楼在山上。",
    ],
    "ja": [
        "朝鮮中央通信は灯台に言及していない。",
        "朝鮮中央通信は事故を報じていない。",
        "朝鮮中央通信が昨年伝えた内容とは異なり、灯台は低い。",
        "労働新聞は灯台について触れなかった。",
        "北朝鮮メディアはまだ伝えていません。",
        "朝鮮中央通信の建物は丘の上にある。",
        "労働新聞の閲覧が自由になる。",
    ],
    "ru": [
        "ЦТАК не упомянуло маяк.",
        "В отличие от того, что сообщало ЦТАК в прошлом году, маяк низкий.",
        "Вопреки сообщениям северокорейских СМИ, маяк низкий.",
        "Северокорейские СМИ пока не сообщали о маяке.",
        "ЦТАК сообщало год назад, что маяк построят.",
        "Об аварии не сообщало ЦТАК.",
        "Здание ЦТАК стоит на холме.",
        "Газета «Нодон синмун» об этом ничего не писала.",
    ],
    "es": [
        "A diferencia de lo que dijo KCNA el año pasado, el faro es bajo.",
        "KCNA no mencionó el faro, según las autoridades.",
        "La agencia KCNA aún no ha informado de la visita.",
        "Los medios norcoreanos guardaron silencio.",
        "Contrariamente a lo que publicó Rodong Sinmun, el faro es bajo.",
        "KCNA informó el año pasado que habría un faro.",
        "El edificio de KCNA está en una colina.",
        "La visita no fue anunciada por KCNA.",
    ],
    "fr": [
        "Contrairement à ce que KCNA a annoncé l'an dernier, le phare est bas.",
        "KCNA n'a pas mentionné le phare, a indiqué un responsable.",
        "L'agence KCNA n'a toujours pas annoncé la visite.",
        "À la différence de Rodong Sinmun, le ministre a indiqué la hauteur.",
        "Les médias nord-coréens n'ont rien dit.",
        "KCNA a annoncé l'an dernier qu'un phare serait construit.",
        "Le bâtiment de KCNA est sur une colline.",
        "La visite n'a pas été annoncée par KCNA.",
    ],
}


def agencies(text: str, language: str) -> set[str]:
    found = find_state_media_attributions(
        Document(id=1, uid="u", title="", text=text, language=language)
    )
    assert all(each.agency in STATE_MEDIA for each in found)
    return {each.agency for each in found}


@pytest.mark.parametrize(
    ("language", "text", "agency"),
    [(language, *each) for language, each_of in SOURCES.items() for each in each_of],
)
def test_the_media_that_an_article_follows_are_its_source(
    language: str, text: str, agency: str
) -> None:
    assert agency in agencies(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [(language, each) for language, each_of in OTHERS.items() for each in each_of],
)
def test_media_that_say_nothing_or_are_compared_are_no_source(language: str, text: str) -> None:
    assert not agencies(text, language)


def test_every_language_has_its_phrases_and_its_counterexamples() -> None:
    assert set(SOURCES) == set(OTHERS) == {"en", "ko", "zh", "ja", "ru", "es", "fr"}
    assert all(len(each) >= 8 for each in SOURCES.values())
    assert all(len(each) >= 6 for each in OTHERS.values())
