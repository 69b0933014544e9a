"""Edits, changes of state and gaps go out with every export, whatever its format."""

import csv
import gzip
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.dataset
import pyarrow.parquet
import pytest

from cli.app import run as command
from storage import Database
from storage.export.export import ExportOptions, export
from storage.records import Article, Capture, CaptureOutcome, CaptureResult, RunOutcome
from storage.snapshots.create import SnapshotRequest, create_snapshot
from storage.tables.runs import run

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
TEXT = "A new dairy farm was opened.\nThe farm will give 12 tons of milk a day."
Rows = dict[str, list[dict[str, Any]]]


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def article(hours: float, text: str = TEXT, number: int = 1) -> Article:
    url = f"https://agency.test/{number}"
    capture = Capture(url, at(hours), 200)
    return Article(
        outlet="agency", url=url, title="Farm", text=text, language="en", capture=capture
    )


@pytest.fixture
def told(database: Database) -> Database:
    """An article that was edited and then taken away, and an outage of four hours."""
    database.save([article(0), article(0, "Another matter of no weight at all.", 2)])
    database.save([article(1, TEXT.replace("12", "21")), article(2, TEXT.replace("12", "21 "))])
    database.save([article(4, "Another matter of no weight at all.", 2)])
    held = next(d for d in database.revisits.due("agency", at(999), 9) if d.url.endswith("/1"))
    database.record_capture(
        "agency", held.identity, Capture(held.url, at(4.1), 404), CaptureResult(CaptureOutcome.GONE)
    )
    outcomes = ("ok", "ok", "unreachable", "unreachable", "ok")
    with database.engine.begin() as connection:
        for hour, outcome in enumerate(outcomes):
            values = {"outlet": "agency", "kind": "crawl", "host": "h", "pid": 1}
            values |= {"started_at": at(hour), "ended_at": at(hour), "cause": "timeout"}
            connection.execute(run.insert(), values | {"outcome": RunOutcome(outcome)})
    return database


def check(found: Rows) -> None:
    numbers, spaces = found["changes"]
    assert list(numbers["kinds"]) == ["body", "numbers"]
    assert (numbers["nature"], numbers["boring"], spaces["boring"]) == ("edit", False, True)
    assert spaces["reason"] == "white space"
    (missing,) = found["states"]
    assert (missing["state"], missing["how"]) == ("missing", "HTTP status 404")
    assert {gap["why"] for gap in found["gaps"]} >= {"unreachable"}


def lines(path: Path) -> list[dict[str, Any]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path) as file:
        return [json.loads(line) for line in file]


def cells(path: Path) -> list[dict[str, Any]]:
    with path.open(newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    for row in rows:
        row |= {name: row[name] == "true" for name in ("boring",) if name in row}
        row |= {name: row[name].split("; ") for name in ("kinds",) if name in row}
    return rows


def parquet(path: Path) -> list[dict[str, Any]]:
    return list(pyarrow.parquet.read_table(path).to_pylist())


READ: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    "jsonl": lines,
    "jsonl.gz": lines,
    "csv": cells,
    "parquet": parquet,
}


@pytest.mark.parametrize("ending", READ)
def test_files_of_edits_states_and_gaps_lie_beside_an_export(
    told: Database, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"corpus.{ending}"
    format: Any = ending.split(".")[0]
    assert export(told, out, format=format) == 2
    names = ("changes", "states", "gaps")
    check({name: READ[ending](tmp_path / f"corpus.{name}.{ending}") for name in names})
    assert sorted(row["state"] for row in READ[ending](out)) == ["live", "missing"]


def test_a_sqlite_export_has_tables_of_them(told: Database, tmp_path: Path) -> None:
    export(told, tmp_path / "a.sqlite", format="sqlite")
    connection = sqlite3.connect(tmp_path / "a.sqlite")
    connection.row_factory = sqlite3.Row
    try:
        found = {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")]
            for name in ("changes", "states", "gaps")
        }
        meant = connection.execute("SELECT count(*) FROM columns WHERE \"table\" = 'gaps'")
        assert meant.fetchone()[0] == 5
    finally:
        connection.close()
    for row in found["changes"]:
        row["kinds"] = json.loads(row["kinds"])
    check(found)


def test_a_folder_of_datasets_has_them_as_configurations(told: Database, tmp_path: Path) -> None:
    export(told, tmp_path / "folder", format="datasets")
    names = ("changes", "states", "gaps")
    assert all(f"config_name: {n}" in (tmp_path / "folder/README.md").read_text() for n in names)
    check({name: parquet(tmp_path / f"folder/data/{name}-00000.parquet") for name in names})


def test_partitions_have_them_where_readers_of_the_folder_pass_them_over(
    told: Database, tmp_path: Path
) -> None:
    export(told, tmp_path / "folder", format="parquet", options=ExportOptions(partition=True))
    assert pyarrow.dataset.dataset(tmp_path / "folder", partitioning="hive").count_rows() == 2
    names = ("changes", "states", "gaps")
    check({name: parquet(tmp_path / f"folder/_.{name}.parquet") for name in names})


def test_a_snapshot_holds_them(told: Database, tmp_path: Path) -> None:
    create_snapshot(told, tmp_path / "paper", SnapshotRequest(name="paper"))
    data = tmp_path / "paper/data"
    found = {name: lines(data / f"{name}.jsonl.gz") for name in ("changes", "states")}
    check(found | {"gaps": cells(data / "gaps.csv")})
    assert "letters and digits that were added" in (tmp_path / "paper/DICTIONARY.md").read_text()


def test_filters_hold_for_them_too(told: Database, tmp_path: Path) -> None:
    export(told, tmp_path / "a.jsonl", words="weight")
    assert not (tmp_path / "a.changes.jsonl").exists()
    export(told, tmp_path / "b.jsonl", outlet="other")
    assert [path.name for path in tmp_path.glob("b.*")] == ["b.jsonl"]


def test_what_an_earlier_export_left_beside_does_not_stay(told: Database, tmp_path: Path) -> None:
    export(told, tmp_path / "a.jsonl")
    assert (tmp_path / "a.changes.jsonl").stat().st_size
    export(told, tmp_path / "a.jsonl", words="weight")
    assert not (tmp_path / "a.changes.jsonl").stat().st_size


def test_a_folder_with_such_files_is_imported_without_them(
    told: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "corpus").mkdir()
    export(told, tmp_path / "corpus/a.jsonl")
    other = f"sqlite:///{tmp_path / 'other.db'}"
    assert command(["import", str(tmp_path / "corpus"), "--database", other, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["new"] == 2


def test_without_them_one_file_is_written(told: Database, tmp_path: Path) -> None:
    export(told, tmp_path / "a.jsonl", options=ExportOptions(with_companions=False))
    assert [path.name for path in tmp_path.glob("a.*")] == ["a.jsonl"]
