"""How runs are written down: with their slots, and by the scheduler where they could not be closed."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.processes.children import ChildResult, ProcessLimits, ProcessPool
from scheduler import Cadence, Scheduler
from storage import Database, open_database
from storage.files.machine import machine_name
from storage.records import Run, RunOutcome

TASK = """
from storage import open_database
from storage.records import RunOutcome

def crawl(outlet, where):
    url, slot_at = where
    with open_database(url) as database:
        run = database.runs.begin(outlet, slot_at=slot_at)
        run.outcome = RunOutcome.OK
        database.runs.finish(run)
    return run
"""
KILLED_TASK = """
import os
import signal
from storage import open_database

def crawl(outlet, url):
    open_database(url).runs.begin(outlet)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_run_knows_its_slot_and_no_slot_is_run_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "slottasks.py").write_text(TASK)
    monkeypatch.syspath_prepend(str(tmp_path))
    url = f"sqlite:///{tmp_path}/nkwire.db"

    def build(database: Database) -> Scheduler:
        crew = ProcessPool(
            "slottasks:crawl",
            lambda name: (url, built.running_slots[name].slot_at),
            ProcessLimits(),
        )
        built = Scheduler(database, crew, [Cadence(outlet="kcna", every=timedelta(hours=1))])
        return built

    with open_database(url) as database:
        assert asyncio.run(build(database).run_once()) is not None
        assert asyncio.run(build(database).run_once()) == []
        [run] = database.runs.latest("kcna")
        assert run.slot_at is not None
        assert database.schedule.last_taken(run.started_at)["kcna"].slot_at == run.slot_at


@pytest.mark.threats("R14")
def test_what_a_leader_of_another_machine_left_is_read_again_at_once(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "takeovertasks.py").write_text(TASK)
    monkeypatch.syspath_prepend(str(tmp_path))
    url, now = database_url, datetime.now(UTC)
    elsewhere = f"{machine_name().partition('-')[0]}-1"  # another container
    former = f"host-b:7:9f8e7d6c:1780000000:{elsewhere}"
    with open_database(url) as database:
        database.leases.acquire("scheduler", former, 60)
        for outlet in ("left", "whole"):
            database.schedule.take_slot(outlet, now, former, lease_name="scheduler")
            run = database.runs.begin(outlet, slot_at=now, owner=former, machine=elsewhere)
        run.outcome = RunOutcome.OK
        database.runs.finish(run)
        by_hand = database.runs.begin("left", machine=elsewhere, selective=True)
        database.leases.release("scheduler", former)
        pool = ProcessPool("takeovertasks:crawl", lambda _: (url, None), ProcessLimits())
        daily = [Cadence(outlet=name, every=timedelta(days=1)) for name in ("left", "whole")]
        results = asyncio.run(Scheduler(database, pool, daily).run_once()) or []
        assert [each.outlet for each in results] == ["left"]
        again, open_run, killed = database.runs.latest("left")
        assert (again.outcome, killed.outcome) == (RunOutcome.OK, RunOutcome.KILLED)
        assert open_run == by_hand


class OvertakenPool(ProcessPool):
    """Before the scheduler hears how a child ended, another process closes the child's run."""

    database: Database

    async def run(self, outlet: str, *, browser: bool = False) -> ChildResult | None:
        ending = await super().run(outlet, browser=browser)
        assert len(self.database.runs.close_dead()) == 1
        return ending


@pytest.mark.parametrize("pool_class", [OvertakenPool, ProcessPool], ids=["by another", "open"])
def test_a_killed_run_says_what_killed_it_whoever_closed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pool_class: type[ProcessPool]
) -> None:
    (tmp_path / "killedtasks.py").write_text(KILLED_TASK)
    monkeypatch.syspath_prepend(str(tmp_path))
    url = f"sqlite:///{tmp_path}/nkwire.db"
    with open_database(url) as database:
        pool = pool_class("killedtasks:crawl", lambda _: url, ProcessLimits())
        if isinstance(pool, OvertakenPool):
            pool.database = database
        cadence = Cadence(outlet="kcna", every=timedelta(hours=1))
        assert asyncio.run(Scheduler(database, pool, [cadence]).run_once())
        assert [(run.outcome, run.cause) for run in database.runs.latest()] == [
            (RunOutcome.KILLED, "killed by SIGKILL")
        ]


@pytest.mark.parametrize(
    ("told", "said"),
    [(RunOutcome.OK, RunOutcome.OK), (RunOutcome.KILLED, RunOutcome.KILLED), (None, "killed")],
    ids=["ended already", "in the middle", "without a word"],
)
def test_a_run_that_ended_before_the_stop_reached_it_is_whole(
    told: RunOutcome | None, said: str
) -> None:
    now = datetime.now(UTC)
    run = Run(outlet="kcna", started_at=now, outcome=told) if told else None
    cause = "the service was stopped"
    ending = ChildResult(outlet="kcna", started_at=now, pid=1, exit_code=-15, cause=cause, run=run)
    found = ending.to_run()
    assert (found.outcome, found.cause) == (said, "" if told is RunOutcome.OK else cause)
