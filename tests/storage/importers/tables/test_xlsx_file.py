"""Workbooks of Excel: their sheets are read row by row, and what is too large is refused."""

import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from storage import Database
from storage.export.export import export
from storage.importers.files import check_files, read_articles
from storage.importers.jsonl_reader import BadLine
from storage.importers.tables import xlsx_file
from storage.importers.tables.form import TableRefused
from storage.records import Article

HEADER = ("URL", "Title", "Text", "Date", "id")
ROW = ("https://paper.example/1", "Kiln", "Rain fell.", datetime(2026, 3, 3, 9, 30), 1234567)


def save(path: Path, *sheets: Sequence[Sequence[Any]], hidden: int = -1) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(f"S{number}")
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if number == hidden else "visible"
    book.save(path)
    return path


def test_dates_numbers_and_texts_come_in_as_they_are_meant(tmp_path: Path) -> None:
    (found,) = read_articles(save(tmp_path / "a.xlsx", [HEADER, ROW]))
    assert isinstance(found, Article)
    assert (found.url, found.title, found.text) == ROW[:3]
    assert found.published_at == datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
    assert found.external_id == "1234567"


def test_all_visible_sheets_of_articles_are_read_and_rows_are_counted_as_excel_does(
    tmp_path: Path,
) -> None:
    first: list[tuple[Any, ...]] = [
        ("Articles on kilns",),
        (),
        HEADER,
        ROW,
        (),
        ("", "no address", "x"),
    ]
    others: list[list[tuple[Any, ...]]] = [
        [("note", "by"), ("read this", "me")],
        [HEADER, ("https://paper.example/2", *ROW[1:])],
        [HEADER, ("https://paper.example/hidden", *ROW[1:])],
    ]
    found = list(read_articles(save(tmp_path / "a.xlsx", first, *others, hidden=3)))
    assert [each.url if isinstance(each, Article) else each for each in found] == [
        "https://paper.example/1",
        BadLine(6, "no url"),
        "https://paper.example/2",
    ]


def test_formulas_give_the_values_that_excel_stored_and_errors_give_none(tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", [HEADER, (*ROW[:2], "=1+1", "#N/A", "=TODAY()")])
    (found,) = read_articles(path)
    assert isinstance(found, Article)
    assert (found.text, found.published_at, found.published_raw) == ("", None, "")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("foo", "bar"), (1, 2)], "the columns foo, bar (sheet 'S0')"),
        ([("url", None, "date"), ("https://a.example/1", 1, 2)], "the columns url, date"),
        ([()], "the columns none"),
    ],
)
def test_a_workbook_without_articles_is_refused_in_one_line(
    tmp_path: Path, rows: list[tuple[Any, ...]], says: str
) -> None:
    with pytest.raises(TableRefused, match="found") as refusal:
        check_files([save(tmp_path / "a.xlsx", rows)])
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"no workbook", "not a workbook"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "an old .xls, or one with a password"),
        (b"", "not a workbook"),
    ],
)
def test_another_file_under_the_name_is_refused(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(data)
    with pytest.raises(TableRefused, match=says):
        list(read_articles(path))


def rewrite(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    with zipfile.ZipFile(path) as packed:
        parts = {each: packed.read(each) for each in packed.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in (parts | {part: change(parts.get(part, b""))}).items():
            packed.writestr(name, data)
    return path


def test_damage_in_a_sheet_costs_what_follows(tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", [HEADER, *[ROW] * 50])
    rewrite(path, "xl/worksheets/sheet1.xml", lambda data: data[: len(data) * 4 // 5])
    *articles, last = read_articles(path)
    assert len(articles) > 20
    assert isinstance(last, BadLine)
    assert last.reason.startswith("not a sound workbook from here on: ")


@pytest.mark.threats("R18")
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/styles.xml", "xl/worksheets/x.xml"])
def test_a_part_that_unpacks_to_far_more_than_it_is_is_not_unpacked(
    tmp_path: Path, part: str
) -> None:
    path = save(tmp_path / "a.xlsx", [HEADER, ROW])
    rewrite(path, part, lambda _: b" " * (xlsx_file.MAX_OTHER_BYTES + 1))
    with pytest.raises(TableRefused, match=f"{part} has 16 MB, too much"):
        list(read_articles(path))


@pytest.mark.threats("R18")
def test_a_row_far_below_costs_no_memory_and_a_dimension_is_not_believed(tmp_path: Path) -> None:
    path = save(tmp_path / "a.xlsx", [HEADER, ROW])
    sheet = "xl/worksheets/sheet1.xml"
    rewrite(path, sheet, lambda data: data.replace(b'<dimension ref="A1:E2" />', b""))
    rewrite(path, sheet, lambda data: data.replace(b'<row r="2"', b'<row r="2000000000"'))
    assert list(read_articles(path)) == []
    rewrite(path, sheet, lambda data: data.replace(b"2000000000", b"70000"))
    rewrite(
        path, sheet, lambda data: data.replace(b"<sheetData", b'<dimension ref="A1"/><sheetData')
    )
    assert len(list(read_articles(path))) == 1


def test_a_workbook_of_ours_comes_in_again_unless_its_cells_were_cut(
    sqlite_corpus: Database, make_article: Callable[..., Article], tmp_path: Path
) -> None:
    texts = ("=1+1", "Rain _x000D_ fell.\nAnd ended.", "x" * 40_000)
    sqlite_corpus.save(
        [make_article(n, text=text, authors=("A", "B")) for n, text in enumerate(texts)]
    )
    export(sqlite_corpus, tmp_path / "a.xlsx", format="xlsx")
    *found, cut = read_articles(tmp_path / "a.xlsx")
    assert cut == BadLine(4, "cut because a cell was too small: text")
    articles = [each for each in found if isinstance(each, Article)]
    assert [each.text for each in articles] == list(texts[:2])
    assert articles[0].authors == ("A", "B")
    assert articles[0].exported is not None
