"""`nkwire worker`, and what leaves the reading to it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from cli.service.fleet_metrics import collect_fleet
from crawler.fleet.follow_up import months_between, next_order
from crawler.processes.children import ChildResult
from storage import Database, open_database
from storage.counts import Count
from storage.fleet.orders import Order
from storage.fleet.workers import FleetStatus, HostStatus, QueueStatus
from storage.records import Run, RunOutcome, StopReason
from tests.cli.conftest import ROOT
from tests.crawler.warc.recorded_runs import record_runs
from tests.watching import until

SINCE = datetime(2025, 11, 20, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEFT = {Count.LISTED_OVER.value: 7}
NEEDS_WORKERS = (
    ("worker",),
    ("run", "--workers", "elsewhere"),
    ("crawl", "kcna", "--since", "2026-01-01", "--workers", "elsewhere"),
)


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    with open_database(postgres_url, patience=10) as opened:
        yield opened


@pytest.mark.parametrize("arguments", NEEDS_WORKERS)
def test_workers_on_sqlite_are_refused_in_one_line(
    nkwire: Callable[..., Any], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    said = nkwire(*arguments, "--database", f"sqlite:///{tmp_path}/corpus.db")
    assert said.code == 2
    (line,) = said.err.splitlines()
    assert line.startswith("nkwire: workers on other hosts need PostgreSQL")
    assert not (tmp_path / "corpus.db").exists()


@pytest.mark.parametrize("arguments", NEEDS_WORKERS)
def test_workers_without_procrastinate_say_what_to_install(
    nkwire: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setitem(sys.modules, "procrastinate", None)
    said = nkwire(*arguments, "--database", "postgresql://127.0.0.1:1/none")
    assert (said.code, said.err) == (
        2,
        "nkwire: workers on other hosts need pip install 'nkwire[fleet]'\n",
    )


def test_what_excludes_each_other_is_refused(nkwire: Callable[..., Any]) -> None:
    assert nkwire("run", "--once", "--workers", "elsewhere").code == 2
    said = nkwire("crawl", "kcna", "--workers", "elsewhere")
    assert (said.code, "needs --since" in said.err) == (2, True)
    said = nkwire("worker", "--queue", "fast", "--database", "postgresql://127.0.0.1:1/none")
    assert (said.code, "there are default and browser" in said.err) == (2, True)


@pytest.mark.postgres
def test_the_past_is_given_out_month_by_month(
    nkwire: Callable[..., Any], database: Database, postgres_url: str
) -> None:
    said = nkwire(
        *("crawl", "kcna", "rodong", "--since", "2026-01-15", "--until", "2026-02-10"),
        *("--workers", "elsewhere", "--database", postgres_url),
    )
    assert said.code == 0
    assert "4 parts given out" in said.err
    assert "no worker serves the queue default, and 4 wait there" in said.err
    (queue,) = (each for each in database.workers.status().queues if each.queue == "default")
    assert (queue.waiting, queue.workers) == (4, 0)


@pytest.mark.postgres
def test_a_worker_announces_itself_and_leaves_when_it_is_stopped(
    database: Database, postgres_url: str, tmp_path: Path, program: list[str]
) -> None:
    command = [*program, "worker", "--queue", "default", "--database", postgres_url]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert until(lambda: bool(database.workers.status().hosts))
            (host,) = database.workers.status().hosts
            assert (host.running, host.parallel, host.queues) == (0, 8, ("default",))
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert database.workers.status().hosts == ()


@pytest.mark.postgres
def test_a_worker_archives_what_its_host_has_recorded(
    database: Database, postgres_url: str, tmp_path: Path, program: list[str]
) -> None:
    files = record_runs(tmp_path / "home", postgres_url)
    (tmp_path / "archive").mkdir()
    settings = {"NKWIRE_HOME": "home", "NKWIRE_ARCHIVE": f"file://{tmp_path}/archive"}
    command = [*program, "worker", "--queue", "default", "--database", postgres_url]
    with subprocess.Popen(command, cwd=tmp_path, env={**os.environ, **settings}) as process:
        try:
            archived = [tmp_path / "archive" / file.parent.name / file.name for file in files]
            assert until(lambda: all(file.exists() for file in archived))
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert [each.read_bytes() for each in archived] == [each.read_bytes() for each in files]


def test_a_service_on_sqlite_loads_no_procrastinate() -> None:
    code = "import sys, nkwire, scheduler, cli.service.service, crawler.fleet.fleet_pool;"
    code += "sys.exit('procrastinate' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_a_period_is_cut_into_months_the_newest_first() -> None:
    months = months_between(SINCE, None, NOW)
    assert [first.date().isoformat() for first, _ in months] == [
        "2026-03-01",
        "2026-02-01",
        "2026-01-01",
        "2025-12-01",
        "2025-11-20",
    ]
    assert months[0][1] == NOW
    assert all(after == first for (first, _), (_, after) in pairwise(months))
    assert months_between(SINCE, SINCE, NOW) == []


def ended(
    outcome: RunOutcome, reason: StopReason | None = None, counts: dict[str, int] | None = None
) -> ChildResult:
    """A child whose run ended so."""
    run = Run(
        outlet="kcna",
        started_at=NOW,
        ended_at=NOW,
        outcome=outcome,
        stop_reason=reason,
        counts=counts or {},
    )
    return ChildResult(outlet="kcna", started_at=NOW, pid=7, exit_code=0, run=run)


def test_what_was_cut_off_or_left_is_ordered_again() -> None:
    daily, past = Order(outlet="kcna", slot_at=NOW), Order(outlet="kcna", since=SINCE)
    stopped = ended(RunOutcome.KILLED, StopReason.SERVICE_STOPPED)
    assert next_order(daily, None) == daily
    assert next_order(daily, stopped) == daily
    assert next_order(daily, ended(RunOutcome.OK)) is None
    assert next_order(daily, ended(RunOutcome.KILLED, StopReason.DEADLINE)) is None
    assert next_order(past, ended(RunOutcome.OK)) is None
    again = next_order(past, stopped)
    assert again is not None
    assert again.attempt == 2
    assert next_order(Order(outlet="kcna", since=SINCE, attempt=5), stopped) is None
    left = next_order(past, ended(RunOutcome.OK, None, LEFT))
    assert left is not None
    assert left.pages_left == 7
    assert next_order(left, ended(RunOutcome.OK, None, LEFT)) is None  # it got no further
    assert next_order(past, ended(RunOutcome.KILLED, StopReason.DEADLINE)) is None
    assert (
        next_order(past, ended(RunOutcome.KILLED, StopReason.DEADLINE, {Count.STORED_NEW: 3}))
        is not None
    )


class FleetCollector(Collector):
    """Collects the metrics of one status."""

    def __init__(self, status: FleetStatus) -> None:
        self._status = status

    def collect(self) -> Any:
        return collect_fleet(self._status)


def test_metrics_tell_workers_by_host_and_queues() -> None:
    alive = HostStatus(host="a", running=3, parallel=8, queues=("default",), silent_seconds=None)
    silent = HostStatus(host="b", running=1, parallel=8, queues=("default",), silent_seconds=20)
    queue = QueueStatus(queue="browser", waiting=2, oldest_seconds=5.5, workers=0)
    registry = CollectorRegistry()
    registry.register(FleetCollector(FleetStatus((alive, silent), (queue,))))
    lines = generate_latest(registry).decode().splitlines()
    assert 'nkwire_workers{host="b",state="silent"} 1.0' in lines
    assert 'nkwire_worker_runs{host="a"} 3.0' in lines
    assert 'nkwire_queue_waiting{queue="browser"} 2.0' in lines
    assert 'nkwire_queue_age_seconds{queue="browser"} 5.5' in lines
    assert 'nkwire_queue_workers{queue="browser"} 0.0' in lines
    assert list(collect_fleet(FleetStatus())) == []
