"""A file in any usual encoding is read right, or refused in one line: never read wrong."""

import codecs
import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.importers.files import read_articles
from storage.importers.jsonl_reader import BadLine
from storage.importers.tables.encodings import HEAD_BYTES, find_encoding, take_sample
from storage.importers.tables.form import TableOptions, TableRefused
from storage.records import Article

SHARED = Path(__file__).parents[4] / "../shared"
TEXTS = {
    "ko": "어제 새로 지은 가마에서 첫 기와를 구워 냈다고 공장 관계자가 말하였다. 비가 온 뒤에 날이 개었다.",
    "ja": "昨日、新しい窯で最初の瓦が焼かれたと工場の関係者が述べた。雨のあと、空は晴れた。",
    "zh": "昨天新建的窑炉烧出了第一批瓦片，工厂负责人说这是大家努力的结果。雨后天气很好。",
    "zh-Hant": "昨天新建的窯爐燒出了第一批瓦片，工廠負責人說這是大家努力的結果。雨後天氣很好。",
    "ru": "Вчера в новой печи обожгли первую черепицу, сообщил представитель завода. После дождя прояснилось.",
    "fr": "Hier, la première tuile a été cuite dans le four récemment bâti, dit “l’équipe” — après la pluie.",
}
ENCODINGS = [
    *(("ko", each) for each in ("cp949", "euc_kr")),
    *(("ja", each) for each in ("shift_jis", "cp932", "euc_jp")),
    *(("zh", each) for each in ("gb18030", "gbk")),
    ("zh-Hant", "big5"),
    *(("ru", each) for each in ("cp1251", "koi8_r")),
    ("fr", "cp1252"),
    ("ja", "iso2022_jp"),
    ("ko", "iso2022_kr"),
    *(
        (language, each)
        for language in ("ko", "ru", "fr")
        for each in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
    ),
]
GREEK = "Η βροχή έπεσε στο καμίνι και το πρώτο κεραμίδι βγήκε από αυτό είπε ο εργάτης"
OTHERS = [
    ("cp1253", GREEK),
    ("iso8859_7", GREEK),
    ("cp1255", "הגשם ירד על הכבשן והרעף הראשון יצא ממנו אמר הפועל של בית החרושת"),
    ("cp1256", "هطل المطر على الفرن وخرج منه أول قرميد كما قال العامل في المصنع"),
    ("cp874", "ฝนตกลงบนเตาเผาและกระเบื้องแผ่นแรกก็ออกมาจากเตานั้น คนงานกล่าว"),
    (
        "cp1250",
        "Deszcz spadł na piec i wyszła z niego pierwsza dachówka powiedział robotnik żądając zapłaty",
    ),
    ("cp1254", "Yağmur fırına yağdı ve ilk kiremit ondan çıktı dedi işçi bugün görüşmede"),
    ("cp866", TEXTS["ru"].replace(",", "")),
    ("mac_cyrillic", TEXTS["ru"].replace(",", "")),
    ("johab", TEXTS["ko"]),
]
ASCII_ROW = "https://herald.example/{},A kiln,Rain fell on the kiln.\n"


def table(*texts: str, rows_before: int = 0) -> str:
    rows = [f"https://paper.example/{n},{text},{text}\n" for n, text in enumerate(texts)]
    before = [ASCII_ROW.format(n) for n in range(rows_before)]
    return "url,title,text\n" + "".join(before + rows)


def titles(path: Path, options: TableOptions | None = None) -> list[str]:
    found = read_articles(path, options=options or TableOptions())
    return [each.title if isinstance(each, Article) else each.reason for each in found]


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS, ids=["-".join(e) for e in ENCODINGS])
def test_a_table_is_read_in_the_encoding_that_it_has(
    tmp_path: Path, language: str, encoding: str
) -> None:
    path = tmp_path / "a.csv"

    text = TEXTS[language].replace(",", "")
    path.write_bytes(table(text).encode(encoding))
    assert titles(path) == [text]


def test_utf_16_with_the_other_byte_order_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(codecs.BOM_UTF16_BE + table(TEXTS["ko"]).encode("utf-16-be"))
    assert titles(path) == [TEXTS["ko"]]


