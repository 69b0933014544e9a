from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.attribution.agencies import AGENCY_NAMES
from dedup.attribution.attribution import find_attributions

SEEDS = Path(__file__).parents[3] / "../shared/seeds"


def found(title: str, text: str) -> list[tuple[str, str, str]]:
    return [(each.agency, each.kind, each.words) for each in find_attributions(title, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The tower opened, KCNA said.", ("kcna", "verb", "KCNA said")),
        (
            "According to the Korean Central News Agency (KCNA), it",
            ("kcna", "verb", "According to the Korean Central News Agency"),
        ),
        ("He told Reuters on Monday.", ("reuters", "verb", "told Reuters")),
        ("BAY, May 6 (Yonhap) -- The tower opened.", ("yonhap", "dateline", "(Yonhap) --")),
        (
            "North Korean state media reported the opening.",
            ("state media", "verb", "North Korean state media reported"),
        ),
        ("A photo of the lamp (KCNA via REUTERS)", ("kcna", "photo-credit", "(KCNA via REUTERS)")),
        (
            "This photo, released by the Korean Central News Agency, shows it.",
            ("kcna", "photo-credit", "released by the Korean Central News Agency"),
        ),
        (
            "The Associated Press contributed to this report.",
            ("ap", "byline", "Associated Press contributed to this report"),
        ),
        ("조선중앙통신이 6일 보도했다.", ("kcna", "verb", "조선중앙통신이 6일 보도")),
        ("조선중앙통신에 따르면 탑이 열렸다.", ("kcna", "verb", "조선중앙통신에 따르면")),
        (
            "노동신문은 소장이 탑을 둘러보았다고 전했다.",
            ("rodong", "verb", "노동신문은 소장이 탑을 둘러보았다고 전했"),
        ),
        (
            "(서울=연합뉴스) 홍길동 기자 = 탑이",
            ("yonhap", "dateline", "(서울=연합뉴스) 홍길동 기자 ="),
        ),
        ("[조선중앙TV 화면]", ("krt", "photo-credit", "[조선중앙TV 화면]")),
        ("据朝中社报道，信号塔", ("kcna", "verb", "据朝中社")),
        ("新华社平壤5月6日电 信号塔", ("xinhua", "dateline", "新华社平壤5月6日电")),
        (
            "朝鮮中央通信は6日、塔を公開したと報じた。",
            ("kcna", "verb", "朝鮮中央通信は6日、塔を公開したと報じ"),
        ),
        ("【平壌5月6日発朝鮮中央通信】塔が", ("kcna", "dateline", "【平壌5月6日発朝鮮中央通信】")),
        ("労働新聞は塔の写真を掲載した。", ("rodong", "verb", "労働新聞は塔の写真を掲載")),
        ("БУХТА, 6 мая. /ТАСС/. Башня открыта.", ("tass", "dateline", "/ТАСС/.")),
        ("Об этом сообщило ЦТАК.", ("kcna", "verb", "сообщило ЦТАК")),
        ("По данным ЦТАК, башня открыта.", ("kcna", "verb", "По данным ЦТАК")),
        ("La torre abrió, informó la agencia KCNA.", ("kcna", "verb", "informó la agencia KCNA")),
        ("Según la KCNA, la torre abrió.", ("kcna", "verb", "Según la KCNA")),
        ("Selon l'agence KCNA, la tour est ouverte.", ("kcna", "verb", "Selon l'agence KCNA")),
        ("KCNA a rapporté l'ouverture.", ("kcna", "verb", "KCNA a rapporté")),
        ("6일 AP 통신에 따르면 탑이 열렸다.", ("ap", "verb", "AP 통신에 따르면")),
        (
            "로이터 통신은 탑이 열렸다고 전했다.",
            ("reuters", "verb", "로이터 통신은 탑이 열렸다고 전했"),
        ),
        (
            "교도통신 등 현지 언론이 6일 보도했다.",
            ("kyodo", "verb", "교도통신 등 현지 언론이 6일 보도"),
        ),
        ("【灯台聯合ニュース】塔が", ("yonhap", "dateline", "【灯台聯合ニュース】")),
        (
            "БУХТА, 6 мая - РИА Новости. Башня открыта.",
            ("ria novosti", "dateline", "БУХТА, 6 мая - РИА Новости. "),
        ),
        (
            "Бухта. 6 мая. Интерфакс - Башня открыта.",
            ("interfax", "dateline", "Бухта. 6 мая. Интерфакс - "),
        ),
        ("Pyongyang's tower opened, state media say.", ("state media", "verb", "state media say")),
        ("She tells The Associated Press that", ("ap", "verb", "tells The Associated Press")),
        ("«La torre», contó a la AFP el director", ("afp", "verb", "contó a la AFP")),
        (
            "Photograph: Ann Mason/AFP. The tower",
            ("afp", "photo-credit", "Photograph: Ann Mason/AFP"),
        ),
        ("Image copyright Reuters The tower", ("reuters", "photo-credit", "copyright Reuters")),
        ("The lamp. AFP/Getty Images", ("afp", "photo-credit", "AFP/Getty")),
        ("La torre. Foto: Xinhua", ("xinhua", "photo-credit", "Foto: Xinhua")),
        (
            "The Associated Press created this story with a program.",
            ("ap", "byline", "Associated Press created this story"),
        ),
    ],
)
def test_who_is_cited_and_by_which_words(text: str, expected: tuple[str, str, str]) -> None:
    assert expected in found("", text)


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("등대가 열렸다. [조선중앙통신=연합뉴스]", "kcna"),
        ("(평양 노동신문=뉴스1) = 등대가 열렸다.", "rodong"),
        ("등대지기 /사진=조선중앙통신", "kcna"),
        ("등대지기. 조선중앙TV 연합뉴스", "krt"),
        ("사진 출처: 노동신문", "rodong"),
        ("灯塔。（朝中社）", "kcna"),
        ("图源：朝中社", "kcna"),
        ("写真：朝鮮中央通信=共同", "kcna"),
        ("STR/KCNA VIA KNS/AFP via Getty Images", "kcna"),
        ("KCNA / Reuters", "kcna"),
        ("The lamp. Photo by KCNA", "kcna"),
        ("An image made from video by KRT", "krt"),
        ("Imagen difundida por KCNA", "kcna"),
        ("Photo fournie par l'agence KCNA", "kcna"),
        ("Фото: ЦТАК", "kcna"),
    ],
)
def test_the_credit_of_a_picture_is_told_from_a_source(text: str, agency: str) -> None:
    assert (agency, "photo-credit") in {each[:2] for each in found("", text)}
    assert all(each[1] == "photo-credit" for each in found("", text) if each[0] == agency)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Tower opens at Lantern Bay: KCNA", ("kcna", "title-tag", ": KCNA")),
        ("Pyongyang tower opens - state media", ("state media", "title-tag", "- state media")),
        ("KCNA: Tower opens", ("kcna", "title-tag", "KCNA")),
        ('北매체 "탑이 열렸다"', ("state media", "title-tag", "北매체")),
        ("朝中社：信号塔开放", ("kcna", "title-tag", "朝中社")),
        ("Tower opens, KCNA reports", ("kcna", "verb", "KCNA reports")),
    ],
)
def test_a_headline_names_its_source(title: str, expected: tuple[str, str, str]) -> None:
    assert expected in found(title, "")


