import csv
import gzip
import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import duckdb
import pyarrow.dataset
import pyarrow.parquet
import pytest

from storage import Database, open_database
from storage.export.export import ExportFormat, ExportOptions, export
from storage.export.formats import csv_format as table
from storage.export.formats.output_files import import_zstd
from storage.records import Article
from storage.snapshots.create import SnapshotRequest, create_snapshot

DOCS = Path(__file__).parents[3] / "docs/exporting.md"
SAME = None
# What a page may say, and what is held of it if that is not the same.
CASES: dict[str, tuple[str, str | None]] = {
    "formula": ('=HYPERLINK("http://x.example")', SAME),
    "command": ("=cmd|' /C calc'!A0", SAME),
    "plus": ("+1+1", SAME),
    "minus": ("-2+3", SAME),
    "at": ("@SUM(A1)", SAME),
    "full-width formula": ("＝1+1", SAME),
    "apostrophe": ("'=1", SAME),
    "quotes": ('", "; \'\n"x"', SAME),
    "ANSI escape": ("red \x1b[31m text \x1b]0;title\x07", "red [31m text ]0;title"),
    "NUL": ("a\0b", "ab"),
    "lone surrogate": ("half \ud83d pair", "half \ufffd pair"),
    "non-character": ("a\ufffe\uffffb", "a\ufffd\ufffdb"),
    "right-to-left": ("a \u202etxt.exe\u200f", "a txt.exe"),
    "line ends": ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
    "path": ("../../etc/passwd", SAME),
    "markup": ("<script>alert(1)</script> ]]> &amp;", SAME),
    "SQL": ("'); DROP TABLE articles; --", SAME),
    "emoji": ("👩\u200d👩\u200d👧 🇰🇵", SAME),
    "5 MB": ("긴본문다" * 450_000, SAME),
}
Rows: TypeAlias = list[tuple[str, str, str]]
Read: TypeAlias = Callable[[Database, Path], Rows]


def in_one_line(words: str) -> str:
    return " ".join(words.split())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One article of each case, with it as outlet, title and text."""
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('hostile') / 'nkwire.db'}")
    database.save(
        [
            Article(
                outlet=f"{n} {words[:50]}",
                url=f"https://example.org/{n}",
                title=words[:200],
                text=words,
                authors=(words[:50],),
                language="en",
            )
            for n, (words, _) in enumerate(CASES.values())
        ]
    )
    yield database
    database.close()


def exported(database: Database, out: Path, format: ExportFormat = "jsonl", **how: Any) -> Path:
    export(database, out, format=format, **how)
    return out


def from_lines(data: bytes) -> Rows:
    return [
        (row["outlet"], row["title"], row["text"]) for row in map(json.loads, data.splitlines())
    ]


def from_arrow(read: Any) -> Rows:
    return [(row["outlet"], row["title"], row["text"]) for row in read.to_pylist()]


def from_jsonl(database: Database, folder: Path) -> Rows:
    return from_lines(exported(database, folder / "a.jsonl").read_bytes())


def from_gzip(database: Database, folder: Path) -> Rows:
    return from_lines(gzip.decompress(exported(database, folder / "a.jsonl.gz").read_bytes()))


def from_zstd(database: Database, folder: Path) -> Rows:
    return from_lines(
        import_zstd().decompress(exported(database, folder / "a.jsonl.zst").read_bytes())
    )


def from_stories(database: Database, folder: Path) -> Rows:
    return from_lines(exported(database, folder / "a.jsonl", collapse=True).read_bytes())


def from_csv(database: Database, folder: Path) -> Rows:
    csv.field_size_limit(10_000_000)
    out = exported(database, folder / "a.csv", "csv", options=ExportOptions(bom=True))
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        assert not [cell for cell in row.values() if re.match("[=+\\-@\t\r＝＋－＠]", cell)]
    return [
        (
            table.unescape_formula(row["outlet"]),
            table.unescape_formula(row["title"]),
            table.unescape_formula(row["text"]),
        )
        for row in rows
    ]


def from_parquet(database: Database, folder: Path) -> Rows:
    return from_arrow(
        pyarrow.parquet.read_table(exported(database, folder / "a.parquet", "parquet"))
    )


def from_duckdb(database: Database, folder: Path) -> Rows:
    out = exported(database, folder / "a.parquet", "parquet")
    return (
        duckdb.connect().execute(f"SELECT outlet, title, text FROM '{out}' ORDER BY id").fetchall()
    )


def from_partitions(database: Database, folder: Path) -> Rows:
    out = exported(database, folder / "a", "parquet", options=ExportOptions(partition=True))
    # Long names are shortened in paths, so the outlet is told by its number.
    read = pyarrow.dataset.dataset(out, partitioning="hive").to_table().to_pylist()
    names = {row.url: row.outlet for row in database.articles.iter()}
    return [
        (names[row["url"]], row["title"], row["text"])
        for row in sorted(read, key=lambda r: r["id"])
    ]


def from_sqlite(database: Database, folder: Path) -> Rows:
    connection = sqlite3.connect(exported(database, folder / "a.sqlite", "sqlite"))
    try:
        asked = "SELECT outlet, title, text FROM articles ORDER BY id"
        return connection.execute(asked).fetchall()
    finally:
        connection.close()


def from_datasets(database: Database, folder: Path) -> Rows:
    out = exported(database, folder / "a", "datasets")
    return from_arrow(pyarrow.parquet.read_table(out / "data/articles-00000.parquet"))


def from_snapshot(database: Database, folder: Path) -> Rows:
    create_snapshot(database, folder / "a", SnapshotRequest(name="a", title=CASES["formula"][0]))
    return from_lines(gzip.decompress((folder / "a/data/articles.jsonl.gz").read_bytes()))


READERS: dict[str, Read] = {
    "jsonl": from_jsonl,
    "jsonl.gz": from_gzip,
    "jsonl.zst": from_zstd,
    "jsonl, stories": from_stories,
    "csv": from_csv,
    "parquet, pyarrow": from_parquet,
    "parquet, duckdb": from_duckdb,
    "parquet, partitions": from_partitions,
    "sqlite": from_sqlite,
    "datasets": from_datasets,
    "snapshot": from_snapshot,
}


@pytest.fixture(scope="module", params=READERS)
def come_out(
    request: pytest.FixtureRequest, hostile: Database, tmp_path_factory: pytest.TempPathFactory
) -> Rows:
    """What a reader finds in one format."""
    folder = tmp_path_factory.mktemp("out")
    rows = READERS[request.param](hostile, folder)
    assert not [p for p in folder.iterdir() if not p.name.startswith("a")]
    return rows


@pytest.mark.threats("S16", "S17")
@pytest.mark.parametrize("case", CASES)
def test_hostile_words_come_out_of_every_format_harmless_and_else_unchanged(
    come_out: Rows, case: str
) -> None:
    given, stored = CASES[case]
    held = given if stored is None else stored
    outlet, title, text = come_out[list(CASES).index(case)]
    assert text == held
    assert title == in_one_line(held[:200])
    name = given if case == "right-to-left" else held  # names stay what they are
    assert outlet.split(" ", 1)[1] == in_one_line(name[:50])


def test_the_page_tells_of_every_case() -> None:
    said = DOCS.read_text(encoding="utf-8")
    assert [case for case in CASES if f"| {case} |" not in said] == []
