"""Compares the ways to find the stories of one file: their costs and their stories.

    python -m benchmarks.cluster_import ARTICLES.jsonl.gz [--both 20000] [--alone 100000]
        [--keep FOLDER]

`--both` is the number of articles that are clustered and imported: placed one by one, and stored by
`import --later` and placed by `recluster`. `--alone` is a larger number that is only clustered.
`--keep` keeps the files and measurements, so that an interrupted benchmark can continue. The texts are those of `benchmarks.placement_corpus` (every fourth is an edited copy
of a recent one), half an hour apart, from forty outlets. All commands run in their own processes
with the same seed. The table goes to standard output and to benchmarks/results/cluster_import.md.
"""

import argparse
import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.placement_corpus import OUTLETS, iter_invented_texts, read_sources
from storage import open_database

RESULT = Path(__file__).parent / "results/cluster_import.md"
SEED = 20310506
START = datetime(2015, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class CommandCost:
    """The cost of a command: CPU and wall-clock seconds, and peak memory in MB."""

    cpu: float
    clock: float
    peak: float


def write_corpus(path: Path, articles: Path, count: int) -> None:
    """Writes the file of articles."""
    sources = read_sources(articles, SEED)
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        for number, invented in enumerate(iter_invented_texts(sources, count, seed=3)):
            row = {
                "id": str(number),
                "url": f"https://{OUTLETS[number % len(OUTLETS)]}.test/{number}",
                "title": f"Headline {number}",
                "text": invented.text,
                "published_at": (START + timedelta(minutes=30 * number)).isoformat(),
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def run_nkwire(*arguments: str) -> CommandCost:
    """Runs `nkwire` with these arguments in a new process. Exits if it fails."""
    start = time.perf_counter()
    environment = os.environ | {"NKWIRE_DEDUP_SEED": str(SEED)}
    child = subprocess.Popen(
        [sys.executable, "-m", "nkwire", *arguments], env=environment, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"nkwire {arguments[0]} ended with {child.returncode}")
    wall_seconds = time.perf_counter() - start
    # A child's peak starts at its parent's memory. This process uses little.
    return CommandCost(usage.ru_utime + usage.ru_stime, wall_seconds, usage.ru_maxrss / 1024)


def load_stories(database: Path) -> set[frozenset[str]]:
    """Returns the stories of two or more articles in the database, as ids of the file."""
    with open_database(f"sqlite:///{database}") as opened:
        stories = (
            frozenset(member.url.rpartition("/")[2] for member in story.members)
            for story in opened.stories.iter()
            if len(story.members) > 1
        )
        return set(stories)


def measure_cluster(source: Path, home: Path, count: int) -> CommandCost:
    """Measures `nkwire cluster` on `count` articles, or reads the measurement kept in `home`."""
    result_file = home / f"{count}.cluster.json"
    if not result_file.exists():
        corpus, groups = home / f"{count}.jsonl.gz", home / f"{count}.groups.json"
        command = [sys.executable, "-m", "benchmarks.cluster_import", str(source)]
        subprocess.run([*command, "--both", str(count), "--write", str(corpus)], check=True)
        cost = run_nkwire("cluster", str(corpus), "--groups", str(groups), "--seed", str(SEED))
        result_file.write_text(json.dumps(asdict(cost)), encoding="utf-8")
    return CommandCost(**json.loads(result_file.read_text(encoding="utf-8")))


def measure_imports(corpus: Path, home: Path, count: int) -> tuple[str, set[frozenset[str]]]:
    """Measures both ways to import the file; returns their rows and the stories.

    Exits if the two ways give other stories.
    """
    at_once, later = home / f"{count}.db", home / f"{count}.later.db"
    for database in (at_once, later):
        database.unlink(missing_ok=True)
    steps = {
        "import": run_nkwire("import", str(corpus), "--database", f"sqlite:///{at_once}"),
        "import --later": run_nkwire(
            "import", "--later", str(corpus), "--database", f"sqlite:///{later}"
        ),
        "recluster": run_nkwire("recluster", "--json", "--database", f"sqlite:///{later}"),
    }
    stories = load_stories(at_once)
    if load_stories(later) != stories:
        raise SystemExit("import --later and recluster gave other stories than import")
    return "".join(row(name, count, cost) for name, cost in steps.items()), stories


def row(name: str, count: int, cost: CommandCost) -> str:
    """Returns a row of the table."""
    cpu_ms = cost.cpu / count * 1000
    return (
        f"| `nkwire {name}` | {count:,} | {cost.cpu:,.0f} | {cost.clock:,.0f} | {cpu_ms:.2f}"
        f" | {cost.peak:,.0f} |\n"
    )


def main() -> None:
    """Measures, prints the table and writes it to RESULT."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("source", type=Path)
    parser.add_argument("--both", type=int, default=20_000)
    parser.add_argument("--alone", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    if arguments.write:
        write_corpus(arguments.write, arguments.source, arguments.both)
        return
    with tempfile.TemporaryDirectory() as folder:
        home = arguments.keep or Path(folder)
        rows = row(
            "cluster", arguments.alone, measure_cluster(arguments.source, home, arguments.alone)
        )
        rows += row(
            "cluster", arguments.both, measure_cluster(arguments.source, home, arguments.both)
        )
        corpus = home / f"{arguments.both}.jsonl.gz"
        imported, database_stories = measure_imports(corpus, home, arguments.both)
        rows += imported
        groups = json.loads((home / f"{arguments.both}.groups.json").read_text(encoding="utf-8"))
        file_stories = {frozenset(group) for group in groups}
    result = f"""# One file, clustered and imported

`python -m benchmarks.cluster_import ARTICLES.jsonl.gz --both {arguments.both} --alone {arguments.alone}`: Python
{platform.python_version()}, one process each, one seed; CPU and clock in seconds, on a machine with several times as many runnable
processes as cores.

| command | articles | CPU | clock | CPU ms an article | peak MB |
|---|--:|--:|--:|--:|--:|
{rows}
Stories of two or more among the {arguments.both:,}: {len(file_stories):,} by the file, {len(database_stories):,} by the database,
{len(file_stories & database_stories):,} in both. `import --later` and `recluster` gave the same stories as `import`.
"""
    RESULT.write_text(result, encoding="utf-8")
    print(result)


if __name__ == "__main__":
    main()
