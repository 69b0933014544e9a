"""How a scheduler that stops leaves nothing half done, and says nothing of what is no error."""

import asyncio
import logging
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.children import Crew, Limits
from scheduler import Cadence, Scheduler
from storage import Database, open_database
from storage.records import RunOutcome

OUTLETS = ("kcna", "rodong", "yonhap", "kbs", "nhk", "tass")


def test_runs_that_become_due_while_the_service_stops_are_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def serve_and_stop(database: Database) -> None:
        crew = Crew("storage:open_database", lambda _: None, Limits())
        every = timedelta(seconds=1)
        service = Scheduler(database, crew, [Cadence(outlet=n, every=every) for n in OUTLETS])
        take, loop, taken = database.take_slot, asyncio.get_running_loop(), []

        def slowly(outlet: str, slot_at: datetime, owner: str, **how: Any) -> bool:
            taken.append(outlet)
            if len(taken) == 1:
                loop.call_soon_threadsafe(service.stop)
            time.sleep(0.5)  # so that others become due meanwhile
            return take(outlet, slot_at, owner, **how)

        monkeypatch.setattr(database, "take_slot", slowly)
        await service.serve()

    with open_database(f"sqlite:///{tmp_path}/nkwire.db") as database, caplog.at_level("WARNING"):
        database.declare(dict.fromkeys(OUTLETS, 0))
        for outlet in OUTLETS:
            run = database.begin_run(outlet)
            run.outcome = RunOutcome.OK
            database.finish_run(run)
        asyncio.run(asyncio.wait_for(serve_and_stop(database), 60))
    assert [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR] == []
