"""How the scheduler writes down runs that could not close themselves."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.children import Crew, Ending, Limits
from scheduler import Cadence, Scheduler
from storage import open_database
from storage.records import RunOutcome


@pytest.mark.parametrize("closed", [True, False], ids=["closed by another", "open"])
def test_a_killed_run_says_what_killed_it_whoever_closed_it(tmp_path: Path, closed: bool) -> None:
    with open_database(f"sqlite:///{tmp_path}/nkwire.db", create=True) as database:
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        before = datetime.now(UTC)
        database.begin_run("kcna", pid=gone.pid)
        if closed:
            assert len(database.close_dead_runs()) == 1
        cadence = Cadence(outlet="kcna", every=timedelta(hours=1))
        crew = Crew("storage:open_database", lambda _: None, Limits())
        ending = Ending(
            outlet="kcna", started_at=before, pid=gone.pid, code=-9, cause="killed by SIGKILL"
        )
        Scheduler(database, crew, [cadence])._record(ending)
        assert [(run.outcome, run.cause) for run in database.runs()] == [
            (RunOutcome.KILLED, "killed by SIGKILL")
        ]
