import gzip
from enum import StrEnum
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.arguments.file_formats import FormatNames, check_suffix
from cli.commands.export import EXPORT_NAMES, ExportFormat
from cli.errors import UserError
from tests.cli.conftest import Command

STARTS = {
    "corpus.xlsx": b"PK",
    "corpus.csv.jsonl": b'{"id"',
    "corpus.jsonl.csv": b"id,",
    "corpus.parquet.csv": b"id,",
    "corpus.2026.jsonl": b'{"id"',
    "CORPUS.CSV": b"id,",
    "corpus.csv.gz": b"\x1f\x8b",
    "corpus.jsonl.GZ": b"\x1f\x8b",
    "corpus.jsonl.zst": b"\x28\xb5\x2f\xfd",
    "corpus.warc.gz": b"\x1f\x8b",
}


@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize("name", STARTS)
def test_the_last_suffix_of_a_name_says_the_format(nkwire: Command, name: str) -> None:
    assert nkwire("export", name, "--no-beside").code == 0
    assert Path(name).read_bytes().startswith(STARTS[name])


@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("export", "corpus.xls"), "corpus.xls: there is no format .xls here: write .jsonl, "),
        (("export", "corpus.json"), "corpus.json: there is no format .json here: write .jsonl, "),
        (("export", "corpus.csv.old"), "corpus.csv.old: there is no format .old here"),
        (("export", "corpus"), "corpus: name the file with a suffix (.jsonl, "),
        (("export", "corpus.gz"), "corpus.gz: name the file with a suffix (.jsonl, "),
        (("export", "corpus.csv.bz2"), "corpus.csv.bz2: there is no .bz2 here: leave it out"),
        (("export", "corpus.xlsx.gz"), "corpus.xlsx.gz: xlsx is not written as .gz: leave it out"),
        (("export", "corpus.warc.zst"), "corpus.warc.zst: warc is not written as .zst"),
        (("export", "c.gz", "--format", "parquet"), "c.gz: parquet is not written as .gz"),
        (("graph", "s1", "--out", "real.jpg"), "real.jpg: there is no format .jpg here: write .d"),
        (("graph", "s1", "--out", "real"), "real: name the file with a suffix (.dot, "),
        (("carriage", "--csv", "c.xlsx"), "--csv c.xlsx: this is no .xlsx file: name it .csv"),
        (("latency", "--csv", "l.svg"), "--csv l.svg: this is no .svg file: name it .csv"),
        (("latency", "--svg", "l.png"), "--svg l.png: this is no .png file: name it .svg"),
        (("diff", "1", "--html", "d.pdf"), "--html d.pdf: this is no .pdf file: name it .html"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_a_name_of_another_format_is_refused_and_nothing_is_written(
    nkwire: Command, an_empty_folder: Path, arguments: tuple[str, ...], line: str
) -> None:
    before = set(an_empty_folder.iterdir())
    said = nkwire(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"nkwire: {line}")
    assert said.err.count("\n") == 1
    assert set(an_empty_folder.iterdir()) == before


@pytest.mark.usefixtures("corpus")
def test_a_given_format_needs_no_suffix_and_a_pipe_needs_neither(nkwire: Command) -> None:
    assert nkwire("export", "corpus", "--format", "csv").code == 0
    assert Path("corpus").read_bytes().startswith(b"id,")
    assert nkwire("export", "-").rows[0]["outlet"] == "agency"
    assert nkwire("export", "/dev/null").code == 0
    assert nkwire("graph", "s1", "--out", "-").out.startswith("digraph")
    assert nkwire("graph", "s1", "--out", "g.v2.graphml.gz").code == 0
    assert gzip.decompress(Path("g.v2.graphml.gz").read_bytes()).startswith(b"<?xml")


class Kind(StrEnum):
    PLAIN = "plain"
    DENSE = "dense"


NAMES = FormatNames({".a": Kind.PLAIN, ".b": Kind.DENSE}, Kind.PLAIN, {Kind.PLAIN: (".gz",)})


@given(st.text(alphabet="ab.gzGZAB", max_size=12).map("x".__add__))
def test_any_name_has_the_format_of_its_last_suffix_or_none(name: str) -> None:
    last = [part.lower() for part in name.split(".")[1:]]
    packed = last.pop() if last and last[-1] == "gz" else ""
    expected = {"a": Kind.PLAIN, "b": Kind.DENSE}.get(last[-1] if last else "")
    try:
        found: Any = NAMES.choose(Path(name))
    except UserError:
        found = None
    assert found == (None if packed and expected is Kind.DENSE else expected)


def test_a_name_for_csv_without_a_suffix_of_a_format_is_allowed() -> None:
    for name in ("rows", "rows.2026-03", "rows.csv", "rows.csv.gz", "ROWS.CSV", "-"):
        check_suffix("--csv", Path(name), ".csv")


def test_the_last_suffix_decides_for_every_format() -> None:
    for suffix, file_format in EXPORT_NAMES.suffixes.items():
        assert EXPORT_NAMES.choose(Path(f"a.csv.parquet{suffix}")) is file_format
        assert EXPORT_NAMES.choose(Path(f"a{suffix}"), ExportFormat.CSV) is ExportFormat.CSV


@pytest.mark.usefixtures("corpus")
@pytest.mark.parametrize(("option", "rows"), [("--all", 3), ("--collapse", 2)])
def test_a_workbook_is_one_that_another_library_reads(
    nkwire: Command, option: str, rows: int
) -> None:
    assert nkwire("export", "all.xlsx", option, "--no-beside").code == 0
    sheet = openpyxl.load_workbook("all.xlsx").active
    assert sheet is not None
    header, *found = sheet.iter_rows(values_only=True)
    assert len(found) == rows
    published = found[0][header.index("published_at")]
    assert getattr(published, "year", None) == 2026
