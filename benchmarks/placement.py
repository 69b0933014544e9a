"""Measures the cost of placing one article, by the number of articles in the database.

    python -m benchmarks.placement ARTICLES.jsonl.gz [--sizes 10000 1000000] [--keep FOLDER]

`benchmarks.placement_corpus` makes the SQLite databases, within minutes if the extra `fast` is
installed. `--keep` keeps them for the next time. `Database.save` stores new articles of the same
kind, one a transaction and fifty a transaction. The sizes take turns, so that other load on the
machine slows all of them equally. `benchmarks.first_placement` measures the first placement of new
processes and of children of a forkserver, also in turns, and the median counts. CPU is that of the
one process. The table goes to standard output and to benchmarks/results/storage_place.md.
"""

import argparse
import os
import platform
import sqlite3
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import first_placement
from benchmarks.placement_corpus import (
    OUTLETS,
    SCHEME,
    Filler,
    SourceTexts,
    iter_invented_texts,
    read_sources,
)
from storage import Database, open_database
from storage.records import Article

RESULT = Path(__file__).parent / "results/storage_place.md"
ROUND = 100  # articles
PROCESS_STARTS = 5
FIRST_PLACEMENT_METHODS: dict[str, Callable[[Path, str], dict[str, float]]] = {
    "new process": first_placement.measure_new_process,
    "child of the service": first_placement.measure_forkserver_child,
}
SIZE_TABLE_HEAD = """\
| articles held | alone, CPU | alone, clock | of 50, CPU | of 50, clock | database, MB |
|--:|--:|--:|--:|--:|--:|
"""
START_TABLE_HEAD = f"""\
The first placement of a process, in ms, the median of {PROCESS_STARTS}: by itself (open the database, sign, read what waits, find,
compare, write), and with all since the process was asked for (interpreter and modules, which a forkserver has loaded).
The peak is that after {first_placement.MORE} placements more.

| articles held | first of a | CPU | clock | CPU with start | clock with start | peak MB |
|--:|---|--:|--:|--:|--:|--:|
"""


@dataclass
class Bench:
    """A filled database and the costs of saving new articles into it.

    A cost is a pair of CPU and wall-clock milliseconds an article.
    """

    path: Path
    size: int
    single_costs: list[tuple[float, float]] = field(default_factory=list)
    batch_costs: list[tuple[float, float]] = field(default_factory=list)
    start_costs: dict[str, list[dict[str, float]]] = field(default_factory=dict)

    def fill(self, sources: Sequence[SourceTexts]) -> None:
        """Creates the database, unless an earlier call did."""
        marker = self.path.with_suffix(".done")
        if not marker.exists():
            filler = Filler(self.path)
            filler.add(iter_invented_texts(sources, self.size, seed=1))
            filler.write_indexes()
            marker.touch()

    def open(self) -> Database:
        """Opens the database."""
        return open_database(f"sqlite:///{self.path}")

    def run_round(self, database: Database, articles: Sequence[Article]) -> None:
        """Saves half of the articles one by one and the other half in one batch."""
        half = len(articles) // 2
        self.single_costs.append(measure_saves(database, [[each] for each in articles[:half]]))
        self.batch_costs.append(measure_saves(database, [articles[half:]]))


def measure_saves(database: Database, batches: Sequence[Sequence[Article]]) -> tuple[float, float]:
    """Saves the batches. Returns CPU and wall-clock milliseconds an article."""
    cpu, clock = time.process_time(), time.perf_counter()
    saved = sum(len(database.save(batch)) for batch in batches)
    return (
        (time.process_time() - cpu) / saved * 1000,
        (time.perf_counter() - clock) / saved * 1000,
    )


def article(name: str, text: str, number: int = 0) -> Article:
    """Returns a new article. `number` selects its outlet."""
    return Article(
        outlet=OUTLETS[number % len(OUTLETS)],
        url=f"https://new.test/{name}",
        title=f"New {name}",
        text=text,
    )


