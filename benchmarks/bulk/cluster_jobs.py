"""Compares `nkwire cluster` in one and in several processes: their costs and their groups.

    python -m benchmarks.bulk.cluster_jobs ARTICLES.jsonl.gz [--sizes 20000 60000] [--jobs 1 2]
        [--recluster 20000] [--result cluster_jobs] [--keep FOLDER]

The texts are made of the words of real articles (JSON lines with `title` and `text`) and have their
lengths. Of eight texts, five are unrelated to all others; one is a recent one cut short, one a recent
one edited, and one a recent one reprinted. Each command runs in processes of its own, one after the
other, with the same seed. "first" is the CPU time of the process that reads, finds candidates and
writes: it is the part that more processes do not make quicker. `--recluster`: so many of the texts
are also imported without being placed (`import --later`), if this nkwire can, and then reclustered
with each number of jobs. `--keep`: keeps the files, so that the texts are made only once.

A million texts: `--sizes 1000000 --jobs 2 --recluster 0 --result cluster_million`. The texts take
some 2 minutes and 1.5 GB. The table goes to standard output and to benchmarks/results/RESULT.md.
"""

import argparse
import gzip
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "results"
SEED = 20310506
START = datetime(2000, 1, 1, tzinfo=UTC)
_OUTLETS = 40
_MIN_WORDS, _MAX_WORDS = 60, 1500
_RECENT = 200
_WORDS_PER_RUN = 3
_EDITED_EVERY = 15
_SECONDS_BETWEEN_LOOKS = 0.2
_TEN_MILLION, _CORES = 10_000_000, 16


@dataclass(frozen=True)
class Cost:
    """The cost of a command: CPU seconds, those of its first process, clock, and peak MB."""

    cpu: float
    first: float
    clock: float
    peak: float


Measure = Callable[[int], tuple[Cost, list[bytes]]]
"""Measures a command with a number of jobs, and returns its outputs."""


def iter_texts(source: Path, count: int) -> Iterator[str]:
    """Yields so many texts. The same source gives the same texts."""
    with gzip.open(source, "rt", encoding="utf-8") as file:
        articles = [json.loads(line)["text"].split() for line in file]
    words = [word for article in articles for word in article]
    lengths = [min(max(len(article), _MIN_WORDS), _MAX_WORDS) for article in articles]
    chosen = random.Random(SEED)
    recent: deque[list[str]] = deque(maxlen=_RECENT)
    for number in range(count):
        kind = number % 8
        if kind < 5:
            starts = chosen.choices(
                range(len(words) - _WORDS_PER_RUN), k=chosen.choice(lengths) // _WORDS_PER_RUN
            )
            text = [word for at in starts for word in words[at : at + _WORDS_PER_RUN]]
            recent.append(text)
        else:
            text = list(chosen.choice(recent))
        if kind == 5:
            del text[int(len(text) * chosen.uniform(0.6, 0.95)) :]
        elif kind == 6:
            text[::_EDITED_EVERY] = chosen.choices(words, k=len(text[::_EDITED_EVERY]))
        yield " ".join(text)


def make_corpus(path: Path, source: Path, count: int) -> None:
    """Makes the file of articles in a process of its own, unless it is there.

    The peak memory of a process starts at that of the process that starts it.
    """
    if not path.exists():
        command = [sys.executable, "-m", "benchmarks.bulk.cluster_jobs", str(source)]
        subprocess.run([*command, "--sizes", str(count), "--write", str(path)], check=True)


def write_corpus(path: Path, source: Path, count: int) -> None:
    """Writes the file of articles."""
    unfinished = path.with_suffix(".part")
    with gzip.open(unfinished, "wt", encoding="utf-8", compresslevel=1) as file:
        for number, text in enumerate(iter_texts(source, count)):
            row = {
                "id": str(number),
                "url": f"https://outlet{number % _OUTLETS}.test/{number}",
                "title": f"Headline {number}",
                "text": text,
                "published_at": (START + timedelta(minutes=10 * number)).isoformat(),
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    unfinished.rename(path)


def run_nkwire(*arguments: str) -> Cost:
    """Runs `nkwire` with these arguments in new processes. Exits if it fails."""
    environment = os.environ | {"NKWIRE_DEDUP_SEED": str(SEED)}
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", "nkwire", *arguments], env=environment)
    first = 0.0
    while True:
        first = _own_cpu(child.pid) or first
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"nkwire {arguments[0]} ended with {child.returncode}")
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(cpu, first, time.perf_counter() - start, usage.ru_maxrss / 1024)


