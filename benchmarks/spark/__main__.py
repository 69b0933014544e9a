"""Compares `nkwire cluster --engine spark` with one process: CPU for each text, and the files.

    python -m benchmarks.spark articles.jsonl.gz [--texts 20000 60000] [--cores 1 2]

Takes the articles of the file and, where there are too few, variants of them: reprinted, cut, edited,
joined with another one. Both write stories, relations and reports, which must be the same bytes. CPU
is that of all processes, also Java's: starting, compiling and collecting garbage are counted. The
table goes to standard output and to benchmarks/results/spark.md.
"""

import argparse
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

RESULT = Path(__file__).parents[1] / "results/spark.md"
ROOT = Path(__file__).parents[2]
_OUTPUTS = ("groups", "relations", "reports")
_TICKS = os.sysconf("SC_CLK_TCK")
_SAMPLE_SECONDS = 0.25
_PARTS = 8


@dataclass(frozen=True)
class Run:
    """What a run cost. `cpu`: seconds by the name of the program. `files`: what it wrote."""

    name: str
    seconds: float
    cpu: Mapping[str, float]
    articles: str
    files: tuple[bytes, ...]


def read_articles(path: Path, count: int) -> Iterator[dict[str, Any]]:
    """Yields this many articles: those of the file, then variants of them."""
    with gzip.open(path, "rb") as file:
        known = [json.loads(line) for line in islice(file, count)]
    yield from known
    chance = random.Random(7)
    for number in range(count - len(known)):
        row = dict(chance.choice(known))
        text = str(row.get("text") or "")
        change = number % 4
        if change == 1:
            text = text[: len(text) * chance.randrange(40, 95) // 100]
        elif change == 2:
            words = text.split(" ")
            for place in range(0, len(words), 15):
                words[place] = f"edited{chance.randrange(999)}"
            text = " ".join(words)
        elif change == 3:
            text = f"{text[: len(text) // 2]} {chance.choice(known).get('text') or ''}"
        yield row | {"id": f"variant-{number}", "url": f"{row['url']}#{number}", "text": text}


def write_parts(folder: Path, path: Path, count: int) -> None:
    """Writes the articles as a folder of files, as users of Spark have them."""
    folder.mkdir()
    files = [(folder / f"part-{part}.jsonl").open("w", encoding="utf-8") for part in range(_PARTS)]
    for number, row in enumerate(read_articles(path, count)):
        files[number * _PARTS // count].write(json.dumps(row) + "\n")
    for file in files:
        file.close()


def run(name: str, source: Path, options: Sequence[str], master: str = "") -> Run:
    """Runs `nkwire cluster` in a process of its own. Raises RuntimeError if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        out = [Path(folder) / each for each in _OUTPUTS]
        words = [word for path in out for word in (f"--{path.name}", str(path))]
        command = [sys.executable, str(ROOT / "nkwire.py"), "cluster", str(source), "--seed", "7"]
        environment = os.environ | {
            "PYTHONPATH": str(ROOT),
            "PYSPARK_SUBMIT_ARGS": f"--master {master} --driver-memory 2g pyspark-shell",
            "SPARK_LOCAL_IP": "127.0.0.1",
        }
        started = time.perf_counter()
        with (Path(folder) / "notes").open("w+") as notes:
            process = subprocess.Popen(
                [*command, *words, *options], stderr=notes, env=environment, cwd=ROOT
            )
            cpu: Counter[str] = Counter()
            while process.poll() is None:
                cpu |= count_cpu(process.pid)
                time.sleep(_SAMPLE_SECONDS)
            seconds = time.perf_counter() - started
            notes.seek(0)
            said = notes.read().splitlines()
        if process.returncode not in (0, 3):
            raise RuntimeError(f"{name}: {said[-1:]}")
        [articles] = [line for line in said if " articles, " in line]
        return Run(name, seconds, cpu, articles, tuple(path.read_bytes() for path in out))


def count_cpu(root: int) -> Counter[str]:
    """Returns the CPU seconds of a process and all below it by program, ended ones with the rest."""
    parents: dict[int, int] = {}
    used: dict[int, tuple[str, float]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, tail = status.read_text().rpartition(")")
        except OSError:
            continue
        pid, name, fields = int(status.parent.name), head.partition("(")[2], tail.split()
        parents[pid] = int(fields[1])
        used[pid] = name, sum(map(int, fields[11:15])) / _TICKS
    total: Counter[str] = Counter()
    for pid, (name, seconds) in used.items():
        above = pid
        while above not in (root, 0):
            above = parents.get(above, 0)
        if above == root:
            total["Java" if name == "java" else "Python"] += seconds  # type: ignore[assignment]
    return total


def table(count: int, runs: Sequence[Run]) -> Iterator[str]:
    """Yields the rows of the table; the first run is the one to compare with."""
    reference = runs[0]
    for each in runs:
        total = sum(each.cpu.values())
        shares = ", ".join(f"{name} {seconds:.0f}" for name, seconds in sorted(each.cpu.items()))
        same = (
            "reference"
            if each is reference
            else "same"
            if each.files == reference.files
            else "OTHER"
        )
        yield (
            f"| {count:,} | {each.name} | {each.seconds:.0f} | {total:.0f} ({shares}) |"
            f" {1000 * total / count:.2f} | {count / total:.0f} |"
            f" {total / sum(reference.cpu.values()):.1f} | {same} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--texts", type=int, nargs="+", default=[20_000, 60_000])
    parser.add_argument("--cores", type=int, nargs="+", default=[1, 2])
    arguments = parser.parse_args()
    words = " ".join(
        f"--{name} {' '.join(map(str, getattr(arguments, name)))}" for name in ("texts", "cores")
    )
    lines = [
        "# Spark",
        "",
        f"`python -m benchmarks.spark articles.jsonl.gz {words}`: stories, relations and reports of a",
        f"folder of {_PARTS} files; load of the machine at the start {os.getloadavg()[0]:.1f}, so that clocks say",
        "little. CPU is that of all processes; Java's start and its compiler are in it. The rate is texts",
        "for each second of CPU.",
        "",
        "| texts | engine | seconds | CPU seconds | CPU ms a text | texts a second and core | x one process | files |",
        "|--:|---|--:|--:|--:|--:|--:|---|",
    ]
    for count in arguments.texts:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "docs"
            write_parts(source, arguments.articles, count)
            runs = [run("one process", source, ["--jobs", "1"])]
            for cores in arguments.cores:
                name = f"local[{cores}]"
                runs.append(run(name, source, ["--engine", "spark"], name))
        lines += table(count, runs)
        print("\n".join(lines), flush=True)
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if any(line.endswith("| OTHER |") for line in lines):
        raise SystemExit("Spark wrote other files than one process")


if __name__ == "__main__":
    main()
