"""Tables and files that `nkwire import` reads, or refuses in one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KOREAN = "url,title,text\nhttps://a.example/1,새 가마,새로 지은 가마에서 첫 기와를 구웠다고 공장이 말하였다.\n"


def test_a_table_that_is_not_understood_is_refused_and_nothing_is_stored(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    good, bad = write("a.jsonl", *articles), write("b.csv", b"colour;weight", b"1;2")
    said = nkwire("import", good, bad)
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert all(each in said.err for each in ("b.csv", "colour, weight", "semicolon", "UTF-8"))
    assert nkwire("export", "-").out == ""


@pytest.mark.parametrize("options", [(), ("--encoding", "euc-kr"), ("--encoding", "UHC")])
def test_a_table_in_korean_is_read_and_its_encoding_can_be_named(
    nkwire: Callable[..., Any], an_empty_folder: Path, options: tuple[str, ...]
) -> None:
    (an_empty_folder / "a.csv").write_bytes(KOREAN.encode("cp949"))
    assert nkwire("import", "a.csv", *options).code == 0
    assert nkwire("export", "-").rows[0]["title"] == "새 가마"


@pytest.mark.parametrize("separator", ["^", r"\t", "tab", ";"])
def test_a_separator_can_be_named(
    nkwire: Callable[..., Any], an_empty_folder: Path, separator: str
) -> None:
    character = {r"\t": "\t", "tab": "\t"}.get(separator, separator)
    (an_empty_folder / "a.csv").write_text(KOREAN.replace(",", character), encoding="utf-8")
    assert nkwire("import", "a.csv", "--separator", separator).code == 0


@pytest.mark.parametrize(
    "options",
    [
        *(("--encoding", name) for name in ("klingon", "zip", "idna", "punycode")),
        ("--separator", ";;"),
    ],
)
def test_an_option_that_cannot_be_is_refused_in_one_line(
    nkwire: Callable[..., Any], an_empty_folder: Path, options: tuple[str, ...]
) -> None:
    (an_empty_folder / "a.csv").write_text(KOREAN, encoding="utf-8")
    said = nkwire("import", "a.csv", *options)
    assert said.code == 2
    assert said.err.count("\n") == 1
    assert options[1] in said.err


def test_tables_without_articles_in_a_folder_are_reported_and_left_out(
    nkwire: Callable[..., Any],
    write: Callable[..., Path],
    articles: list[dict[str, Any]],
    an_empty_folder: Path,
) -> None:
    (an_empty_folder / "many").mkdir()
    write("many/a.jsonl", *articles)
    write("many/b.csv", b"colour;weight", b"1;2")
    write("many/~$c.xlsx", b"the lock of an open workbook")
    said = nkwire("import", "many", "--json")
    assert (said.code, said.json["new"]) == (3, 3)
    assert said.json["causes"] == {"no articles in the table": 1}
    assert said.err.count("\n") == 1
    assert "colour, weight" in said.err
    (an_empty_folder / "many/a.jsonl").unlink()
    assert nkwire("import", "many").code == 2


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("a.xls", "save it as .xlsx or .csv"),
        ("a.ods", "save it as .xlsx or .csv"),
        ("a.zip", "unpack it first"),
        ("a.jsonl.xz", "unpack it first"),
        ("a.xlsx.gz", "unpack it first"),
        ("a.parquet.zst", "unpack it first"),
        ("a.warc", "use nkwire ingest"),
        ("a.warc.gz", "use nkwire ingest"),
    ],
)
def test_other_formats_are_refused_with_what_to_do(
    nkwire: Callable[..., Any], an_empty_folder: Path, name: str, advice: str
) -> None:
    (an_empty_folder / name).write_bytes(b"anything")
    said = nkwire("import", name)
    assert said.code == 2
    assert f"this format is not read: {advice}" in said.err
    assert said.err.count("\n") == 1


def test_a_file_of_an_unknown_suffix_is_refused_with_one_line(
    nkwire: Callable[..., Any], write: Callable[..., Path], articles: list[dict[str, Any]]
) -> None:
    for name in ("make.py", "make.py.gz", "articles.2026"):
        said = nkwire("import", write(name, *articles))
        assert (said.code, said.out) == (2, "")
        (line,) = said.err.splitlines()
        assert ".jsonl, .ndjson, .json, .csv, .tsv, .xlsx, .parquet" in line
    for name in ("articles.txt", "articles"):
        assert nkwire("import", write(name, *articles)).code == 0


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "url,title,text\n"), ("a.csv", ""), ("a.jsonl", ""), ("a.json", "[]")],
)
def test_a_file_without_rows_says_so(
    nkwire: Callable[..., Any], an_empty_folder: Path, name: str, content: str
) -> None:
    file = an_empty_folder / name
    file.write_text(content)
    said = nkwire("import", file)
    assert (said.code, said.err) == (3, f"{file}: this file has no rows\n")
    assert said.out == "0 new, 0 edited, 0 unchanged, 1 rejected (1 no rows in the file)\n"


def test_rows_with_any_wrong_number_of_cells_are_one_cause(
    nkwire: Callable[..., Any], an_empty_folder: Path
) -> None:
    rows = ("url,title,text", "https://a.example/1,T,x,y", "https://a.example/2,T,x,y,z")
    (an_empty_folder / "a.csv").write_text("\n".join(rows))
    assert nkwire("import", "a.csv", "--json").json["causes"] == {"wrong number of cells": 2}
