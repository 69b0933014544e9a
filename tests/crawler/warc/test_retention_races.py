"""Recordings that another process touches while old ones are deleted: none is lost, none breaks it off."""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from crawler.warc.retention import delete_expired
from storage import Database, open_database
from storage.records import RunOutcome
from storage.runs.recordings import RecordedRun, Recordings
from storage.tables.articles import quarantine

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
KEPT = NOW - 30 * DAY
Meanwhile = Callable[[Database, Path, Path], None]


def made(database: Database, home: Path, count: int) -> list[Path]:
    """Recordings of runs that ended 60 days ago."""
    files = []
    for _ in range(count):
        run = database.runs.begin("kcna")
        run.outcome, run.ended_at = RunOutcome.OK, NOW - 60 * DAY
        database.runs.finish(run)
        path = home / f"warc/kcna/kcna-{run.started_at:%Y%m%dT%H%M%SZ}-{run.id}.warc.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"recording")
        old = (NOW - 60 * DAY).timestamp()
        os.utime(path, (old, old))
        files.append(path)
    return files


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/nkwire.db", seed=1) as opened:
        yield opened


def quarantined(database: Database, _: Path, file: Path) -> None:
    run_id = int(file.name.removesuffix(".warc.gz").rpartition("-")[2])
    values = {"run_id": run_id, "outlet": "kcna", "url": "x", "reason": "y", "payload": "{}"}
    values |= {"payload_sha256": "0" * 64}
    with database.engine.begin() as connection:
        connection.execute(insert(quarantine), values | {"added_at": NOW})


def spilled(_: Database, home: Path, file: Path) -> None:
    run_id = file.name.removesuffix(".warc.gz").rpartition("-")[2]
    (home / "unsaved").mkdir()
    (home / "unsaved" / f"kcna-{run_id}.jsonl").write_text("{}\n")


def written_again(_: Database, __: Path, file: Path) -> None:
    file.write_bytes(b"restored from a backup")


@pytest.mark.threats("R10")
@pytest.mark.parametrize(
    "meanwhile", [quarantined, spilled, written_again], ids=lambda f: f.__name__
)
def test_what_came_between_judging_and_deleting_keeps_the_recording(
    meanwhile: Meanwhile, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = made(database, tmp_path, 2)
    judge = Recordings.reasons_to_keep

    def then_another(self: Recordings, runs: list[RecordedRun], before: datetime) -> object:
        found = judge(self, runs, before)
        meanwhile(database, tmp_path, first)
        return found

    monkeypatch.setattr(Recordings, "reasons_to_keep", then_another)
    done = delete_expired(database, tmp_path, KEPT)
    assert first.exists()
    assert done.deleted_files == [second]
    assert not second.exists()


@pytest.mark.threats("R10")
def test_a_recording_that_is_gone_already_does_not_break_it_off(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = made(database, tmp_path, 2)
    judge = Recordings.reasons_to_keep

    def then_another(self: Recordings, runs: list[RecordedRun], before: datetime) -> object:
        found = judge(self, runs, before)
        first.unlink()
        return found

    monkeypatch.setattr(Recordings, "reasons_to_keep", then_another)
    assert delete_expired(database, tmp_path, KEPT).deleted_files == [second]


def expire(url: str, home: Path) -> None:
    with open_database(url) as database:
        delete_expired(database, home, KEPT)


@pytest.mark.threats("R10")
def test_several_that_delete_at_once_delete_each_once(database: Database, tmp_path: Path) -> None:
    files = made(database, tmp_path, 60)
    url = f"sqlite:///{tmp_path}/nkwire.db"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=expire, args=(url, tmp_path)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert not any(file.exists() for file in files)
