"""Wrong decodings are undone or flagged, whatever the header and the page say."""

from collections.abc import Iterator

import pytest

from crawler.extract.page.charset import codec_name, decode
from tests.crawler.extract.page.test_charset import (
    CHINESE,
    FRENCH,
    JAPANESE,
    KOREAN,
    RUSSIAN,
    TRADITIONAL,
    page,
)

pytestmark = pytest.mark.threats("R6")

GREEK = "Βροχές αναμένονται αύριο σε όλη τη χώρα, ανακοίνωσε η μετεωρολογική υπηρεσία της χώρας. "
THAI = "คาดว่าจะมีฝนตกทั่วประเทศในวันพรุ่งนี้ กรมอุตุนิยมวิทยาแจ้งให้ประชาชนเตรียมร่ม "
STREAMS = [
    (KOREAN, "ko", "cp949"),
    (KOREAN, "ko", "euc_kr"),
    (KOREAN, "ko", "iso2022_kr"),
    (KOREAN, "ko", "utf-16-le"),
    (KOREAN, "ko", "utf-16-be"),
    (KOREAN, "ko", "utf-8"),
    (JAPANESE, "ja", "iso2022_jp"),
    (JAPANESE, "ja", "iso2022_jp_2"),
    (JAPANESE, "ja", "iso2022_jp_ext"),
    (JAPANESE, "ja", "cp932"),
    (JAPANESE, "ja", "euc_jp"),
    (JAPANESE, "ja", "utf-16-le"),
    (JAPANESE, "ja", "utf-8"),
    (CHINESE, "zh", "gb18030"),
    (CHINESE, "zh", "hz"),
    (CHINESE, "zh", "utf-16-be"),
    (TRADITIONAL, "zh", "big5hkscs"),
    (RUSSIAN, "ru", "koi8-r"),
    (RUSSIAN, "ru", "cp1251"),
    (RUSSIAN, "ru", "iso8859-5"),
    (RUSSIAN, "ru", "cp866"),
    (RUSSIAN, "ru", "utf-16-le"),
    (FRENCH, "fr", "cp1252"),
    (FRENCH, "fr", "utf-8"),
    (GREEK, "el", "cp1253"),
    (THAI, "th", "tis-620"),
]
SAID = ["", "utf-8", "iso-8859-1", "windows-1252", "euc-kr", "utf-7", "hex", "no-such-charset"]


def pages(text: str, charset: str, said: str) -> Iterator[tuple[str, bytes]]:
    plain = page(text, charset, said)
    yield "plain", plain
    if not charset.startswith("utf-16"):
        yield "a byte of another charset", plain.replace(b"</body>", b"<p>\xa9 2026</p></body>")
        yield "encoded twice", plain.decode("latin-1").encode()


@pytest.mark.parametrize("said", SAID)
def test_nearly_all_streams_are_read_and_the_rest_is_flagged(said: str) -> None:
    right, silent = 0, []
    for text, language, charset in STREAMS:
        is_right = True
        for kind, body in pages(text, charset, said):
            header = f"text/html; charset={said}" if said else "text/html"
            found = decode(body, header, (language,))
            is_read = text.strip() in found.text
            is_right &= is_read or kind != "plain"
            if not is_read and "charset-doubtful" not in found.flags:
                silent.append((charset, kind, found.charset))
        right += is_right
    assert silent == []
    assert right >= len(STREAMS) - 1


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("The lamp \ufffd\ufffd of \ufffd the \ufffd harbour", ()),
        ("\x1b$B5$>]\x1b(B and \x1b$B5$>]\x1b(B \x1b$B5$>]\x1b(B é", ("ja",)),
        ("Áö³­ ÇØ\x80\x81\x82\x83\x84 ¿¬±¸", ()),
        ("Завтра во второй половине дня по всей стране ожидаются дожди.", ("ko",)),
        ("Cafés et rÃ©sumÃ©s, Ã©tÃ©, Ã©cole, dÃ©jÃ \u00a0vu \u0105\u0107\u0119", ()),
    ],
)
def test_a_text_that_looks_broken_is_flagged(text: str, languages: tuple[str, ...]) -> None:
    assert "charset-doubtful" in decode(text.encode(), "text/html", languages).flags


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("Le café “d’été” – déjà vu, s’est-il écrié… « Où ? » À Łódź", ("fr",)),
        ("A lamp ~{ of the ~} harbour, a price of 3 ~ 4 \x1b[0m", ()),
        ("Sentence \ufffd with one lost sign, and an emoji 😀😀😀😀", ()),
        ("ÇÃO São João, AÇÃO, NAÇÕES, ÀÈÌÒÙ, «ÀÉ» ÄÖÜß", ("pt",)),
        ("김정은 위원장이 «로동신문» (평양) 보도 — “KCNA”", ("ko",)),
        ("Kim’s visit — the “harbour” office said", ("ko",)),
        ("", ("ko",)),
    ],
)
def test_an_ordinary_text_gets_no_flag(text: str, languages: tuple[str, ...]) -> None:
    found = decode(f"<p>{text}</p>".encode() * 3, "text/html; charset=utf-8", languages)
    assert text in found.text
    assert found.flags == ()


@pytest.mark.parametrize("label", ["hex", "base64", "rot13", "utf-7", "punycode", "idna", "zlib"])
def test_codecs_that_are_no_charsets_are_not_used(label: str) -> None:
    assert codec_name(label) == ""
    assert decode(page(KOREAN, "cp949", label), f"text/html; charset={label}", ("ko",)).text