def new_articles(sources: Sequence[SourceTexts], count: int) -> list[Article]:
    """Returns articles that are not in the filled databases."""
    seed = time.time_ns()
    texts = iter_invented_texts(sources, count, seed)
    return [article(f"{seed}/{n}", invented.text, n) for n, invented in enumerate(texts)]


def measure(benches: Sequence[Bench], sources: Sequence[SourceTexts], rounds: int) -> str:
    """Measures all sizes in turn and returns the tables of the result."""
    articles = new_articles(sources, PROCESS_STARTS + (rounds + 1) * ROUND)
    databases = [bench.open() for bench in benches]
    for start in range(PROCESS_STARTS, len(articles), ROUND):
        for bench, database in zip(benches, databases, strict=True):
            bench.run_round(database, articles[start : start + ROUND])
    for bench in benches:  # the first round only warms up
        del bench.single_costs[0], bench.batch_costs[0]
    for database in databases:
        database.close()
    for each in articles[:PROCESS_STARTS]:
        for bench in benches:
            for process_kind, method in FIRST_PLACEMENT_METHODS.items():
                bench.start_costs.setdefault(process_kind, []).append(method(bench.path, each.text))
    size_rows = "".join(row(bench, benches[0]) for bench in benches)
    start_rows = "".join(
        format_start_row(bench, process_kind)
        for bench in benches
        for process_kind in FIRST_PLACEMENT_METHODS
    )
    return f"{SIZE_TABLE_HEAD}{size_rows}\n{START_TABLE_HEAD}{start_rows}"


def row(bench: Bench, base: Bench) -> str:
    """Returns a row of the first table. `base` is the smallest database."""
    cells = [f"{bench.size:,}"]
    for costs, base_costs in (
        (bench.single_costs, base.single_costs),
        (bench.batch_costs, base.batch_costs),
    ):
        for kind in (0, 1):
            median_ms = median(each[kind] for each in costs)
            cells.append(
                f"{median_ms:.2f} ({median_ms / median(each[kind] for each in base_costs):.2f})"
            )
    cells.append(f"{bench.path.stat().st_size / 2**20:,.0f}")
    return f"| {' | '.join(cells)} |\n"


def format_start_row(bench: Bench, process_kind: str) -> str:
    """Returns a row of the second table. `process_kind` is a key of FIRST_PLACEMENT_METHODS."""
    names = ("cpu", "clock", "whole cpu", "whole clock", "mb")
    medians = [median(each[name] for each in bench.start_costs[process_kind]) for name in names]
    return (
        f"| {bench.size:,} | {process_kind} | {' | '.join(f'{each:,.0f}' for each in medians)} |\n"
    )


def report(sizes: Sequence[int], rounds: int, tables: str) -> str:
    """Returns the result as Markdown."""
    load = f"{os.getloadavg()[1]:.0f} on {os.cpu_count()} cores"
    return f"""# Placing an article

`python -m benchmarks.placement ARTICLES.jsonl.gz --sizes {" ".join(map(str, sizes))}`: SQLite
{sqlite3.sqlite_version}, Python {platform.python_version()}, one process; milliseconds an article, the median of
{rounds} turns of {ROUND // 2} articles, in brackets the ratio to the smallest database of the same run. The machine did
other work meanwhile (load average {load}), which the clock shows more than the CPU time.

{tables}"""


def main() -> None:
    """Measures, prints the tables and writes them to RESULT."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("articles", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--keep", type=Path, help="folder that keeps the filled databases")
    options = parser.parse_args()
    sources = read_sources(options.articles, SCHEME.hash_key)
    with tempfile.TemporaryDirectory() as folder:
        benches = [
            Bench((options.keep or Path(folder)) / f"{size}.db", size) for size in options.sizes
        ]
        for bench in benches:
            bench.fill(sources)
        tables = measure(benches, sources, options.rounds)
    result = report(options.sizes, options.rounds, tables)
    RESULT.write_text(result, encoding="utf-8")
    print(result)


if __name__ == "__main__":
    main()
