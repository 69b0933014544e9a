import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.text.boilerplate import apply_rule, mask
from dedup.text.boilerplate_rules import BOILERPLATE_RULES, Alphabet, RemovalScope, Rule

BODIES = {
    "english": (
        "The harbour office (opened in 1911) said on Tuesday: the tower stands. Jane Doe, who reports"
        ' to the board, said "we reported it by phone - twice". The cost, 1,200 crowns, was paid.'
    ),
    "korean": (
        "항만사무소는 화요일 탑의 문을 열었다고 밝혔다. 홍길동 기자가 아니라 소장이 말했다. "
        "사진을 찍은 사람들은 오늘 돌아갔다. 시민들의 제보가 이어졌다. 비용(천이백 원)은 마을이 냈다."
    ),
    "russian": "Портовая служба открыла башню. Мастер - Иванов - сказал: свет виден за двадцать верст.",
    "chinese": "港务局星期二打开了新的信号塔。老水手们回忆起只有钟声的夜晚。费用由各村承担。",
    "japanese": "港湾事務所は火曜日に新しい信号塔を公開した。漁師たちは初めて回る光を見守った。",
    "spanish": "La oficina del puerto abrió la torre (1911). Por Juan pasó el río - dijo el director.",
}


@pytest.mark.parametrize(
    "rule", BOILERPLATE_RULES, ids=lambda rule: f"{rule.alphabet}: {rule.name}"
)
def test_each_rule_removes_what_it_names_and_moves_nothing(rule: Rule) -> None:
    body = BODIES["korean" if rule.alphabet is Alphabet.HANGUL else "english"]
    text = {
        RemovalScope.CUT: rule.example,
        RemovalScope.HEAD: rule.example + body,
        RemovalScope.TAIL: body + rule.example,
    }[rule.scope]
    masked = apply_rule(rule, text)
    assert masked != text
    assert all(new in {old, "\n"} for old, new in zip(text, masked, strict=True))


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_no_rule_eats_a_body(body: str) -> None:
    assert mask(body * 4) == body * 4


@given(st.text(max_size=400), st.text(max_size=40))
def test_any_text_keeps_its_length_and_its_places(text: str, title: str) -> None:
    masked = mask(text, title)
    assert len(masked) == len(text)
    assert all(new in {old, "\n"} for old, new in zip(text, masked, strict=True))


ENGLISH_AGENCY = """(LEAD) tower opened
By Jane A. Doe
LANTERN BAY, May 6 (Agency) -- The tower opened. It is tall. It is lit. It is new. It is red.
(END)
(C) Agency. All Rights Reserved"""
KOREAN_AGENCY = """부제가 한 줄 있다

(등불만=한빛통신) 홍길동 기자 = 탑이 문을 열었다. 탑은 높고 붉다. 사람들이 왔다. hong@example.org"""
KOREAN_PAPER = """[한빛일보 홍길동 기자] 탑이 문을 열었다. 탑은 높고 붉다. 사람들이 왔다.[사진 출처 : 한빛통신]"""
RUSSIAN = "БУХТА, 6 мая. /ТАСС/. Портовая служба открыла новую башню, сообщил ее директор."


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (ENGLISH_AGENCY, "The tower opened. It is tall. It is lit. It is new. It is red."),
        (KOREAN_AGENCY, "탑이 문을 열었다. 탑은 높고 붉다. 사람들이 왔다."),
        (KOREAN_PAPER, "탑이 문을 열었다. 탑은 높고 붉다. 사람들이 왔다."),
        (RUSSIAN, "Портовая служба открыла новую башню, сообщил ее директор."),
    ],
    ids=["english agency", "korean agency", "korean paper", "russian agency"],
)
def test_what_an_agency_puts_around_a_report_goes(text: str, rest: str) -> None:
    assert " ".join(mask(text).split()) == rest


def test_what_stands_before_a_late_dateline_stays() -> None:
    body = "항만사무소는 화요일 탑의 문을 열었다고 밝혔다. " * 30
    text = body + "(등불만=한빛통신) 홍길동 기자 = 다른 소식이다."
    assert mask(text).startswith(body)


def test_a_photo_caption_is_no_text() -> None:
    caption = (
        "(등불만=한빛통신) 소장이 6일 탑을 둘러보고 있다. 2031.5.6 [국내에서만 사용가능. 재배포 금지."
        " For Use Only in the Republic of Korea. No Redistribution] photo@example.org"
    )
    assert not mask(caption).strip()
    assert "둘러보고" in mask(caption, captions=True)


def test_captions_under_a_repeated_heading_go() -> None:
    gallery = "".join(f"Lights of the bay\nBoat number {n} comes in.\n" for n in range(5))
    body = "The tower opened on Tuesday.\nMany came.\n"
    assert mask(body + gallery).split("\n")[:2] == ["The tower opened on Tuesday.", "Many came."]
    assert "Boat" not in mask(body + gallery)


@pytest.mark.parametrize(
    "between", ["ADVERTISEMENT", "Story continues below advertisement", "* * *"]
)
def test_paragraphs_after_a_repeated_break_stay(between: str) -> None:
    text = f"\n{between}\n".join(f"Paragraph {n} of the report." for n in range(5))
    assert mask(text) == text


def test_a_title_repeated_above_the_text_goes() -> None:
    assert (
        mask("The tower opens\nThe lamp was lit.", "The tower opens").strip() == "The lamp was lit."
    )


@pytest.mark.threats("S9")
@pytest.mark.parametrize(
    "attack",
    [
        "(" * 9,
        "[" * 9,
        "A" * 9,
        "a@" * 5,
        "가" * 9,
        " =" * 5,
        "(A-",
        "\n▲",
        "#가",
        "By A ",
        "1.1",
        "현지",
    ],
    ids=repr,
)
def test_hostile_repetition_is_read_to_its_end(attack: str) -> None:
    text = (attack * 300_000)[:300_000]
    assert len(mask(text)) == len(text)
