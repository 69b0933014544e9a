import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import Database
from storage.errors import InvalidRequest
from storage.export.export import export
from storage.export.formats import xlsx
from storage.export.formats.columns import ARTICLE_COLUMNS, STORY_COLUMNS, Column, ColumnKind
from storage.records import Article

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
COLUMNS = (
    Column("title", ColumnKind.TEXT, ""),
    Column("count", ColumnKind.NUMBER, ""),
    Column("at", ColumnKind.TIME, ""),
    Column("whole", ColumnKind.FLAG, ""),
    Column("authors", ColumnKind.TEXTS, ""),
)


def sheet_of(raw: bytes) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        return ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))


def cells_of(raw: bytes) -> list[dict[str, str]]:
    """The rows as dicts by the letters of columns."""
    rows = []
    for row in sheet_of(raw).iter(f"{MAIN}row"):
        values = {}
        for cell in row.iter(f"{MAIN}c"):
            is_text = cell.get("t") == "inlineStr"
            found = cell.find(f"{MAIN}is/{MAIN}t" if is_text else f"{MAIN}v")
            assert found is not None
            values[str(cell.get("r")).rstrip("0123456789")] = found.text or ""
        rows.append(values)
    return rows


def written(*titles: Any, **changes: Any) -> bytes:
    file = io.BytesIO()
    row = {"count": 1, "at": None, "whole": True, "authors": [], **changes}
    assert xlsx.write(file, COLUMNS, ({**row, "title": each} for each in titles)) == len(titles)
    return file.getvalue()


def test_the_cells_have_the_kinds_of_their_values() -> None:
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    header, row = cells_of(written("A title", count=7, at=at, authors=["A, B", "C"]))
    assert list(header.values()) == ["title", "count", "at", "whole", "authors", "cut"]
    assert (row["A"], row["B"], row["D"], row["E"]) == ("A title", "7", "1", "A, B; C")
    found = EXCEL_EPOCH + timedelta(days=float(row["C"]))
    assert abs(found - at) < timedelta(seconds=1)


def test_another_library_reads_texts_numbers_and_dates_as_such() -> None:
    at, old = datetime(2026, 3, 2, 9, 30, tzinfo=UTC), datetime(1899, 12, 31, tzinfo=UTC)
    for value, expected in ((at, datetime(2026, 3, 2, 9, 30)), (old, "1899-12-31 00:00:00+00:00")):
        long = "=1+1" + "북" * xlsx.MAX_CELL_CHARS
        raw = written("=1+1", long, at=value, count=7)
        sheet = openpyxl.load_workbook(io.BytesIO(raw)).active
        assert sheet is not None
        _, short, cut = ([cell.value for cell in row] for row in sheet.iter_rows())
        assert short[:4] == ["=1+1", 7, expected, True]
        assert {cell.data_type for cell in sheet["A"]} == {"s"}
        assert (len(str(cut[0])), cut[-1]) == (xlsx.MAX_CELL_CHARS, "title")


@pytest.mark.threats("S16")
@pytest.mark.parametrize(
    "text",
    [
        "=HYPERLINK(\"http://evil.test\")", "+1", "-1", "@SUM(1)", "\t=1", "{=1}", "http://evil.test/",
        "mailto:a@evil.test", "internal:Sheet1!A1", "007", "<script>alert(1)</script>", "_x0041_",
        "<r><t>forged</t></r>", "<r></is></c></row></r>", " two  spaces ", "북한 미사일", "a\nb",
    ],
)  # fmt: skip
def test_a_text_is_a_text_whatever_it_looks_like(text: str) -> None:
    raw = written(text)
    sheet = sheet_of(raw)
    assert not list(sheet.iter(f"{MAIN}f"))
    assert not list(sheet.iter(f"{MAIN}hyperlink"))
    found = cells_of(raw)[1]["A"].replace("_x005F_", "_")
    assert found.rstrip(" ") == text.rstrip(" ")


@pytest.mark.threats("S16", "S17")
@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_any_text_comes_back(text: str) -> None:
    raw = written(text)
    found = cells_of(raw)[1].get("A", "")
    assert text in (found.replace("_x005F_", "_"), found, found.removesuffix(" "))


@pytest.mark.parametrize("letter", ["a", "북", "😀"])
def test_a_long_text_is_cut_at_the_limit_of_a_cell_and_told(letter: str) -> None:
    units = len(letter.encode("utf-16-le")) // 2
    fits = letter * (xlsx.MAX_CELL_CHARS // units)
    header, short, long = cells_of(written(fits, fits + letter))
    cut = next(key for key, name in header.items() if name == "cut")
    assert short["A"] == long["A"] == fits
    assert cut not in short
    assert long[cut] == "title"


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROWS", 3)
    written("a", "b", "c")
    with pytest.raises(InvalidRequest, match=r"holds 3 rows.*CSV or Parquet"):
        written("a", "b", "c", "d")


@pytest.mark.parametrize("collapse", [False, True])
def test_an_export_has_all_columns_and_respects_rights(
    corpus: Database, tmp_path: Path, make_article: Callable[..., Article], *, collapse: bool
) -> None:
    corpus.save(
        [
            make_article(1, title="=1+1", text="The whole text of one.\nMore.", authors=("A", "B")),
            make_article(50_000, title="Other", text="An opening.\nA secret.", rights="lead"),
        ]
    )
    out = tmp_path / "corpus.xlsx"
    assert export(corpus, out, format="xlsx", collapse=collapse) == 2
    header, *rows = cells_of(out.read_bytes())
    columns = STORY_COLUMNS if collapse else ARTICLE_COLUMNS
    assert [*header.values()] == [*(each.name for each in columns), "cut"]
    named: list[Mapping[str, str]] = [
        {header[key]: value for key, value in row.items()} for row in rows
    ]
    assert [each["title"] for each in named] == ["=1+1", "Other"]
    assert "More." in named[0]["text"]
    assert "text" not in named[1]
    assert named[1]["lead_text"] == "An opening."
