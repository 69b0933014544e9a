"""Measures how fast reports are read, and what keeping them costs a batch of articles.

    python -m benchmarks.kept_reports [--sizes 10000 1000000] [--before CHECKOUT]

The databases are SQLite. They hold invented articles, 274 a day, of which one in ten carries a
report; each report has four articles in three stories. Rows are written without deduplication. The
reports are then worked out as after an import. `--before`: a checkout of a version that kept no
reports; the same measurements run there, in databases that it made. Each measurement has its own
process and is the median of several calls. The table goes to standard output and to
benchmarks/results/kept_reports.md.
"""

import argparse
import contextlib
import json
import os
import platform
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from storage import Database, open_database
from storage.records import Article
from storage.reports.carriage import load_carriage

RESULT = Path(__file__).parent / "results/kept_reports.md"
START = datetime(2016, 1, 1, tzinfo=UTC)
ARTICLES_PER_DAY = 274
CARRIER_SHARE = 10
ARTICLES_PER_REPORT = 4
OUTLETS = ("agency", "times", "herald", "mirror", "courier", "gazette")
BATCH = 100
LENGTHS = {"day": 1, "week": 7, "year": 365}
CALLS = 5
_VERBS = ("inspected", "opened", "visited", "praised", "tested", "launched", "criticised", "built")
_PLACES = ("Hamhung", "Wonsan", "Sinuiju", "Kaesong", "Chongjin", "Nampho", "Haeju", "Kanggye")


