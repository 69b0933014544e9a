"""Fills the databases and folders that the tasks start from."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from benchmarks.soak import mock_press
from benchmarks.soak.outlets import make_outlet
from benchmarks.storm.place import Place
from benchmarks.web.articles import iter_articles
from crawler.crawl.options import CrawlOptions
from crawler.processes.run import crawl
from dedup.records import DecisionVerb
from storage import Database, open_database
from storage.export.export import export
from storage.records import Article, Capture, RunOutcome
from storage.reports.working_out import work_out
from storage.tables.articles import decision

SEED = 1
ARTICLES = 90
EDITED = 12
PAGES = 16
"""Pages of one outlet of the press."""
OUTLETS = 3
_GAP_SECONDS = 600.0
PRESS = mock_press.Plan(
    # The pages are of the first hours of 2026, so that each run of the storm reads the same ones.
    begin=datetime(2026, 1, 1, tzinfo=UTC).timestamp(),
    outlets=OUTLETS,
    gap=_GAP_SECONDS,
    faults_until=-1.0,
    news_until=(PAGES - 1) * _GAP_SECONDS,
)


def iter_invented(count: int = ARTICLES) -> Iterator[Article]:
    """Yields articles in order of time, some of which were edited an hour later."""
    articles = list(iter_articles(count, SEED))
    yield from articles
    for each in articles[:: count // EDITED]:
        assert each.capture
        later = Capture(each.url, each.capture.fetched_at + timedelta(hours=1), 200)
        yield replace(each, text=f"{each.text} A correction was added.", capture=later)


def open_place(place: Place) -> Database:
    """Opens the database of a place."""
    return open_database(place.url, seed=SEED, patience=60)


def make_empty(place: Place) -> None:
    """Makes the tables."""
    open_place(place).close()


def fill(place: Place) -> None:
    """Saves the invented articles and works out their reports."""
    with open_place(place) as database:
        articles = list(iter_invented())
        for start in range(0, len(articles), 30):
            database.save(articles[start : start + 30])
        work_out(database)


def make_foreign_file(place: Place) -> None:
    """Writes a file of articles as another project has them, and makes the tables."""
    make_empty(place)
    with (place.folder / "articles.jsonl").open("w", encoding="utf-8") as file:
        for each in iter_articles(ARTICLES, SEED):
            row = {
                "outlet": each.outlet,
                "url": each.url,
                "title": each.title,
                "text": each.text,
                "language": each.language,
                "published_at": each.published_at and each.published_at.isoformat(),
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def make_own_export(place: Place) -> None:
    """Writes an export of a filled database, and makes the tables of an empty one."""
    make_empty(place)
    other = replace(place, url=f"sqlite:///{place.folder}/source.db")
    fill(other)
    with open_place(other) as database:
        export(database, place.folder / "own.jsonl", format="jsonl")
    for path in place.folder.glob("source.db*"):
        path.unlink()


def fill_and_decide(place: Place) -> None:
    """Fills a database and puts in decisions that only the next reclustering carries out."""
    fill(place)
    with open_place(place) as database:
        numbers = sorted(each.id for each in database.articles.iter())

        def decide(connection: Connection) -> None:
            for a, b in ((0, 3), (5, 11), (20, 41)):
                fields = {
                    "verb": DecisionVerb.MUST_LINK,
                    "note": "",
                    "decided_at": datetime.now(UTC),
                }
                connection.execute(decision.insert().values(a=numbers[a], b=numbers[b], **fields))

        database.write(decide)


def crawl_place(place: Place, outlet: int = 0) -> None:
    """Reads one outlet of the press. Ends the process with 1 if the run is not good."""
    options = CrawlOptions(
        home=place.home,
        database_url=place.url,
        seed=SEED,
        settings={
            "NKWIRE_ALLOW_ADDRESSES": ["127.0.0.1/32"],
            "NKWIRE_RESOLVE": [
                f"{mock_press.outlet_host(n)}=127.0.0.1:{place.press}" for n in range(OUTLETS)
            ],
            "NKWIRE_RETRY_AFTER": 0.2,
            "NKWIRE_LONGEST_WAIT": 5.0,
            "NKWIRE_REVISIT_SHARE": 0.0,
            "LOG_LEVEL": "ERROR",
        },
    )
    declared = make_outlet(PRESS, outlet)
    declared.every = timedelta(hours=1)
    declared.expect = replace(declared.expect, within=timedelta(days=36500))
    run = crawl(declared, options)
    print(run.outcome, run.cause, run.counts, flush=True)
    if run.outcome not in (RunOutcome.OK, RunOutcome.QUIET):
        raise SystemExit(1)


def run_command(place: Place, *arguments: str, codes: tuple[int, ...] = (0,)) -> None:
    """Runs a command line of nkwire in this process. Ends it with the code if that is another."""
    from cli.app import run

    del place  # it is in the environment already
    code = run(arguments)
    if code not in codes:
        raise SystemExit(code)


@contextmanager
def pressing(folder: Path) -> Iterator[int]:
    """Serves the invented press in a process of its own for the block; yields its port."""
    folder.mkdir()
    mock_press.write_plan(PRESS, folder / "plan.json")
    command = [sys.executable, "-m", "benchmarks.soak.mock_press", str(folder)]
    root = Path(__file__).parents[2]
    environment: dict[str, Any] = {**os.environ, "PYTHONPATH": str(root)}
    server = subprocess.Popen(command, cwd=root, env=environment)
    try:
        while not (folder / "port").exists():
            time.sleep(0.02)
        yield int((folder / "port").read_text())
    finally:
        server.kill()
        server.wait()
