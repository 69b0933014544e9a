"""Measures how much page requests slow an import into the same database.

    python -m benchmarks.web.writers [--articles N] [--rounds N] [--rate N]

An import of invented articles runs alternately alone and beside a web process that answers a steady
number of requests a second. The tables go to standard output and to benchmarks/results/web_writers.md.
"""

import argparse
import contextlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

from benchmarks.web.articles import iter_articles
from benchmarks.web.corpus import fill
from benchmarks.web.postgres import serving
from storage import open_database

RESULT = Path(__file__).parents[1] / "results/web_writers.md"
CORPUS_SIZE = 10_000
PAGES = (
    *("/", "/reports", "/changes", "/outlets", "/timeline", "/stories"),
    *("/search?q=missile", "/feed/day.atom", "/latency", "/about"),
)
_INTRODUCTION = """\
# An import beside the web process

`python -m benchmarks.web.writers`, Python {python}, {processors} processors. {articles:,} articles are imported
into a database of {corpus:,}, {rounds} times alone and {rounds} times beside a web process that is asked for {rate:g}
pages a second, alternately.

| database | alone, s | beside pages, s | ratio of the medians | answers | p50, ms | p95, ms |
|---|---|---|---:|---|---:|---:|
"""


@dataclass
class Answers:
    """What the web process answered: how often each status, and how long each answer took."""

    statuses: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)


def _write_articles(path: Path, count: int, seed: int) -> None:
    """Writes invented articles that no other seed has, as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for each in iter_articles(count, seed):
            row = {
                "outlet": each.outlet,
                "url": f"{each.url}?seed={seed}",
                "title": each.title,
                "text": f"{each.text} {seed}",
                "language": each.language,
                "published_at": each.published_at and each.published_at.isoformat(),
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _import(url: str, path: Path) -> float:
    """Returns the seconds that an import takes."""
    command = [sys.executable, "-m", "nkwire", "import", str(path), "--database", url]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


@contextlib.contextmanager
def _asking(url: str, rate: float) -> Iterator[Answers]:
    """Asks a web process for `rate` pages a second until the block ends."""
    command = [sys.executable, "-m", "nkwire", "web", "--port", "0", "--database", url]
    web = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    answers, is_over = Answers(), threading.Event()
    port = _read_port(web)
    thread = threading.Thread(target=_ask, args=(port, rate, answers, is_over))
    thread.start()
    try:
        yield answers
    finally:
        is_over.set()
        thread.join()
        web.terminate()
        web.wait(30)


def _read_port(web: "subprocess.Popen[str]") -> int:
    assert web.stdout is not None
    for line in web.stdout:
        if "Listening on " in line:
            return int(line.strip().rstrip("/").rpartition(":")[2])
    raise RuntimeError("the web process ended")


def _ask(port: int, rate: float, answers: Answers, is_over: threading.Event) -> None:
    number = 0
    while not is_over.wait(1 / rate):
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        start = time.perf_counter()
        connection.request("GET", PAGES[number % len(PAGES)])
        answer = connection.getresponse()
        answer.read()
        connection.close()
        answers.statuses[answer.status] += 1
        answers.milliseconds.append(1000 * (time.perf_counter() - start))
        number += 1


def measure(kind: str, url: str, options: argparse.Namespace, folder: Path) -> str:
    """Returns the row of one database."""
    with open_database(url, seed=1) as database:
        fill(database, CORPUS_SIZE)
    alone, beside, statuses, milliseconds = [], [], Counter[int](), list[float]()
    for number in range(options.rounds):
        path = folder / f"{kind}-{number}.jsonl"
        _write_articles(path, options.articles, 100 + 2 * number)
        alone.append(_import(url, path))
        _write_articles(path, options.articles, 101 + 2 * number)
        with _asking(url, options.rate) as answers:
            beside.append(_import(url, path))
        statuses += answers.statuses
        milliseconds += answers.milliseconds
    ratio = statistics.median(beside) / statistics.median(alone)
    cuts = statistics.quantiles(milliseconds, n=20)
    told = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    times = [" ".join(f"{each:.1f}" for each in row) for row in (alone, beside)]
    return f"| {kind} | {times[0]} | {times[1]} | {ratio:.2f} | {told} | {cuts[9]:.0f} | {cuts[18]:.0f} |\n"


def main() -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web.writers", description=__doc__)
    parser.add_argument("--articles", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=2)
    options = parser.parse_args()
    table = _INTRODUCTION.format(
        python=platform.python_version(),
        processors=os.cpu_count(),
        articles=options.articles,
        corpus=CORPUS_SIZE,
        rounds=options.rounds,
        rate=options.rate,
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server runs as another user
        table += measure("SQLite", f"sqlite:///{folder / 'nkwire.db'}", options, folder)
        home = folder / "postgresql"
        home.mkdir()
        with serving(home) as url:
            table += measure("PostgreSQL", url, options, folder)
    print(table)
    RESULT.write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
