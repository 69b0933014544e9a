"""Measures the readings and pages of the web view on large databases of invented articles.

    python -m benchmarks.web [--articles N ...] [--keep FOLDER] [--pages ADDRESS ...]
    python -m benchmarks.web --serve --articles N --keep FOLDER

It makes an SQLite file and a PostgreSQL database of each size; `--keep` keeps them in a folder and
uses them again. A million articles take some minutes and up to 9 GB for each. Each database is
measured in a process of its own: 20 requests for each page, 3 for one that takes half a second.
`--serve` only makes the PostgreSQL database of one size, prints its address and serves it until it
is interrupted. The tables go to standard output and to benchmarks/results/web.md.
"""

import argparse
import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.web.corpus import fill
from benchmarks.web.measure import ADDRESSES, measure_pages, measure_readings, resident_mb
from benchmarks.web.postgres import serving
from storage import open_database

RESULT = Path(__file__).parents[1] / "results/web.md"
KINDS = ("sqlite", "postgresql")
_INTRODUCTION = """\
# Readings and pages of the web view

`python -m benchmarks.web`, Python {}, {} processors. Times are milliseconds of the processor's time of
the process and of a PostgreSQL server together, unless the column says otherwise. The server has no
parallel workers. A page has 100 ms at the 95th percentile, a reading 50 ms.
"""
_READINGS_HEAD = """\
| reading | p50 | p95 | p95 of the server | p95, time that passes | statements | reads whole tables |
|---|---:|---:|---:|---:|---:|---|
"""
_PAGES_HEAD = """\
| page | status | p50 | p95 | p95 of the server | p95, time that passes | bytes | gzip | statements | whole tables |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---|
"""


@contextlib.contextmanager
def corpus(folder: Path, kind: str, articles: int) -> Iterator[str]:
    """Yields the URL of a database of that size; makes it in the folder if it is missing."""
    home = folder / f"{kind}-{articles}"
    home.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        if kind == "sqlite":
            url = f"sqlite:///{home / 'nkwire.db'}"
        else:
            folder.chmod(0o755)  # the server runs as another user
            url = stack.enter_context(serving(home))
        if not (folder / f"{kind}-{articles}.complete").exists():
            with open_database(url, seed=1) as database:
                fill(database, articles)
            (folder / f"{kind}-{articles}.complete").touch()
        yield url


def measure(url: str, pages: Sequence[str]) -> dict[str, Any]:
    """Measures a database in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.web", "--measure", url, "--pages", *pages]
    process = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    figures: dict[str, Any] = json.loads(process.stdout)
    return figures


def _measure_here(url: str, pages: Sequence[str]) -> None:
    readings = [asdict(each) for each in measure_readings(url)]
    before = resident_mb()
    found = [asdict(each) for each in measure_pages(url, pages)]
    memory = {"memory_before": before, "memory_after": resident_mb()}
    json.dump({"readings": readings, "pages": found, **memory}, sys.stdout)


def _section(title: str, figures: dict[str, Any]) -> str:
    readings = "".join(
        f"| {each['name']} | {_times(each)} | {each['statements']} | {_scans(each)} |\n"
        for each in figures["readings"]
    )
    pages = "".join(
        f"| `{each['name']}` | {each['status']} | {_times(each)} | {each['raw']:,} |"
        f" {each['gzipped']:,} | {each['statements']} | {_scans(each)} |\n"
        for each in figures["pages"]
    )
    memory = f"{figures['memory_before']:.0f} MB before the pages, {figures['memory_after']:.0f} MB after"
    return (
        f"## {title}\n\n{_READINGS_HEAD}{readings}\n{_PAGES_HEAD}{pages}\n"
        f"Memory of the process: {memory} (client and server).\n"
    )


def _times(each: dict[str, Any]) -> str:
    return " | ".join(f"{time:.1f}" for time in each["times"])


def _scans(each: dict[str, Any]) -> str:
    return "; ".join(f"`{scan}`" for scan in each["full_scans"]) or "none"


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__)
    parser.add_argument("--articles", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--pages", nargs="*", default=ADDRESSES)
    parser.add_argument("--serve", action="store_true")
    parser.add_argument("--measure", metavar="URL")
    return parser.parse_args()


def main() -> None:
    """Runs the benchmark."""
    options = _parse_arguments()
    if options.measure:
        _measure_here(options.measure, options.pages)
        return
    parts = [_INTRODUCTION.format(platform.python_version(), os.cpu_count())]
    with contextlib.ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if options.serve:
            print(
                stack.enter_context(corpus(folder, "postgresql", options.articles[0])), flush=True
            )
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
            return
        for articles in options.articles:
            for kind in options.kinds:
                with corpus(folder, kind, articles) as url:
                    figures = measure(url, options.pages)
                parts.append(_section(f"{articles:,} articles, {kind}", figures))
                print(parts[-1], flush=True)
                RESULT.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
