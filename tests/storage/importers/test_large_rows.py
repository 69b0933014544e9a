"""An import takes a bounded amount of memory: what is too large is told, the rest is imported."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.importers import json_list
from storage.importers.files import read_articles
from storage.importers.tables.csv_rows import OPEN_QUOTE, iter_rows
from storage.records import Article

pytestmark = pytest.mark.threats("R18")
MAX_BYTES = 2000
TOO_LARGE = "a row of over 0 MB"
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text('a"\\[]{},é', max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('a"\\', max_size=3), inner),
    max_leaves=8,
)


def article(number: int, text: str = "Rain fell on the kiln.") -> dict[str, str]:
    url = f"https://paper.example/{number}"
    return {"url": url, "outlet": "paper", "title": f"Kiln {number}", "text": text}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for reader in ("files", "tables.csv_file"):
        monkeypatch.setattr(f"storage.importers.{reader}.MAX_ROW_BYTES", MAX_BYTES)
    monkeypatch.setattr(json_list, "READ_BYTES", 100)
    monkeypatch.setattr("storage.importers.files.READ_BYTES", 100)


def kinds(path: Path) -> list[str]:
    return ["" if isinstance(row, Article) else row.reason for row in read_articles(path)]


def csv_of(*texts: str) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, article(0))
    writer.writeheader()
    writer.writerows(article(number, text) for number, text in enumerate(texts))
    return file.getvalue()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "text",
    [
        "x" * 9000,
        "several lines\n" * 900,
        'said "so", and\n' * 900,
        '"' * 9000,
        '"' * 9001,
        "\r" * 9000,
        ",\n" * 4000,
        "가" * 2001,
    ],
)
def test_a_large_cell_of_csv_costs_its_row(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv_of("one", text, "two", text, "three"), newline="")
    assert kinds(path) == ["", TOO_LARGE, "", TOO_LARGE, ""]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("tail", ["x" * 9000, "y\n" * 3000])
def test_a_quotation_mark_left_open_costs_what_follows(tail: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(csv_of("one") + 'https://paper.example/2,paper,Kiln,"' + tail)
    assert kinds(path)[:2] == ["", TOO_LARGE]


@pytest.mark.usefixtures("small")
def test_a_quotation_mark_left_open_does_not_swallow_more_rows_than_fit(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    rows = csv_of(*["several words"] * 90).partition("\n")[2]
    path.write_text(csv_of("one") + 'https://paper.example/2,paper,Kiln,"\n' + rows)
    assert kinds(path) == ["", OPEN_QUOTE, *[""] * 90]


@pytest.mark.usefixtures("small")
def test_a_large_header_of_csv_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("url,title," * 900 + "\n" + csv_of("one"))
    assert kinds(path) == [TOO_LARGE]


@given(st.lists(st.lists(st.text('a",\n é', max_size=30), min_size=4, max_size=4), max_size=6))
def test_small_rows_are_those_of_the_library(rows: list[list[str]]) -> None:
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["a", "b", "c", "d"], *rows])
    expected = list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))
    found = [row for _, row in iter_rows(io.StringIO(file.getvalue(), newline=""), 500)]
    assert found == expected


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "value",
    [
        {"text": "x" * 9000},
        {"text": '"\\' * 3000},
        [[]] * 3000,
        "[" * 9000,
        [{"a": [1, {"b": "]"}]}] * 500,
        "\\" * 9001,
    ],
)
def test_a_large_element_of_a_list_costs_that_element(value: object, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([article(1), value, article(2), value], indent=1))
    assert kinds(path) == ["", TOO_LARGE, "", TOO_LARGE]


@pytest.mark.usefixtures("small")
def test_one_large_object_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(article(1, "x" * 9000)))
    assert kinds(path) == [TOO_LARGE]


@pytest.mark.parametrize(
    ("tail", "reason"),
    [
        ("", "damaged from here on: it ends before its list does"),
        (', {"a": "', "damaged from here on: it ends before its list does"),
        ("] []", "damaged from here on: its list is not the whole of it"),
        ("}", "damaged from here on: its list is not the whole of it"),
        (", ]", "not JSON"),
        (", nonsense]", "not JSON"),
    ],
)
def test_what_stands_before_damage_in_a_list_is_imported(
    tail: str, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "a.json"
    path.write_text("[" + json.dumps(article(1)) + "," + json.dumps(article(2)) + tail)
    *_, last = found = kinds(path)
    assert found[0] == ""
    assert reason in last


@given(st.lists(JSON_VALUES, max_size=5), st.integers(1, 40), st.sampled_from([None, 1]))
def test_the_elements_of_a_list_are_those_of_the_library(
    values: list[object], read_bytes: int, indent: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_list, "READ_BYTES", read_bytes)
        source = io.BytesIO(json.dumps(values, indent=indent).encode())
        found = [json.loads(each or b"") for each in json_list.iter_elements(b"", source, 10_000)]
    assert found == values


@given(st.binary(max_size=60), st.integers(1, 9))
def test_any_bytes_end(source: bytes, read_bytes: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_list, "READ_BYTES", read_bytes)
        try:
            found = list(json_list.iter_elements(b"[", io.BytesIO(source), 20))
        except json_list.BrokenListError:
            return
    assert all(each is None or len(each) <= 20 for each in found)


def test_a_table_of_very_many_columns_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.importers.tables.parquet_file.MAX_COLUMNS", 5)
    path = tmp_path / "a.parquet"
    pq.write_table(pa.Table.from_pylist([{**article(1), "a": 1, "b": 2}]), path)
    assert kinds(path) == ["a table of 6 columns: at most 5 are read"]


def test_more_rows_than_bytes_are_no_articles(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({name: [value] * 100_000 for name, value in article(1).items()}), path)
    (reason,) = kinds(path)
    assert reason.startswith("100,000 rows in ")


def test_large_cells_of_parquet_are_read_few_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.importers.tables.parquet_file.MAX_ROW_BYTES", MAX_BYTES)
    path = tmp_path / "a.parquet"
    rows = [article(1), article(2, "x" * 9000), article(3)]
    pq.write_table(pa.Table.from_pylist(rows), path)
    assert kinds(path) == ["", TOO_LARGE, ""]


@pytest.mark.parametrize("name", ["a.csv", "a.json", "a.jsonl"])
def test_memory_does_not_grow_with_what_is_too_large(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.write(b'url,title\n"' if name == "a.csv" else b'[{"a":"' if name == "a.json" else b"")
        for _ in range(60):
            file.write(b"x" * 2**20)
    program = (
        "import resource, sys; from pathlib import Path\n"
        "from storage.importers.files import read_articles\n"
        "start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(*(each.reason for each in read_articles(Path(sys.argv[1]))), sep='\\n')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start)\n"
    )
    *reasons, grown = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert reasons
    assert int(grown) << 10 <= 50 << 20
