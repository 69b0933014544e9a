import asyncio
import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from cli.commands.crawl import crawl_outlets
from cli.demo.site import HOSTS, Site, serve_site
from cli.show.run_reports import print_dry_run_article, print_run_report
from crawler.crawl.options import CrawlOptions
from storage import open_database
from storage.records import Article, Run, RunOutcome
from tests.watching import alive, until

INVENTED = "cli.service.tasks:crawl_demo"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def options(an_empty_folder: Path) -> Iterator[CrawlOptions]:
    """How to crawl the demo's invented outlets, which are served meanwhile."""
    with serve_site(Site(datetime.now(UTC))) as port:
        yield CrawlOptions(
            database_url=f"sqlite:///{an_empty_folder}/nkwire.db",
            home=an_empty_folder,
            settings={
                "NKWIRE_ALLOW_ADDRESSES": ["127.0.0.1/32"],
                "NKWIRE_RESOLVE": [f"{host}=127.0.0.1:{port}" for host in HOSTS],
                "LOG_LEVEL": "ERROR",
            },
        )


def test_outlets_are_crawled_in_children_and_their_runs_told(options: CrawlOptions) -> None:
    runs = asyncio.run(crawl_outlets(["demo-agency", "demo-radio"], options, 2, INVENTED))
    assert {run.outlet: run.counts["stored.new"] for run in runs} == {
        "demo-agency": 3,
        "demo-radio": 2,
    }
    database = open_database(options.database_url)
    assert sum(1 for _ in database.articles.iter()) == 5
    database.close()


def test_a_dry_run_keeps_nothing(options: CrawlOptions, an_empty_folder: Path) -> None:
    dry = replace(options, dry_run=True, on_article=print_dry_run_article)
    (run,) = asyncio.run(crawl_outlets(["demo-agency"], dry, 1, INVENTED))
    assert run.outcome is RunOutcome.OK
    assert list(an_empty_folder.rglob("*.db")) == []


def test_a_found_article_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    print_dry_run_article(
        Article(outlet="a", url="https://a.example/1", title="A\nB\x1b", text="", published_at=NOW)
    )
    assert capsys.readouterr().out == "2026-03-01  A B\\x1b  https://a.example/1\n"


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((RunOutcome.OK, RunOutcome.QUIET), 0),
        ((RunOutcome.OK, RunOutcome.DEGRADED), 3),
        ((RunOutcome.OK, RunOutcome.UNREACHABLE), 3),
        ((RunOutcome.EMPTY, RunOutcome.FAILED), 1),
        ((RunOutcome.OK, RunOutcome.KILLED), 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_the_exit_code_follows_the_worst_run(
    outcomes: tuple[RunOutcome, ...], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [Run(outlet=o, started_at=NOW, outcome=o, cause="why") for o in outcomes]
    assert print_run_report(runs, as_json=False) == code
    assert capsys.readouterr().out.count("\n") == 1 + len(runs)


def test_runs_are_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    run = Run(outlet="a", started_at=NOW, outcome=RunOutcome.OK, counts={"stored.new": 2})
    assert print_run_report([run], as_json=True) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["outlet"], row["outcome"], row["new"]) == ("a", "ok", 2)
    assert row["started_at"] == "2026-03-01T00:00:00Z"


def test_recorded_pages_are_ingested_as_far_as_the_file_is_whole(
    options: CrawlOptions, nkwire_alone: Callable[..., CompletedProcess[str]], an_empty_folder: Path
) -> None:
    asyncio.run(crawl_outlets(["demo-herald"], options, 1, INVENTED))
    (recording,) = an_empty_folder.rglob("*.warc.gz")
    cut = an_empty_folder / "cut.warc.gz"
    cut.write_bytes(recording.read_bytes()[:-200])
    command = ("ingest", "missing.warc.gz", str(cut), str(recording), "--keep-all", "--json")
    said = [nkwire_alone(*command, "--database", "sqlite:///other.db") for _ in range(2)]
    first, second = (json.loads(each.stdout) for each in said)
    assert [each.returncode for each in said] == [3, 3]
    assert "missing.warc.gz: no such file" in said[0].stderr
    assert "cut.warc.gz" in said[0].stderr
    assert sum(run["new"] for run in first) == 3
    assert sum(run["new"] + run["edited"] for run in second) == 0


@pytest.fixture
def silent() -> Iterator[int]:
    """A port of this machine where connections are taken and nothing is ever said."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_interrupted_a_crawl_stops_its_child_and_says_so(
    program: list[str],
    started: Callable[..., subprocess.Popen[str]],
    silent: int,
    an_empty_folder: Path,
) -> None:
    hosts = ",".join(f"{host}=127.0.0.1:{silent}" for host in ("kcna.kp", "www.kcna.kp"))
    process = started(*program, "crawl", "kcna", env={**os.environ, "NKWIRE_RESOLVE": hosts})
    database = an_empty_folder / "data" / "nkwire.db"
    assert until(lambda: bool(database.exists() and runs(database)))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "nkwire: stopping, 1 run ends (at most 15 s); a second Ctrl-C" in err
    assert "killed" in out
    assert not alive(runs(database)[0].pid)


def runs(database: Path) -> list[Run]:
    opened = open_database(f"sqlite:///{database}")
    try:
        return opened.runs.latest()
    finally:
        opened.close()
