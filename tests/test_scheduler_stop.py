"""How a scheduler stops, and rests: it leaves nothing half done, and holds nothing that is not used."""

import asyncio
import logging
import os
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.processes.children import ProcessLimits, ProcessPool
from scheduler import Cadence, Scheduler
from storage import Database, open_database
from storage.records import RunOutcome

TASK = """
from storage import open_database
from storage.records import RunOutcome

def crawl(outlet, url):
    with open_database(url) as database:
        run = database.runs.begin(outlet)
        run.outcome = RunOutcome.OK
        database.runs.finish(run)
    return run
"""
OUTLETS = ("kcna", "rodong", "yonhap", "kbs", "nhk", "tass")


def test_runs_that_become_due_while_the_service_stops_are_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def serve_and_stop(database: Database) -> None:
        crew = ProcessPool("storage:open_database", lambda _: None, ProcessLimits())
        every = timedelta(seconds=1)
        service = Scheduler(database, crew, [Cadence(outlet=n, every=every) for n in OUTLETS])
        take, loop, taken = database.schedule.take_slot, asyncio.get_running_loop(), []

        def slowly(outlet: str, slot_at: datetime, owner: str, **how: Any) -> bool:
            taken.append(outlet)
            if len(taken) == 1:
                loop.call_soon_threadsafe(service.stop)
            time.sleep(0.5)  # so that others become due meanwhile
            return take(outlet, slot_at, owner, **how)

        monkeypatch.setattr(database.schedule, "take_slot", slowly)
        await service.serve()

    with open_database(f"sqlite:///{tmp_path}/nkwire.db") as database, caplog.at_level("WARNING"):
        database.outlets.declare_ranks(dict.fromkeys(OUTLETS, 0))
        for outlet in OUTLETS:
            run = database.runs.begin(outlet)
            run.outcome = RunOutcome.OK
            database.runs.finish(run)
        asyncio.run(asyncio.wait_for(serve_and_stop(database), 60))
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == []


RESTS = """
import asyncio, sys
from datetime import timedelta
from pathlib import Path
import scheduler
from crawler.processes.children import ProcessPool, ProcessLimits
from storage import open_database
from storage.runs.slots import ScheduleOverride
from tests.watching import count_forkservers

async def until(true):
    while not true():
        await asyncio.sleep(0.05)

async def serve_rest_and_serve(database):
    crew = ProcessPool("resttasks:crawl", lambda _: sys.argv[1], ProcessLimits())
    yearly = [scheduler.Cadence(outlet="kcna", every=timedelta(days=365))]
    service = scheduler.Scheduler(database, crew, yearly)
    serving = asyncio.create_task(service.serve())
    await until(lambda: len(database.runs.latest()) == 1)
    await until(lambda: not count_forkservers())
    database.schedule.set_override("kcna", ScheduleOverride(every=timedelta(seconds=1)))
    await until(lambda: len(database.runs.latest()) >= 3)
    print(count_forkservers(), {str(run.outcome) for run in database.runs.latest() if run.ended_at})
    service.stop()
    await serving

if __name__ == "__main__":
    scheduler.CHECK_INTERVAL_SECONDS = 0.1
    with open_database(sys.argv[1]) as database:
        asyncio.run(asyncio.wait_for(serve_rest_and_serve(database), 120))
"""


def test_a_forkserver_is_held_only_while_runs_are_near(tmp_path: Path) -> None:
    # In a process of its own: the tests of this one share a forkserver.
    (tmp_path / "resttasks.py").write_text(TASK)
    (tmp_path / "rests.py").write_text(RESTS)
    path = os.pathsep.join((str(tmp_path), str(Path(__file__).parents[1])))
    done = subprocess.run(
        [sys.executable, str(tmp_path / "rests.py"), f"sqlite:///{tmp_path}/nkwire.db"],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert (done.stdout.splitlines(), done.returncode) == (["1 {'ok'}"], 0), done.stderr