def invent(seed: int, words: int) -> str:
    """Returns words that no other seed has."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices("aeioubdfgklmnprst", k=7)) for _ in range(words))


def make_article(number: int) -> Article:
    """Returns the invented article with this number; each tenth carries a report."""
    at = START + timedelta(days=number / ARTICLES_PER_DAY)
    if number % CARRIER_SHARE:
        text = f"{invent(number, 60)}."
        return Article(
            outlet=OUTLETS[1 + number % 5],
            url=f"https://o.test/{number}",
            title=f"Local news {invent(number, 4)}",
            text=text,
            language="en",
            published_at=at,
        )
    report, part = divmod(number // CARRIER_SHARE, ARTICLES_PER_REPORT)
    news = (
        f"Kim Jong Un {_VERBS[report % 8]} the {invent(report, 2)} works of"
        f" {_PLACES[report // 8 % 8]} and named {100 + report % 9000} {invent(report + 7, 20)}"
    )
    own = invent(10**8 + report * 10 + part % 3, 60)
    text = f"{news}, North Korea's KCNA news agency said on Monday. {own}."
    return Article(
        outlet=OUTLETS[part],
        url=f"https://o.test/{number}",
        title=f"North Korea: {news[:60]}",
        text=text,
        language="en",
        published_at=at,
    )


def fill(path: Path, count: int) -> None:
    """Creates a database of `count` articles with their stories and attributions."""
    url = f"sqlite:///{path}"
    with open_database(url, seed=1) as database:
        database.outlets.declare_ranks({name: 0 if name == "agency" else 9 for name in OUTLETS})
    connection = sqlite3.connect(path, isolation_level=None)
    for setting in ("journal_mode=OFF", "synchronous=OFF", "foreign_keys=OFF"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("BEGIN")
    for number in range(1, count + 1):
        _insert(connection, number, make_article(number))
    connection.execute("COMMIT")
    connection.close()


def _insert(connection: sqlite3.Connection, number: int, article: Article) -> None:
    assert article.published_at is not None
    at = article.published_at.strftime("%Y-%m-%d %H:%M:%S.%f")
    report, part = divmod(number // CARRIER_SHARE, ARTICLES_PER_REPORT)
    is_copy = not number % CARRIER_SHARE and part == 3
    story = (report * ARTICLES_PER_REPORT) * CARRIER_SHARE if is_copy else number
    if is_copy and story == 0:
        is_copy, story = False, number
    if not is_copy:
        connection.execute(
            "INSERT INTO story (id, lead_id, created_at) VALUES (?, ?, ?)", (number, number, at)
        )
    connection.execute(
        "INSERT INTO article (id, outlet, identity, key, url, canonical_url, external_id,"
        " page_class, language, published_at, published_precision, first_seen_at, seen_at,"
        " last_poll_without_at, version_id, story_id)"
        " VALUES (?, ?, ?, '', ?, '', '', 'article', 'en', ?, 'minute', ?, ?, ?, ?, ?)",
        (number, article.outlet, f"u:{number}", article.url, at, at, at, at, number, story),
    )
    connection.execute(
        "INSERT INTO version (id, article_id, content_sha256, page_class, stored_at,"
        " rules_version, title, text, lead, section, language, published_source, published_raw,"
        " rights) VALUES (?, ?, '', 'article', ?, '', ?, ?, '', '', 'en', '', '', '')",
        (number, number, at, article.title, article.text),
    )
    if is_copy:
        connection.execute(
            "INSERT INTO relation (a, b, kind, merges, jaccard, containment_ab, containment_ba,"
            " reason, source) VALUES (?, ?, 'copy', 1, 1, 1, 1, '', ?)",
            (story, number, story),
        )
    if not number % CARRIER_SHARE:
        attributions = _find_attributions(article.title, article.text)
        connection.executemany(
            'INSERT INTO attribution (article_id, agency, kind, field, start, "end", words)'
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(number, *astuple(each)) for each in attributions],
        )


@cache
def _attribution_finder() -> Callable[[str, str], list[Any]]:
    names = ("dedup.attribution.attribution", "dedup.reports.attribution")  # now, and before
    module = next(name for name in names if find_spec(name.rpartition(".")[0]) and find_spec(name))
    finder: Callable[[str, str], list[Any]] = import_module(module).find_attributions
    return finder


def _find_attributions(title: str, text: str) -> list[Any]:
    return _attribution_finder()(title, text)


def keep_reports(path: Path) -> float:
    """Reads all articles and works out all reports; returns the seconds."""
    from storage.reports.working_out import rebuild_reports

    start = time.perf_counter()
    with open_database(f"sqlite:///{path}") as database:
        rebuild_reports(database)
    return time.perf_counter() - start


def measure(path: Path, count: int, lengths: list[str]) -> dict[str, float]:
    """Returns the milliseconds to read each length of time, one report, and to store a batch."""
    middle = START + timedelta(days=int(count / ARTICLES_PER_DAY / 2))
    figures: dict[str, float] = {}
    with open_database(f"sqlite:///{path}") as database:
        for name in lengths:
            days = LENGTHS[name]
            since = max(START, middle - timedelta(days=days // 2))

            def read(since: datetime = since, days: int = days) -> int:
                return len(load_carriage(database, since=since, until=since + timedelta(days=days)))

            figures[name] = _median_ms(read)
            figures[f"{name} reports"] = read()
        if reader := _report_reader(database, middle):
            figures["report"] = _median_ms(reader)
        figures["batch"] = statistics.median(_iter_batch_ms(database, count))
    return figures


def _report_reader(database: Database, middle: datetime) -> Callable[[], object] | None:
    try:
        import storage.reports.working_out  # noqa: F401
    except ImportError:
        return None
    found = load_carriage(database, since=middle, until=middle + timedelta(days=1))[0]
    return lambda: load_carriage(database, report_id=found.id)


def _iter_batch_ms(database: Database, count: int) -> Iterator[float]:
    """Yields the CPU milliseconds to store a batch of new articles, with its reports if kept."""
    work_out: Callable[[Database], Any] = lambda _: None
    with contextlib.suppress(ImportError):
        from storage.reports.working_out import work_out
    for start in range(count + 1, count + 1 + (CALLS + 1) * BATCH, BATCH):
        batch = [make_article(number) for number in range(start, start + BATCH)]
        began = time.process_time()
        database.save(batch)
        work_out(database)
        spent = (time.process_time() - began) * 1000
        if start > count + 1:  # the first batch loads words and weights
            yield spent


def _median_ms(call: Callable[[], object]) -> float:
    times = []
    for _ in range(CALLS):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1000)
        if times[-1] > 20_000:
            break
    return statistics.median(times)


def run_here(arguments: argparse.Namespace) -> None:
    """Runs one step in this process and prints its figures as JSON."""
    path = Path(arguments.path)
    if arguments.step == "fill":
        fill(path, arguments.count)
        print("{}")
    elif arguments.step == "keep":
        print(json.dumps({"keep": keep_reports(path)}))
    else:
        print(json.dumps(measure(path, arguments.count, arguments.lengths)))


def run_step(checkout: Path, step: str, path: Path, count: int, *lengths: str) -> dict[str, float]:
    """Runs a step in a process of its own, with the code of a checkout."""
    command = [sys.executable, __file__, "--step", step, "--path", str(path), "--count", str(count)]
    command += ["--lengths", *lengths] if lengths else []
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    process = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, cwd=checkout, env=environment
    )
    figures: dict[str, float] = json.loads(process.stdout)
    return figures


def _cell(figures: dict[str, float], name: str) -> str:
    return f"{figures[name]:,.1f}" if name in figures else "-"


def main() -> None:
    """Measures, prints the table and writes it to RESULT."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--before", type=Path)
    parser.add_argument("--step")
    parser.add_argument("--path")
    parser.add_argument("--count", type=int)
    parser.add_argument("--lengths", nargs="*", default=list(LENGTHS))
    arguments = parser.parse_args()
    if arguments.step:
        run_here(arguments)
        return
    versions = [("after", Path(__file__).resolve().parents[1])]
    if arguments.before:
        versions.insert(0, ("before", arguments.before.resolve()))
    rows = ""
    for size in arguments.sizes:
        for name, checkout in versions:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "c.db"
                run_step(checkout, "fill", path, size)
                kept = run_step(checkout, "keep", path, size) if name == "after" else {}
                lengths = list(LENGTHS)
                if name == "before" and size > 100_000:
                    lengths.remove("year")
                figures = run_step(checkout, "measure", path, size, *lengths)
            cells = [_cell(figures, each) for each in (*LENGTHS, "report", "batch")]
            seconds = f"{kept['keep']:,.0f}" if kept else "-"
            rows += f"| {size:,} | {name} | {' | '.join(cells)} | {seconds} |\n"
            print(
                rows.splitlines()[-1],
                {k: v for k, v in figures.items() if "reports" in k},
                flush=True,
            )
    result = f"""# Reading reports that are kept

`python -m benchmarks.kept_reports --sizes {" ".join(map(str, arguments.sizes))}{" --before CHECKOUT" if arguments.before else ""}`:
SQLite {sqlite3.sqlite_version}, Python {platform.python_version()}. {ARTICLES_PER_DAY} articles a day, one in {CARRIER_SHARE} carries a
report. Milliseconds, the median of {CALLS} calls of `load_carriage`; a batch of {BATCH} articles in CPU time, with working out its
reports. The last column: seconds to read all articles and to work out all reports from nothing.

| articles | version | a day | a week | a year | a report | a batch | from nothing (s) |
|--:|---|--:|--:|--:|--:|--:|--:|
{rows}"""
    RESULT.write_text(result, encoding="utf-8")
    print(result)


if __name__ == "__main__":
    main()
