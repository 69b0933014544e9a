"""Bytes of wrongly declared charsets become the text that was meant, or are flagged."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.extract.page.charset import charset_from_meta, decode

if TYPE_CHECKING:
    from tests.crawler.extract.conftest import Story

KOREAN = "기상청은 내일 오후부터 전국에 비가 내리겠다고 밝혔다. 시민들은 우산을 준비해야 한다. 제주도에는 강한 바람이 불 것으로 보인다. "
CHINESE = "气象部门表示，明天下午全国大部分地区将有降雨。市民外出时应当带好雨具，沿海地区的风力会比较大，请注意安全。"
TRADITIONAL = "氣象部門表示，明天下午全國大部分地區將有降雨。市民外出時應當帶好雨具，沿海地區的風力會比較大，請注意安全。"
JAPANESE = "気象庁によると、あすの午後から全国的に雨が降る見込みです。外出の際には傘を持っていくようにしてください。沿岸部では風が強くなります。"
RUSSIAN = "Завтра во второй половине дня по всей стране ожидаются дожди. Горожанам советуют взять зонты. На побережье возможен сильный ветер. "
ENGLISH = "Rain is expected across the country from tomorrow afternoon – “bring an umbrella”, the bureau’s chief said. "
FRENCH = "Des pluies sont attendues dès demain après-midi dans tout le pays, a précisé la météo nationale à la presse. "

LIES = [
    (FRENCH, "cp1252", "utf-8", ("fr",)),
    (FRENCH, "cp1252", "", ()),
    (KOREAN, "cp949", "utf-8", ("ko",)),
    (KOREAN, "euc_kr", "utf-8", ()),
    (KOREAN, "cp949", "iso-8859-1", ("ko",)),
    (KOREAN, "cp949", "", ("ko",)),
    (KOREAN, "cp949", "gb2312", ("ko",)),
    (KOREAN, "cp949", "shift_jis", ("ko", "en")),
    (KOREAN, "utf-8", "euc-kr", ("ko",)),
    (KOREAN, "utf-8", "utf-16", ("ko",)),
    (KOREAN, "utf-16-le", "utf-8", ("ko",)),
    (CHINESE, "gb18030", "utf-8", ("zh",)),
    (CHINESE, "gb18030", "", ()),
    (CHINESE, "gb18030", "euc-kr", ("zh",)),
    (CHINESE, "gb18030", "iso-8859-1", ("zh", "en")),
    (CHINESE, "utf-8", "gb2312", ("zh",)),
    (TRADITIONAL, "big5hkscs", "utf-8", ("zh",)),
    (TRADITIONAL, "big5hkscs", "gb2312", ("zh",)),
    (JAPANESE, "cp932", "utf-8", ("ja",)),
    (JAPANESE, "cp932", "euc-jp", ("ja",)),
    (JAPANESE, "euc_jp", "shift_jis", ("ja",)),
    (JAPANESE, "iso2022_jp", "utf-8", ("ja",)),
    (JAPANESE, "utf-8", "shift_jis", ()),
    (RUSSIAN, "koi8-r", "windows-1251", ("ru",)),
    (RUSSIAN, "koi8-r", "utf-8", ()),
    (RUSSIAN, "cp1251", "koi8-r", ("ru",)),
    (RUSSIAN, "cp1251", "", ("ru",)),
    (RUSSIAN, "cp1251", "iso-8859-1", ("ru",)),
    (RUSSIAN, "utf-8", "windows-1251", ("ru",)),
    (ENGLISH, "cp1252", "utf-8", ("en",)),
    (ENGLISH, "utf-8", "iso-8859-1", ("en",)),
    (ENGLISH, "cp1252", "iso-8859-1", ()),
]


def page(text: str, charset: str, declared: str = "") -> bytes:
    head = f'<meta charset="{declared}">' if declared else ""
    body = "".join(f"<p>{text}</p>" for _ in range(4))
    return f"<html><head>{head}</head><body>{body}</body></html>".encode(charset)


@pytest.mark.threats("R6")
@pytest.mark.parametrize("where", ["header", "meta"])
@pytest.mark.parametrize(
    ("text", "real", "said", "languages"),
    LIES,
    ids=[
        f"{real}-said-{said or 'nothing'}-{'-'.join(langs) or 'any'}"
        for _, real, said, langs in LIES
    ],
)
def test_a_page_is_read_in_the_charset_it_is_in(
    text: str, real: str, said: str, languages: tuple[str, ...], where: str
) -> None:
    header = f"text/html; charset={said}" if said and where == "header" else "text/html"
    found = decode(page(text, real, said if where == "meta" else ""), header, languages)
    assert text.strip() in found.text


@pytest.mark.parametrize(
    ("text", "charset"),
    [(KOREAN, "euc-kr"), (CHINESE, "gb2312"), (JAPANESE, "shift_jis"), (RUSSIAN, "koi8-r")],
    ids=["korean", "chinese", "japanese", "russian"],
)
def test_a_rightly_declared_charset_is_not_called_repaired(text: str, charset: str) -> None:
    found = decode(page(text, charset, charset))
    assert text.strip() in found.text
    assert found.flags == ()


@pytest.mark.threats("R6")
def test_a_wrong_declaration_is_flagged() -> None:
    assert decode(page(KOREAN, "cp949", "utf-8"), "", ("ko",)).flags == ("charset-repaired",)


@pytest.mark.threats("R6")
def test_bytes_of_no_charset_are_flagged_and_still_text() -> None:
    noise = bytes(range(128, 256)) * 40
    assert "charset-doubtful" in decode(noise, "text/html; charset=utf-8", ("ko",)).flags


def test_a_byte_order_mark_wins_over_the_header() -> None:
    body = b"\xff\xfe" + KOREAN.encode("utf-16-le")
    assert decode(body, "text/html; charset=utf-8").text == KOREAN


def test_one_broken_byte_in_a_utf8_page_does_not_change_its_charset() -> None:
    body = page(KOREAN, "utf-8", "utf-8").replace("비가".encode(), b"\xeb\xb9", 1)
    assert decode(body, "", ("ko",)).charset == "utf-8"


def test_a_page_cut_inside_a_character_is_still_utf8() -> None:
    assert decode(KOREAN.encode()[:-2], "text/html; charset=utf-8").charset == "utf-8"


def test_an_english_page_of_a_korean_outlet_is_left_alone() -> None:
    assert decode(page(ENGLISH, "utf-8", "utf-8"), "", ("ko",)).text.count("umbrella") == 4


def test_the_declaration_of_utf16_in_a_readable_head_is_no_evidence() -> None:
    assert charset_from_meta(b'<meta charset="utf-16">') == ""


REAL = {
    "ko": ("cp949", "euc_kr", "utf-8"),
    "zh": ("gb18030", "gb2312", "utf-8"),
    "ja": ("cp932", "euc_jp", "utf-8"),
    "ru": ("koi8-r", "cp1251", "utf-8"),
}
SAID = ("", "utf-8", "euc-kr", "gb2312", "shift_jis", "koi8-r", "windows-1251", "iso-8859-1", "big5",
        "euc-jp")  # fmt: skip


@given(data=st.data(), language=st.sampled_from(sorted(REAL)), said=st.sampled_from(SAID))
def test_any_sentences_are_read_whatever_is_declared(
    data: st.DataObject, language: str, said: str, stories: dict[str, "Story"]
) -> None:
    story = stories[language]
    pool = [*story.paragraphs, *story.others, story.summary, story.comment]
    text = " ".join(data.draw(st.lists(st.sampled_from(pool), min_size=3, max_size=9, unique=True)))
    real = data.draw(st.sampled_from(REAL[language]))
    languages = data.draw(st.sampled_from([(language,), (language, "en"), ()]))
    try:
        body = f'<head><meta charset="{said}"></head><p>{text}</p>'.encode(real)
    except UnicodeEncodeError:
        return  # a sign that the old charset lacks
    assert text in decode(body, "text/html", languages).text


@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "euc-kr", "utf-16", "nonsense"]))
def test_any_bytes_become_text(body: bytes, charset: str) -> None:
    assert isinstance(decode(body, f"text/html; charset={charset}", ("ko", "en")).text, str)


@given(st.text(max_size=200))
def test_utf8_comes_back_as_it_was(text: str) -> None:
    clean = text.replace("\x00", "").replace("\ufeff", "").replace("\x1b", "").replace("~{", "")
    encoded = clean.encode("utf-8", "ignore")
    assert decode(encoded, "text/html; charset=utf-8").text == encoded.decode()
