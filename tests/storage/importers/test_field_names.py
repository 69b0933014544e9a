"""Rows in the words of other systems come in as articles, in any format."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from storage.importers import jsonl_reader
from storage.importers.field_names import FIELD_NAMES, has_needed_fields, known_name
from storage.importers.files import read_articles
from storage.importers.jsonl_reader import BadLine
from storage.records import Article, PageClass

BODY = "Rain fell on the kiln, and the first tile came out of it."
BIGKINDS = {
    "뉴스 식별자": "01100101.20260303120000001",
    "일자": "20260303",
    "언론사": "연합뉴스",
    "기고자": "김 기자",
    "제목": "새 가마",
    "통합 분류1": "지역>평양",
    "통합 분류2": "",
    "인물": "",
    "키워드": "가마,기와",
    "특성추출(가중치순 상위 50개)": "가마",
    "본문": "새로 지은 가마에서 첫 기와를 구워 냈다고 공장 관계자가 말하였다. 비가 온 뒤에 날이 개었다.",
    "URL": "",
    "분석제외 여부": "",
}
FACTIVA = {
    "AN": "PAPER00020260303em330002x",
    "HD": "A kiln",
    "BY": "A. Writer",
    "PD": "2026-03-03",
    "SN": "The Paper",
    "LA": "English",
    "LP": "Rain fell on the kiln.",
    "TD": "The first tile came out of it.",
}


def write_json(path: Path, row: dict[str, Any]) -> None:
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")


def write_csv(path: Path, row: dict[str, Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)


def write_parquet(path: Path, row: dict[str, Any]) -> None:
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([row]), path)


WRITERS: dict[str, Callable[[Path, dict[str, Any]], None]] = {
    "a.jsonl": write_json,
    "a.json": write_json,
    "a.csv": write_csv,
    "a.parquet": write_parquet,
}


@pytest.fixture(params=WRITERS)
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[dict[str, Any]], Article]:
    """Writes a row in one of the formats and reads it."""

    def read(row: dict[str, Any]) -> Article:
        WRITERS[request.param](tmp_path / request.param, row)
        (found,) = read_articles(tmp_path / request.param)
        assert isinstance(found, Article), found
        return found

    return read


Read = Callable[[dict[str, Any]], Article]


def test_rows_of_bigkinds_come_in(read: Read) -> None:
    found = read(BIGKINDS)
    assert (found.title, found.text) == ("새 가마", BIGKINDS["본문"])
    assert (found.outlet, found.authors, found.section) == ("연합뉴스", ("김 기자",), "지역>평양")
    assert (found.tags, found.language) == (("가마", "기와"), "ko")
    assert found.external_id == BIGKINDS["뉴스 식별자"]
    assert found.url == (
        "https://www.bigkinds.or.kr/v2/news/newsDetailView.do?newsId=01100101.20260303120000001"
    )
    assert read(BIGKINDS | {"URL": "https://paper.example/1"}).url == "https://paper.example/1"


def test_rows_of_factiva_come_in(read: Read) -> None:
    found = read(FACTIVA)
    assert (found.title, found.outlet, found.authors) == ("A kiln", "The Paper", ("A. Writer",))
    assert found.text == f"{FACTIVA['LP']}\n{FACTIVA['TD']}"
    assert (found.language, found.published_at) == ("en", datetime(2026, 3, 3, tzinfo=UTC))
    assert found.url.startswith("https://global.factiva.com/")
    assert FACTIVA["AN"] in found.url


@pytest.mark.parametrize("spoiled", ["1100101.2026030312", "", "nan"])
def test_an_id_that_excel_spoiled_gives_no_address(tmp_path: Path, spoiled: str) -> None:
    write_csv(tmp_path / "a.csv", BIGKINDS | {"뉴스 식별자": spoiled})
    assert list(read_articles(tmp_path / "a.csv")) == [BadLine(2, "no url")]


@pytest.mark.parametrize(
    "row",
    [
        {"Link": "u", "Headline": "t", "Body": "x", "Publication": "o", "Byline": "a"},
        {"URL": "u", "Title": "t", "Text": "x", "Source": "o", "Author": "a"},
        {"url": "u", "headline": "t", "articleBody": "x", "publisher": "o", "author": "a"},
        {"href": "u", "제목": "t", "본문": "x", "매체": "o", "기자": "a"},
        {
            "Unnamed: 0": "7",
            "url": "u",
            "title": "t",
            "content": "x",
            "media_name": "o",
            "By-Line": "a",
        },
    ],
    ids=["Nexis", "Excel", "schema.org", "Korean", "pandas"],
)
def test_usual_words_are_known(read: Read, row: dict[str, str]) -> None:
    words = {"u": "https://paper.example/1", "t": "A kiln", "x": BODY, "o": "The Paper", "a": "Kim"}
    found = read({name: words.get(value, value) for name, value in row.items()})
    assert (found.url, found.title, found.text) == (words["u"], words["t"], BODY)
    assert (found.outlet, found.authors, found.external_id) == ("The Paper", ("Kim",), "")


def test_our_own_names_come_before_words_of_others(read: Read) -> None:
    row = {"url": "https://paper.example/1", "title": "Ours", "headline": "Theirs", "body": BODY}
    assert read(row).title == "Ours"
    assert read(row | {"title": ""}).title == "Theirs"
    assert read(row | {"text": "Ours."}).text == "Ours."


def test_publishers_and_authors_as_objects_give_their_names(tmp_path: Path) -> None:
    row = {
        "url": "https://paper.example/1",
        "headline": "A kiln",
        "source": {"id": None, "name": "The Paper"},
        "author": [{"@type": "Person", "name": "Kim"}, {"name": "Ri"}],
        "content": {"no": "text"},
    }
    write_json(tmp_path / "a.jsonl", row)
    (found,) = read_articles(tmp_path / "a.jsonl")
    assert isinstance(found, Article)
    assert (found.outlet, found.authors, found.text) == ("The Paper", ("Kim", "Ri"), "")
    assert found.page_class is PageClass.STUB


@pytest.mark.parametrize(
    ("stated", "code"),
    [("Korean", "ko"), ("Chinese - Simplified", "zh"), ("en-US", "en"), ("Klingon", "en")],
)
def test_languages_named_in_words_become_codes(tmp_path: Path, stated: str, code: str) -> None:
    row = {"url": "https://paper.example/1", "title": "A kiln", "text": BODY, "language": stated}
    write_json(tmp_path / "a.jsonl", row)
    (found,) = read_articles(tmp_path / "a.jsonl")
    assert isinstance(found, Article)
    assert found.language == code


def test_the_table_has_every_name_that_an_import_reads_itself() -> None:
    own = {name for field in FIELD_NAMES for name in field.own}
    assert {"url", "title", "text", *jsonl_reader.PUBLISHED_AT_NAMES} <= own


def test_no_word_means_two_fields() -> None:
    words = [name for field in FIELD_NAMES for name in (*field.own, *field.others)]
    assert len(words) == len(set(words))
    assert all(known_name(word) == word for word in words)


@pytest.mark.parametrize(
    ("names", "enough"),
    [
        (["url", "title"], True),
        (["URL", "본문"], True),
        (["뉴스 식별자", "제목"], True),
        (["an", "hd"], True),
        (["url", "content_sha256"], True),
        (["an", "title"], False),
        (["title", "text"], False),
        (["url"], False),
    ],
)
def test_an_address_and_words_are_needed(names: list[str], enough: bool) -> None:
    assert has_needed_fields(names) is enough
