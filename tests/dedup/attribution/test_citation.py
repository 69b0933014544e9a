"""How surely an article says that it carries a report of North Korea's media."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.attribution.agencies import AGENCY_NAMES
from dedup.attribution.citation import CarrierGrade, find_state_media_attributions, grade_carrier
from dedup.records import Document

FILLER = "The lighthouse stands on a hill above the bay, and boats pass it every day. " * 40


def grade(text: str, title: str = "", rank: int = 9) -> CarrierGrade:
    return grade_carrier(Document(id=1, uid="u", title=title, text=text, rank=rank))


def test_a_higher_grade_is_surer() -> None:
    assert sorted(CarrierGrade, reverse=True) == [
        CarrierGrade.OWN,
        CarrierGrade.EARLY,
        CarrierGrade.LATER,
        CarrierGrade.STATE,
        CarrierGrade.CREDIT,
        CarrierGrade.ABOUT,
        CarrierGrade.NONE,
    ]


def test_the_agency_s_own_text_is_the_surest() -> None:
    assert grade("The lighthouse was lit.", rank=0) is CarrierGrade.OWN


def test_a_source_in_the_headline_or_at_the_beginning_is_early() -> None:
    assert grade(FILLER, "Lighthouse lit: KCNA") is CarrierGrade.EARLY
    assert grade("The lighthouse was lit, KCNA said. " + FILLER) is CarrierGrade.EARLY


def test_a_source_after_the_early_part_is_later() -> None:
    assert grade(FILLER + "It was lit on Monday, KCNA said.") is CarrierGrade.LATER


@pytest.mark.parametrize(("letters", "expected"), [(1300, "EARLY"), (1700, "LATER")])
def test_the_beginning_of_a_long_text_ends_after_1500_letters(letters: int, expected: str) -> None:
    text = (FILLER * 4)[:letters].rsplit(". ", 1)[0] + ". It was lit, KCNA said. " + FILLER * 3
    assert grade(text).name == expected


def test_a_credit_in_an_article_is_only_a_credit() -> None:
    text = "Boats pass the lighthouse. (KCNA via Reuters) " + FILLER
    assert grade(text, "Boats in Pyongyang") is CarrierGrade.CREDIT


def test_the_credit_of_a_caption_is_the_source_of_the_article() -> None:
    assert grade("등대지기가 등불을 켜고 있다. [조선중앙TV 화면]") is CarrierGrade.EARLY


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", "North Korea said on Monday it would light ten lamps."),
        ("", "BAY, May 6 (Yonhap) -- North Korea's foreign ministry warned boats on Tuesday."),
        ("Pyongyang vows to light more lamps", ""),
        ("", "North Korean leader Kim Jong Un inspected a lighthouse."),
        ("", "북한이 6일 등대 열 곳에 불을 켜겠다고 밝혔다."),
        ("", '(등불=통신) 홍길동 기자 = 북한 외무성은 6일 등대를 두고 "빛이다"라고 주장했다.'),
        ('김정은 "등대는 나라의 눈이라고 했다"', ""),
        ("", "김정은 국무위원장이 새 등대를 시찰했다."),
        ("北, 등대 소등에 강력 반발", ""),
        ("", "朝鲜宣布将点亮十座灯塔。"),
        ("", "北韓外務省發言人周三表示，燈塔不會熄滅。"),
        ("金正恩：燈塔是國家的眼睛", ""),
        ("", "北朝鮮は6日、灯台を10基建てると発表した。"),
        ("北朝鮮「灯台は国の目だ」", ""),
        ("", "КНДР заявила, что зажжет десять маяков."),
        ("", "В МИД КНДР сообщили, что маяки не погаснут."),
        ("", "Лидер Северной Кореи Ким Чен Ын заявил, что маяк важен."),
        ("", "Corea del Norte anunció este martes que encenderá diez faros."),
        ("Anuncia Corea del Norte diez faros", ""),
        ("", "El líder norcoreano Kim Jong-un inspeccionó un faro."),
        ("", "La Corée du Nord a annoncé mardi dix nouveaux phares."),
        ("Pyongyang dénonce l'extinction d'un phare", ""),
    ],
)
def test_the_state_that_speaks_without_a_named_source(title: str, text: str) -> None:
    assert grade(text, title) is CarrierGrade.STATE


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("", "Experts on North Korea said on Monday the lamps are dim."),
        ("", "The envoy will meet Kim Jong Un, the White House said."),
        ('北 인권단체 "등대에 불을 켜라고 촉구한다"', ""),
        ("", "북한연구학회는 새 회장이 선출됐다고 밝혔다."),
        ('"등대 열 곳, 北미사일 맞았나" 의문', ""),
        ("", "议员说，朝鲜的威胁不会改变。"),
        ("", "A South Korean official said North Korea has ten lamps."),
        ("", "In talks with North Korea, the envoy said he was glad."),
        ("", "합동참모본부는 북한이 등대를 옮겼다고 6일 밝혔다."),
        ("", "북한이 등대를 옮겼다고 합동참모본부가 밝혔다."),
        ('통일부 "북한 등대 소등에 유감"', ""),
        ("", "정부는 북한에 등대를 켜라고 촉구했다."),
        ("", "韓國總統與金正恩會面後表示高興。"),
        ("", "美国敦促对朝鲜灯塔表示关注。"),
        ("", "韓国軍は、北朝鮮が灯台を移したと発表した。"),
        ("", "Эксперт по КНДР заявил, что маяк низкий."),
        ("", "Сеул обсудил с КНДР маяки, сообщил министр."),
        ("", "El ministro habló con Corea del Norte y dijo estar contento."),
        ("", "Le ministre a parlé avec Pyongyang et annonce un accord."),
    ],
)
def test_others_who_speak_of_the_country_are_not_the_state(title: str, text: str) -> None:
    assert grade(text, title) is CarrierGrade.ABOUT


@pytest.mark.parametrize(
    "text",
    [
        "The lighthouse was lit. " + FILLER,
        "Unlike KCNA said last year, the tower is blue.",
        "KCNA did not mention the lighthouse.",
        "The lamp was lit, Iranian state media said.",
        "등불 기자 = 김정은 기자가 등대에 도착했다.",
    ],
)
def test_an_article_about_something_else_has_no_grade(text: str) -> None:
    assert grade(text) is CarrierGrade.NONE


def test_a_denial_does_not_hide_the_source_that_is_named_as_well() -> None:
    text = "The lighthouse was lit, KCNA said. KCNA did not mention the boats."
    (found,) = find_state_media_attributions(Document(id=1, uid="u", title="", text=text))
    assert (found.agency, found.words) == ("kcna", "KCNA said")


_PIECES = (
    *(name for agency in ("kcna", "krt", "state media") for name in AGENCY_NAMES[agency][:12]),
    *(
        "북한이 ",
        "김정은 ",
        '"',
        "“",
        "”",
        "라고 밝혔다.",
        "은 ",
        "North Korea ",
        "said ",
        "и ",
        "КНДР ",
    ),
    *("朝鮮", "、", "は", "と発表", "稱", "did not ", "unlike ", "no ", "que ", "a annoncé "),
)


@given(st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=8)), max_size=60))
def test_any_text_has_a_grade(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert grade(text, text) in CarrierGrade


@pytest.mark.threats("S9")
@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", _PIECES)
def test_hostile_repetition_is_graded_in_time(piece: str) -> None:
    assert grade(piece * (100_000 // len(piece)), piece * 1000) in CarrierGrade


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "unit",
    [
        "KCNA report in on by from the ",
        "북한 매체는 김정은 국무위원장이 ",
        '조선중앙통신은 "등대" ',
        "북한 외무성 ",
        "according to the statement of the ",
        "ЦТАК со ссылкой на агентство ",
        "北朝鮮は「灯台」を、",
        "Corea del Norte este lunes el ",
        "North Korea's Foreign Ministry official ",
    ],
)
def test_phrases_that_never_end_are_graded_in_time(unit: str) -> None:
    assert grade(unit * (100_000 // len(unit)), unit * 300) in CarrierGrade
