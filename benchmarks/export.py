"""Rows a second and peak memory of each export, beside what copies the same rows with less work.

    python -m benchmarks.export --articles 1000000 --texts ../shared/load/articles.jsonl.gz

Beside: `sqlite3 .dump` of the two tables that hold the rows (no story, no relation, no JSON), and DuckDB
copying our own Parquet file to JSON and to Parquet (typed and read already). Each runs in a process of
its own, one after the other; reports are left out (`--no-reports`), as in a corpus without an agency.
Exits with 1 if an export takes 400 MB or more.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bulk_corpus import build

MOST_MEMORY = 400
_EXPORT = """
import sys
from pathlib import Path
from storage import open_database
from storage.export import Shape, export
database = open_database(sys.argv[1])
export(database, Path(sys.argv[2]), format=sys.argv[3], shape=Shape(reports=False), text=sys.argv[4])
"""
_DUCKDB = """
import sys, duckdb
duckdb.connect().execute(
    f"COPY (SELECT * FROM '{sys.argv[1]}') TO '{sys.argv[2]}' (FORMAT {sys.argv[3]})"
)
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of wall clock and of processors, megabytes of memory at the peak and of the file."""

    name: str
    wall: float
    processor: float
    memory: float
    size: float


def measure(name: str, command: Sequence[str], out: Path) -> Measured:
    """Run a command to its end."""
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{name} failed")
    return Measured(
        name,
        time.perf_counter() - begun,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss / 1024,
        out.stat().st_size / 2**20,
    )


def run(folder: Path, database: Path) -> list[Measured]:
    """All exports and what they are compared with."""
    url = f"sqlite:///{database}"

    def ours(name: str, out: str, format: str, text: str = "full") -> Measured:
        command = [sys.executable, "-c", _EXPORT, url, str(folder / out), format, text]
        return measure(name, command, folder / out)

    def duckdb(name: str, out: str, format: str) -> Measured:
        source = str(folder / "a.parquet")
        command = [sys.executable, "-c", _DUCKDB, source, str(folder / out), format]
        return measure(name, command, folder / out)

    found = [
        ours("export jsonl", "a.jsonl", "jsonl"),
        ours("export csv", "a.csv", "csv"),
        ours("export parquet", "a.parquet", "parquet"),
        ours("export sqlite", "a.sqlite", "sqlite"),
        ours("export jsonl --text none", "b.jsonl", "jsonl", "none"),
        duckdb("DuckDB COPY to JSON", "d.json", "json"),
        duckdb("DuckDB COPY to Parquet", "d.parquet", "parquet"),
    ]
    if shutil.which("sqlite3"):
        dump = f"sqlite3 -readonly '{database}' '.dump article version' > '{folder / 'dump.sql'}'"
        found.append(measure("sqlite3 .dump", ["sh", "-c", dump], folder / "dump.sql"))
    return found


def main() -> None:
    """Build the corpus, measure, print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--folder", type=Path, help="where the files go [a temporary one]")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        build(folder / "corpus.db", given.texts, given.articles)
        size = (folder / "corpus.db").stat().st_size / 2**20
        found = run(folder, folder / "corpus.db")
    print(f"{given.articles:,} articles, a database of {size:,.0f} MiB\n")
    print("| what | rows/s | processor s | peak MB | file MiB |\n|---|---:|---:|---:|---:|")
    for each in found:
        rate = given.articles / each.wall
        told = f"{rate:,.0f} | {each.processor:.1f} | {each.memory:.0f} | {each.size:,.0f}"
        print(f"| {each.name} | {told} |")
    if any(m.memory >= MOST_MEMORY for m in found if m.name.startswith("export")):
        sys.exit(f"an export took {MOST_MEMORY} MB or more")


if __name__ == "__main__":
    main()