def test_the_encoding_is_told_by_a_single_row_far_behind_the_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(table(TEXTS["ko"], rows_before=3000).encode("cp949"))
    assert path.stat().st_size > 2 * HEAD_BYTES
    assert titles(path)[-1] == TEXTS["ko"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_byte_that_does_not_fit_costs_its_row_and_is_reported(
    tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "a.csv"
    whole = table(*[TEXTS["ko"]] * 20).encode(encoding).splitlines(keepends=True)
    whole[10] = whole[10].replace(b"/9,", b"/9,\xff ")
    path.write_bytes(b"".join(whole))
    found = list(read_articles(path))
    name = "UTF-8" if encoding == "utf-8" else encoding
    assert found[9] == BadLine(11, f"not {name}")
    assert [each.title for each in found if isinstance(each, Article)] == [TEXTS["ko"]] * 19


def test_an_encoding_that_cannot_be_told_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"url;title;text\nhttps://paper.example/1;\xe9\xf1;x\n")
    with pytest.raises(TableRefused) as refusal:
        titles(path)
    line = str(refusal.value)
    assert "\n" not in line
    assert all(each in line for each in ("--encoding", "url, title, text", "semicolon"))
    assert titles(path, TableOptions(encoding="cp1252")) == ["éñ"]


def test_the_user_overrules(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(table(TEXTS["ru"].replace(",", "")).encode("koi8_r"))
    assert titles(path) != titles(path, TableOptions(encoding="cp1251"))


@pytest.mark.parametrize(("encoding", "text"), OTHERS, ids=[each for each, _ in OTHERS])
def test_an_encoding_that_is_not_known_is_refused_and_not_guessed(
    tmp_path: Path, encoding: str, text: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(table(text).encode(encoding))
    with pytest.raises(TableRefused, match="--encoding"):
        titles(path)
    assert titles(path, TableOptions(encoding=encoding)) == [text]


def test_a_sample_is_bounded() -> None:
    blocks = ["가".encode() * 2**14] * 99
    assert len(take_sample(blocks)) < 4 * HEAD_BYTES


@given(st.binary(max_size=300))
def test_any_bytes_have_a_known_encoding_or_none(sample: bytes) -> None:
    encoding = find_encoding(sample)
    assert not encoding or codecs.lookup(encoding)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_utf_8_is_never_taken_for_another(text: str) -> None:
    sample = f"url,title\nhttps://paper.example/1,{text}\n".replace("\0", "").encode()
    assert find_encoding(sample) == "utf-8-sig"


REAL = [("ko", "cp949"), ("ja", "cp932"), ("ja", "euc_jp"), ("zh", "gb18030"), ("zh", "big5")]
REAL += [("ru", "cp1251"), ("ru", "koi8_r"), ("es", "cp1252")]


@pytest.fixture(scope="module")
def real() -> dict[str, list[str]]:
    if not (SHARED / "gold/input.jsonl").is_file():
        pytest.skip("needs the real texts beside the checkout")
    titles = defaultdict[str, list[str]](list)
    for folder in ("gold", "gold2"):
        for line in (SHARED / folder / "input.jsonl").read_bytes().splitlines():
            row = json.loads(line)
            titles[str(row.get("language"))].append(str(row.get("title") or "").replace("\n", " "))
    return titles


@pytest.mark.shared
@pytest.mark.parametrize(("language", "encoding"), REAL, ids=["-".join(each) for each in REAL])
def test_real_titles_are_read_right_or_refused(
    real: dict[str, list[str]], language: str, encoding: str
) -> None:
    def find(texts: Sequence[str]) -> tuple[str, str]:
        raw = table(*texts).encode(encoding, "ignore")
        found = find_encoding(raw)
        return raw.decode(encoding), raw.decode(found, "replace") if found else ""

    single = [find([title]) for title in real[language][:80] if not title.isascii()]
    assert all(found in ("", right) for right, found in single)
    assert sum(1 for right, found in single if found == right) >= 0.65 * len(single)
    titles = real[language]
    tens = [find(titles[start : start + 10]) for start in range(0, min(len(titles), 100) - 9, 10)]
    assert all(found == right for right, found in tens)
