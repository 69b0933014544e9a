"""What goes wrong beside the schedule is told, and tried again."""

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.service.archiving import BackgroundArchiving
from cli.service.faults import repeat_after_faults
from crawler.warc.archiving import LocalRecording, Sweeper
from storage import Database, open_database
from storage.archive.archive import Archive
from storage.errors import StorageError


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/nkwire.db", seed=1) as opened:
        yield opened


def test_archiving_outlives_a_database_that_does_not_answer(
    database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("cli.service.faults.RETRY_SECONDS", 0.01)
    looks: list[int] = []

    class AwayOnce(Sweeper):
        def look(self) -> list[LocalRecording]:
            looks.append(1)
            if len(looks) == 1:
                raise StorageError("the database is away")
            return super().look()

    archiving = BackgroundArchiving(
        AwayOnce(database, Archive(f"file://{tmp_path}"), [tmp_path / "warc"])
    )

    async def serve() -> None:
        task = asyncio.create_task(repeat_after_faults(archiving.run_forever))
        async with asyncio.timeout(60):
            while len(looks) < 2:
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with caplog.at_level(logging.ERROR):
        asyncio.run(serve())
    assert [each.getMessage() for each in caplog.records] == [
        "beside the schedule: the database is away"
    ]
