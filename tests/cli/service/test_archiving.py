"""Archiving beside the schedule, without the children that record."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.service.archiving import BackgroundArchiving
from crawler.warc.archiving import LocalRecording, Sweeper
from crawler.warc.retention import recording_name
from storage import Database, open_database
from storage.archive.archive import Archive
from storage.records import RunOutcome


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/nkwire.db", seed=1) as opened:
        yield opened


def record(database: Database, home: Path) -> Path:
    run = database.runs.begin("kcna")
    run.outcome, run.ended_at = RunOutcome.OK, datetime.now(UTC)
    database.runs.finish(run)
    file = home / "warc" / "kcna" / recording_name((run.id, run.outlet, run.started_at))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"of run %d" % run.id)
    return file


async def until_there(folder: Path, number: int) -> None:
    async with asyncio.timeout(60):
        while len([each for each in folder.rglob("*.gz") if each.name[0] != "."]) < number:
            await asyncio.sleep(0.02)


def test_a_failing_archive_is_told_once_and_again_when_it_works(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.service.archiving.SWEEP_INTERVAL_SECONDS", 0.02)
    mounted, told = tmp_path / "mounted", list[str]()
    archive = Archive(f"file://{mounted}")
    sweeper = Sweeper(database, archive, [tmp_path / "home" / "warc"])
    record(database, tmp_path / "home")

    async def serve() -> None:
        archiving = BackgroundArchiving(sweeper, told.append)
        task = asyncio.create_task(archiving.run_forever())
        async with asyncio.timeout(60):
            while not told:
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.2)  # several sweeps fail
        mounted.mkdir()
        await until_there(mounted, 1)
        async with asyncio.timeout(60):
            while len(told) < 2:
                await asyncio.sleep(0.02)
        task.cancel()
        record(database, tmp_path / "home")
        await archiving.finish()
        await until_there(mounted, 2)

    asyncio.run(serve())
    problem, works = told
    assert "there is no such folder" in problem
    assert "1 recording not archived, kept here until the next try" in problem
    assert works == "the archive works again"
    assert database.recordings.archive_totals(str(archive)).recordings == 2


def test_an_archive_that_hangs_does_not_hold_up_a_stop(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, alarms = threading.Event(), list[int]()

    class Hanging(Sweeper):
        def look(self) -> list[LocalRecording]:
            released.wait(60)
            return []

    before = signal.signal(signal.SIGALRM, lambda number, _: alarms.append(number))
    signal.setitimer(signal.ITIMER_REAL, 2.5)  # as `on_stop_signal` does
    monkeypatch.setattr("cli.service.archiving.CLOSING_SECONDS", 2.0)
    try:
        archiving = BackgroundArchiving(Hanging(database, Archive(f"file://{tmp_path}"), []))
        asyncio.run(archiving.finish())
        assert alarms == []
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        released.set()


def test_a_service_without_an_archive_does_nothing() -> None:
    async def serve() -> None:
        archiving = BackgroundArchiving(None, pytest.fail)
        await archiving.run_forever()
        await archiving.finish()

    asyncio.run(serve())
