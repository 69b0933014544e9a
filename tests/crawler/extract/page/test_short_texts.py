"""Few words prove little: the charset of short pages and feeds."""

import pytest

from crawler.extract.page.charset import decode

HEADS = [
    ("등대 재개", "cp949", ("euc-kr", "utf-8", "ks_c_5601-1987", "utf-16", "iso-8859-1")),
    ("속보", "cp949", ("euc-kr", "utf-8", "cp949")),
    ("朱镕基到港口", "gb18030", ("gb2312", "gbk", "gb_2312-80")),
    ("快讯", "gb18030", ("gb2312", "gbk")),
    ("漁港燈塔重新開放", "big5hkscs", ("big5", "utf-8")),
    ("髙橋①", "cp932", ("Shift_JIS", "x-sjis", "windows-31j")),
    ("港の灯台が再開した", "euc_jp", ("euc-jp", "utf-8", "iso-8859-1", "Shift_JIS")),
    ("港の灯台が再開した", "iso2022_jp", ("iso-2022-jp", "utf-8", "Shift_JIS", "")),
    ("등대 재개", "iso2022_kr", ("iso-2022-kr", "euc-kr", "")),
    ("Маяк открыт", "cp1251", ("windows-1251", "utf-8", "win-1251")),
    ("Le café du port", "cp1252", ("iso-8859-1", "utf-8", "windows-1252")),
    ("뜌똠 회담", "utf-16-le", ("utf-16", "utf-8", "euc-kr", "")),
    ("快讯", "utf-16-be", ("utf-16", "gb2312", "")),
]


@pytest.mark.parametrize(
    ("head", "real", "said"), [(head, real, said) for head, real, all_ in HEADS for said in all_]
)
def test_a_short_page_is_read_in_the_charset_it_is_in(head: str, real: str, said: str) -> None:
    page = f'<html><head><meta charset="{said}"><title>{head}</title></head><p>{head}</html>'
    assert decode(page.encode(real)).text == page


def test_escapes_within_a_page_of_other_bytes_are_no_charset() -> None:
    text = "항구 등대 \x1b$ 재개"
    assert decode(text.encode()).text == text


def test_zero_bytes_within_a_page_do_not_make_it_utf16() -> None:
    body = b"<html><title>Lamp" + b"\x00" * 3 + b" lit</title>" + b"<p>word</p>" * 20
    assert decode(body).charset == "utf-8"


def test_a_stray_byte_beside_letters_of_several_bytes_is_an_error_of_utf8() -> None:
    assert decode(b"<meta charset=utf-8>" + "Lamp “lit”".encode() + b" \xe9").charset == "utf-8"
    assert decode(b'<meta charset="utf-8">Caf\xe9 du port').text.endswith("Café du port")