@pytest.mark.parametrize(
    "text",
    [
        "The building of the KCNA is on a hill.",
        "정부는 노동신문을 일반자료로 재분류하기로 했다.",
        "노동신문 열람이 쉬워진다.",
        "He tapped the tap and mapped the map.",
        "The apparatus was afpx and kcnas.",
        "Syrian state media denied it.",
        "China’s state media reported on it.",
        "The Houthi-run state news agency said so.",
        "중국 관영매체는 탑이 열렸다고 보도했다.",
        "탑이 열렸습니다.#등불 연합뉴스TV 기사문의 및 제보 : 카톡",
    ],
)
def test_who_is_only_spoken_of_is_not_cited(text: str) -> None:
    assert not found("", text)


@pytest.mark.parametrize("whose", ["North Korean ", "Pyongyang's ", "While ", "The ", ""])
def test_state_media_are_north_korea_s_unless_someone_else_s(whose: str) -> None:
    assert ("state media", "verb") in {
        each[:2] for each in found("", f"Pyongyang has a tower. {whose}state media said it.")
    }


@pytest.mark.parametrize("title", ["Tower opens: state TV", "Tower opens"])
def test_state_media_of_a_country_that_is_not_named_are_not_north_korea_s(title: str) -> None:
    assert not found(title, "The tower opened, state media said. Later, state TV showed it.")


def test_a_country_named_long_after_state_media_is_not_theirs() -> None:
    text = "The tower opened, state media said. " + "The bay is calm. " * 30 + "So is North Korea."
    assert not found("", text)


def test_the_short_name_in_brackets_is_not_a_second_source() -> None:
    text = "The tower opened, the Korean Central News Agency (KCNA) said on Tuesday."
    assert len(found("", text)) == 1


@given(
    st.lists(
        st.one_of(st.sampled_from(sorted(sum(AGENCY_NAMES.values(), ()))), st.text(max_size=20))
    )
)
def test_the_words_are_where_they_are_said_to_be(pieces: list[str]) -> None:
    text = " ".join(pieces)
    for each in find_attributions(text, text):
        assert text[each.start : each.end] == each.words


@pytest.mark.threats("S9")
@pytest.mark.parametrize(
    "attack", ["(KCNA", "KCNA ", "조선중앙통신은 ", "据朝中社", "(((photo ", "said by "]
)
def test_hostile_repetition_is_read_to_its_end(attack: str) -> None:
    find_attributions(attack * 2000, (attack * 60_000)[:300_000])


@pytest.mark.parametrize(
    ("seed", "title", "expected"),
    [
        ("sputnik-2025-06-12-russia-day.txt", "", {("kcna", "verb")}),
        (
            "yonhap-2025-09-05-putin-message.txt",
            "Putin sends congratulatory message ahead of N. Korea's founding anniversary: KCNA",
            {
                ("kcna", "title-tag"),
                ("kcna", "verb"),
                ("kcna", "photo-credit"),
                ("yonhap", "dateline"),
            },
        ),
    ],
)
def test_the_articles_that_started_the_project_yield_theirs(
    seed: str, title: str, expected: set[tuple[str, str]]
) -> None:
    if not (SEEDS / seed).exists():
        pytest.skip("the two seed articles are not beside the checkout")
    text = (SEEDS / seed).read_text(encoding="utf-8")
    assert expected <= {(agency, kind) for agency, kind, _ in found(title, text)}
