"""Measures rows a second and peak memory of each export, and of tools that copy the same rows.

    python -m benchmarks.export --articles 1000000 --texts ../shared/load/articles.jsonl.gz

The other tools do less work. `sqlite3 .dump` writes the two tables that hold the rows (no story, no
relation, no JSON). DuckDB copies our own Parquet file to JSON and to Parquet. Each runs in its own
process, one after the other. Reports are left out, as with `--no-reports`. `--more` measures the
other formats too. Exits with 1 if an export takes 400 MB or more.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from benchmarks.bulk_corpus import build

MAX_MEMORY_MB = 400
_EXPORT = """
import sys
from pathlib import Path
from storage import open_database
from storage.export.export import ExportOptions, export
database = open_database(sys.argv[1])
export(database, Path(sys.argv[2]), format=sys.argv[3], options=ExportOptions(with_reports=False), text=sys.argv[4])
"""
_DUCKDB = """
import sys, duckdb
duckdb.connect().execute(
    f"COPY (SELECT * FROM read_parquet('{sys.argv[1]}')) TO '{sys.argv[2]}' (FORMAT {sys.argv[3]})"
)
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Wall-clock and CPU seconds, peak memory in MB, and size of the file in MiB."""

    name: str
    wall_seconds: float
    cpu_seconds: float
    peak_mb: float
    size: float


def measure(name: str, command: Sequence[str], out: Path) -> Measured:
    """Runs a command to its end and measures it. Exits if it fails."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{name} failed")
    return Measured(
        name,
        time.perf_counter() - start,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
        out.stat().st_size / 2**20,
    )


def measure_exports(folder: Path, database: Path, *, all_formats: bool) -> Iterator[Measured]:
    """Measures all exports and the other tools. Removes each output, because it is large."""
    yield _measure_own_export(folder, database, "export jsonl", "jsonl")
    (folder / "jsonl").unlink()
    yield _measure_own_export(folder, database, "export parquet", "parquet")
    source = folder / "parquet"
    for name in ("json", "parquet"):
        out = folder / f"duckdb.{name}"
        command = [sys.executable, "-c", _DUCKDB, str(source), str(out), name]
        yield measure(f"DuckDB COPY to {name}", command, out)
        out.unlink()
    source.unlink()
    if shutil.which("sqlite3"):
        out = folder / "dump.sql"
        dump = f"sqlite3 -readonly '{database}' '.dump article version' > '{out}'"
        yield measure("sqlite3 .dump", ["sh", "-c", dump], out)
        out.unlink()
    for format in ("csv", "sqlite", "jsonl --text none") if all_formats else ():
        yield _measure_own_export(folder, database, f"export {format}", format)
        (folder / format.split()[0]).unlink()


def _measure_own_export(folder: Path, database: Path, name: str, format: str) -> Measured:
    format, _, text = format.partition(" --text ")
    out = folder / format
    command = [_EXPORT, f"sqlite:///{database}", str(out), format, text or "full"]
    return measure(name, [sys.executable, "-c", *command], out)


def row(measured: Measured, articles: int) -> str:
    """Returns a row of the table."""
    rate, cpu_rate = articles / measured.wall_seconds, articles / measured.cpu_seconds
    cells = f"{measured.cpu_seconds:.1f} | {cpu_rate:,.0f} | {measured.peak_mb:.0f} | {measured.size:,.0f}"
    return f"| {measured.name} | {measured.wall_seconds:.1f} | {rate:,.0f} | {cells} |"


def main() -> None:
    """Builds the corpus if it is missing, measures and prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--folder", type=Path, help="keep the corpus here [a temporary folder]")
    parser.add_argument("--more", action="store_true", help="also the other formats")
    parser.add_argument("--longest", type=int, help="cut texts off at so many characters")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        folder = arguments.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        path = folder / f"export{arguments.articles}-{arguments.longest}.db"
        if not path.exists():
            # In its own process, because a child's peak starts at its parent's memory.
            build_arguments = (path, arguments.texts, arguments.articles)
            process = get_context("spawn").Process(
                target=build, args=build_arguments, kwargs={"max_chars": arguments.longest}
            )
            process.start()
            process.join()
        size = path.stat().st_size / 2**20
        cut_note = f", cut off at {arguments.longest:,} characters" if arguments.longest else ""
        print(f"{arguments.articles:,} articles{cut_note}, a database of {size:,.0f} MiB\n")
        print("| what | seconds | rows/s | processor s | rows/processor s | peak MB | file MiB |")
        print("|---|---:|---:|---:|---:|---:|---:|", flush=True)
        results = []
        for measured in measure_exports(folder, path, all_formats=arguments.more):
            print(row(measured, arguments.articles), flush=True)
            results.append(measured)
    if any(
        result.peak_mb >= MAX_MEMORY_MB for result in results if result.name.startswith("export")
    ):
        sys.exit(f"an export took {MAX_MEMORY_MB} MB or more")


if __name__ == "__main__":
    main()