def _own_cpu(pid: int) -> float:
    """Returns the CPU seconds of a process without its children, 0 if it has ended."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_cluster(corpus: Path, outputs: Sequence[str], jobs: int) -> tuple[Cost, list[bytes]]:
    """Returns the cost of clustering a file, and the bytes of the outputs."""
    files = [corpus.with_name(f"{name}.{jobs}") for name in outputs]
    wanted = [
        each for name, file in zip(outputs, files, strict=True) for each in (f"--{name}", str(file))
    ]
    cost = run_nkwire("cluster", str(corpus), *wanted, "--jobs", str(jobs))
    return cost, [file.read_bytes() for file in files]


def measure_recluster(database: Path, jobs: int) -> tuple[Cost, list[bytes]]:
    """Returns the cost of reclustering a copy of a database, and its stories."""
    copy = Path(shutil.copy(database, database.with_suffix(f".{jobs}.db")))
    cost = run_nkwire("recluster", "--database", f"sqlite:///{copy}", "--jobs", str(jobs))
    stories = copy.with_suffix(".csv")
    run_nkwire("export", str(stories), "--database", f"sqlite:///{copy}")
    found = stories.read_bytes()
    for file in copy.parent.glob(f"{copy.stem}.*"):
        file.unlink()
    return cost, [found]


def row(name: str, count: int, jobs: int, cost: Cost, base: Cost, same: str) -> str:
    """Returns a row of the table. `base`: the cost with the first number of jobs."""
    cpu_ms, first_ms = cost.cpu / count * 1000, cost.first / count * 1000
    line = (
        f"| {name} | {count:,} | {jobs} | {cost.cpu:,.1f} | {cpu_ms:.2f} | {first_ms:.2f}"
        f" | {cost.clock:,.1f} | {base.clock / cost.clock:.2f} | {cost.peak:,.0f} | {same} |\n"
    )
    print(line, end="", flush=True)
    return line


def compare_jobs(name: str, count: int, jobs: Sequence[int], measure: Measure) -> tuple[str, Cost]:
    """Returns the rows of one command and size, and the cost with the last number of jobs."""
    base, expected = measure(jobs[0])
    lines = row(name, count, jobs[0], base, base, "reference" if len(jobs) > 1 else "not compared")
    cost = base
    for number in jobs[1:]:
        cost, found = measure(number)
        lines += row(name, count, number, cost, base, "yes" if found == expected else "NO")
    return lines, cost


def extrapolate(count: int, cost: Cost) -> str:
    """Returns what ten million texts would take on 16 cores, if all costs grow with the texts."""
    seconds = max(cost.first, cost.cpu / _CORES) / count * _TEN_MILLION
    bound = "the first process" if cost.first > cost.cpu / _CORES else "the cores"
    return (
        f"Ten million texts on {_CORES} cores, if all costs grow with the number of texts from those"
        f" of {count:,}: {seconds / 60:,.0f} minutes, bounded by {bound}"
        f" (first process {cost.first / count * 1000:.3f} ms a text, all"
        f" {cost.cpu / count * 1000:.3f} ms of CPU a text). Not measured.\n"
    )


def can_import_later() -> bool:
    """Returns whether `nkwire import` can store articles without placing them."""
    command = [sys.executable, "-m", "nkwire", "import", "--help"]
    return "--later" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


def main() -> None:
    """Measures, prints the table and writes it to RESULTS."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("articles", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[20_000, 60_000])
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--outputs", nargs="+", default=["groups", "reports"])
    parser.add_argument("--recluster", type=int, default=20_000)
    parser.add_argument("--result", default="cluster_jobs")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    if arguments.write:
        write_corpus(arguments.write, arguments.articles, arguments.sizes[0])
        return
    rows, ending = "", ""
    with tempfile.TemporaryDirectory() as folder:
        home = arguments.keep or Path(folder)
        home.mkdir(exist_ok=True)
        for size in arguments.sizes:
            corpus = home / f"{size}.jsonl.gz"
            make_corpus(corpus, arguments.articles, size)
            lines, cost = compare_jobs(
                "cluster",
                size,
                arguments.jobs,
                partial(measure_cluster, corpus, arguments.outputs),
            )
            rows += lines
            ending = extrapolate(size, cost)
        if arguments.recluster and can_import_later():
            corpus = home / f"{arguments.recluster}.jsonl.gz"
            make_corpus(corpus, arguments.articles, arguments.recluster)
            database = home / "later.db"
            database.unlink(missing_ok=True)
            imported = run_nkwire(
                "import", str(corpus), "--later", "--database", f"sqlite:///{database}"
            )
            rows += row("import --later", arguments.recluster, 1, imported, imported, "-")
            rows += compare_jobs(
                "recluster",
                arguments.recluster,
                arguments.jobs,
                partial(measure_recluster, database),
            )[0]
    sizes, jobs = (" ".join(map(str, each)) for each in (arguments.sizes, arguments.jobs))
    result = f"""# One process and several

`python -m benchmarks.bulk.cluster_jobs ARTICLES.jsonl.gz --sizes {sizes} --jobs {jobs} --outputs {" ".join(arguments.outputs)}
--recluster {arguments.recluster}`: Python {platform.python_version()}, {len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[1]:.1f} at the end; CPU and clock in seconds,
CPU of all processes and of the first one in milliseconds a text. "times": the clock of the first
row over that of this one. "same": whether the outputs are those of the first row, byte for byte.

| command | texts | jobs | CPU | ms a text | of it first | clock | times | peak MB of one | same |
|---|--:|--:|--:|--:|--:|--:|--:|--:|---|
{rows}
{ending}"""
    (RESULTS / f"{arguments.result}.md").write_text(result, encoding="utf-8")
    print(result)
    if "| NO |" in rows:
        raise SystemExit("the outputs differ")


if __name__ == "__main__":
    main()
