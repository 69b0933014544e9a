"""Measures the cost of `recluster` for an article, by the number of articles in the database.

    python -m benchmarks.recluster ARTICLES.jsonl.gz [--sizes 20000 100000]
        [--ways dry stored signed] [--keep FOLDER]

`benchmarks.placement_corpus` makes the SQLite databases. Every fourth article is an edited copy,
and each article is a story of its own. So `recluster` has to find, store and move all copies. Each
run has its own process and its own copy of the database. `dry` is a dry run and `stored` a run that
stores, both with the signatures in the database. `signed` computes all signatures again and stores.
CPU and peak memory are those of the process. The table goes to standard output and to
benchmarks/results/recluster.md.
"""

import argparse
import json
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.memory import peak_memory_mb
from benchmarks.placement_corpus import (
    SCHEME,
    Filler,
    SourceTexts,
    iter_invented_texts,
    read_sources,
)
from storage import open_database

RESULT = Path(__file__).parent / "results/recluster.md"
MODES = {"dry run": "dry", "stored": "stored", "signed anew and stored": "signed"}


def fill(path: Path, size: int, articles: Path) -> None:
    """Creates the database, unless an earlier call did."""
    marker = path.with_suffix(".done")
    if not marker.exists():
        sources: list[SourceTexts] = read_sources(articles, SCHEME.hash_key)
        filler = Filler(path)
        filler.add(iter_invented_texts(sources, size, seed=1))
        filler.write_indexes()
        marker.touch()


def measure(path: str, mode: str) -> dict[str, float]:
    """Measures one run in this process: CPU and wall-clock seconds, peak MB and counts."""
    if mode == "signed":
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE signature SET scheme = 'older'")
        connection.close()
    start, clock = time.process_time(), time.perf_counter()
    with open_database(f"sqlite:///{path}") as database:
        result = database.recluster(dry_run=mode == "dry")
    return {
        "cpu": time.process_time() - start,
        "clock": time.perf_counter() - clock,
        "peak": peak_memory_mb(),
        "articles": result.articles,
        "stories": result.stories_after,
        "moved": len(result.moved),
    }


def measure_in_process(path: Path, mode: str) -> dict[str, float]:
    """Measures one run in a new process."""
    command = [sys.executable, "-m", "benchmarks.recluster", "--measure", str(path), mode]
    process = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(process.stdout)
    return result


def measure_database(
    path: Path, folder: Path, modes: dict[str, str], baseline_ms: dict[str, float]
) -> str:
    """Returns the table rows for one database.

    `baseline_ms` holds the milliseconds an article in the first database, by mode. The first call
    fills it.
    """
    rows = ""
    for name, mode in modes.items():
        copy = Path(shutil.copy(path, folder / "copy.db"))
        result = measure_in_process(copy, mode)
        for file in folder.glob("copy.db*"):
            file.unlink()
        cpu_ms = result["cpu"] / result["articles"] * 1000
        ratio = cpu_ms / baseline_ms.setdefault(mode, cpu_ms)
        rows += (
            f"| {result['articles']:,} | {name} | {result['cpu']:,.0f} | {result['clock']:,.0f}"
            f" | {cpu_ms:.2f} ({ratio:.2f}) | {result['peak']:,.0f}"
            f" | {result['stories']:,} | {result['moved']:,} |\n"
        )
        print(rows.splitlines()[-1], flush=True)
    return rows


def main() -> None:
    """Measures, prints the table and writes it to RESULT."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("articles", type=Path, nargs="?")
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 100_000])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--ways", nargs="+", choices=MODES.values(), default=[*MODES.values()])
    parser.add_argument("--measure", nargs=2)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(*arguments.measure)))
        return
    baseline_ms: dict[str, float] = {}
    modes = {name: mode for name, mode in MODES.items() if mode in arguments.ways}
    with tempfile.TemporaryDirectory() as folder:
        home = arguments.keep or Path(folder)
        table = ""
        for size in arguments.sizes:
            fill(home / f"{size}.db", size, arguments.articles)
            table += measure_database(home / f"{size}.db", Path(folder), modes, baseline_ms)
    sizes = " ".join(map(str, arguments.sizes))
    result = f"""# Everything compared anew

`python -m benchmarks.recluster ARTICLES.jsonl.gz --sizes {sizes} --ways {" ".join(arguments.ways)}`: SQLite {sqlite3.sqlite_version},
Python {platform.python_version()}, one process each; CPU and clock in seconds, in brackets the ratio to the smallest database of
the same run. Every fourth article is an edited copy; each was a story by itself before.

| articles | way | CPU | clock | CPU ms an article | peak MB | stories | moved |
|--:|---|--:|--:|--:|--:|--:|--:|
{table}"""
    RESULT.write_text(result, encoding="utf-8")
    print(result)


if __name__ == "__main__":
    main()
