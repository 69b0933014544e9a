"""A leader and workers as real processes on PostgreSQL; about 8 seconds each, the slow ones too."""

import signal
import socket
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from crawler.fleet.extra import prepare_jobs
from storage import Database, open_database
from storage.fleet.orders import Order
from storage.records import Run, RunOutcome, StopReason
from tests.crawler.fleet.harness import Fleet, fleet_of
from tests.storage.relay import BLOCK_BYTES, Relay
from tests.watching import alive, until

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    with open_database(postgres_url, patience=10) as opened:
        prepare_jobs(opened)
        yield opened


@pytest.fixture
def fleet(tmp_path: Path, postgres_url: str, database: Database) -> Iterator[Fleet]:
    with fleet_of(tmp_path, postgres_url) as fleet:
        yield fleet


def runs_of(database: Database, outlet: str) -> list[Run]:
    """The runs of an outlet, the first first."""
    return database.runs.latest(outlet)[::-1]


def outcomes(database: Database, outlet: str) -> list[RunOutcome | None]:
    return [run.outcome for run in runs_of(database, outlet)]


def test_a_leader_gives_out_and_workers_do_what_is_due(fleet: Fleet, database: Database) -> None:
    fleet.leader("kcna", "rodong", "browser_0", "dies")
    fleet.worker("a")
    names = {"kcna", "rodong", "dies"}
    assert until(lambda: {run.outlet for run in database.runs.latest() if run.outcome} == names)
    ends = {run.outlet: (run.outcome, run.owner, run.job is None) for run in database.runs.latest()}
    assert ends["kcna"] == (RunOutcome.OK, "worker:a", False)
    assert ends["dies"] == (RunOutcome.KILLED, "worker:a", False)
    assert "killed by SIGKILL" in runs_of(database, "dies")[0].cause
    # Nobody serves the browser's queue: that is said, and a worker that does gets the run.
    assert until(lambda: "no worker serves the queue browser" in fleet.log())
    assert until(lambda: "kcna: ok" in (fleet.folder / "lead0.log").read_text())
    fleet.worker("b", queues="browser")
    assert until(lambda: outcomes(database, "browser_0") == [RunOutcome.OK])
    assert [len(database.runs.latest(name)) for name in names] == [1, 1, 1]


def test_a_killed_worker_is_made_up_for_and_a_suspended_one_ends_nothing(
    fleet: Fleet, database: Database
) -> None:
    fleet.leader("slow_4")
    first = fleet.worker("a")
    assert until(lambda: bool(fleet.children("slow_4")))
    first.send_signal(signal.SIGSTOP)  # its child goes on, and would end the run
    fleet.worker("b")
    assert until(lambda: len(outcomes(database, "slow_4")) == 2)
    killed, second = runs_of(database, "slow_4")
    assert (killed.outcome, killed.stop_reason) == (RunOutcome.KILLED, StopReason.DIED)
    assert second.slot_at is not None
    assert killed.slot_at is not None
    assert second.slot_at > killed.slot_at
    zombie_child = fleet.children("slow_4")[0]
    first.send_signal(signal.SIGCONT)
    assert until(lambda: not alive(zombie_child))
    assert until(lambda: outcomes(database, "slow_4")[-1] is RunOutcome.OK)
    assert outcomes(database, "slow_4") == [RunOutcome.KILLED, RunOutcome.OK]
    first.kill()
    assert "slow_4: its worker on a was silent, it is read again" in fleet.log()


def test_a_stopped_worker_leaves_no_open_run_and_another_reads_what_it_was_reading(
    fleet: Fleet, database: Database
) -> None:
    fleet.leader("slow_30", "deaf_30")
    first = fleet.worker("a", silent=30)
    assert until(lambda: len(fleet.children("slow_30") + fleet.children("deaf_30")) == 2)
    first.terminate()
    assert first.wait(15) == 0
    assert database.runs.latest(outcome="running") == []
    assert {run.stop_reason for run in database.runs.latest()} == {StopReason.SERVICE_STOPPED}
    assert database.workers.status().hosts == ()
    fleet.worker("b")
    assert until(lambda: len(fleet.children("slow_30") + fleet.children("deaf_30")) == 4)


@pytest.mark.slow
def test_a_leader_that_is_killed_loses_no_run_and_the_next_follows_what_goes_on(
    fleet: Fleet, database: Database
) -> None:
    first = fleet.leader("slow_8", every=3600)
    fleet.worker("a")
    assert until(lambda: bool(fleet.children("slow_8")))
    first.kill()
    fleet.leader("slow_8", every=3600)
    assert until(lambda: "slow_8: ok" in (fleet.folder / "lead2.log").read_text())
    assert outcomes(database, "slow_8") == [RunOutcome.OK]


class Wire(Relay):
    """A way to PostgreSQL that can be cut: connections through it hang, and new ones too."""

    is_cut = False

    def copy(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while block := source.recv(BLOCK_BYTES):
                if self.is_cut:
                    return  # nothing more arrives, and nobody is told
                target.sendall(block)
            target.shutdown(socket.SHUT_RDWR)


@pytest.mark.slow
def test_a_worker_without_database_ends_its_children(fleet: Fleet, database: Database) -> None:
    fleet.leader("slow_60")
    port = database.engine.url.port
    assert port is not None
    with closing(Wire(port)) as wire:
        there = fleet.url.replace(f":{port}/", f":{wire.port}/")
        worker = fleet.worker("a", silent=3, url=there)
        assert until(lambda: bool(fleet.children("slow_60")))
        (child,) = fleet.children("slow_60")
        wire.is_cut = True
        assert until(lambda: not alive(child))
        assert worker.poll() is None
        # The child ends itself, too: who is first is left open.
        assert "cannot say that this worker lives" in fleet.log()
        fleet.worker("b")
        assert until(lambda: len(fleet.children("slow_60")) == 2)


@pytest.mark.slow
def test_the_past_is_read_in_parts_and_gives_way(fleet: Fleet, database: Database) -> None:
    since = database.read(lambda c: c.scalar(text("SELECT now() - interval '90 days'")))
    assert since is not None
    database.jobs.order([Order(outlet="kcna_1", since=since) for _ in range(2)])
    fleet.leader("kcna_1")
    assert until(lambda: bool(database.jobs.open_runs()))
    fleet.worker("a")
    assert until(lambda: outcomes(database, "kcna_1") == [RunOutcome.OK] * 3)
    parts = runs_of(database, "kcna_1")
    assert [run.selective for run in parts] == [False, True, True]
    for earlier, later in pairwise(parts):
        assert earlier.ended_at is not None
        assert earlier.ended_at <= later.started_at
