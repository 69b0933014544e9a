"""Recordings of ended runs come into the archive, once, and are deleted there by the same rules."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.warc.archiving import Sweeper
from crawler.warc.retention import delete_expired, delete_expired_objects, recording_name
from crawler.warc.writer import Exchange, WarcWriter
from storage import Database, open_database
from storage.archive.archive import Archive
from storage.errors import ArchiveUnavailable
from storage.records import Run, RunOutcome
from storage.runs.recordings import ArchiveState, KeepReason
from tests.storage.object_storage import Bucket, faulty_connection, use_s3

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
KEPT = NOW - 30 * DAY  # what ended before is old
Record = Callable[..., Path]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with open_database(database_url, seed=1) as opened:
        yield opened


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    (tmp_path / "mounted").mkdir()
    return Archive(f"file://{tmp_path}/mounted")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def recording_of(run: Run, home: Path) -> Path:
    path = home / "warc" / run.outlet / recording_name((run.id, run.outlet, run.started_at))
    writer = WarcWriter(path)
    body = b"<p>Page %d" % run.id
    writer.write(Exchange("https://a.example/1", NOW, 200, (), body))
    writer.close()
    return path


@pytest.fixture
def record(database: Database, home: Path) -> Record:
    """A run that ended so many days ago (None: it goes on), and its recording."""

    def made(days: float | None = 0, **counts: int) -> Path:
        run = database.runs.begin("kcna")
        if days is not None:
            run.outcome, run.ended_at = RunOutcome.OK, NOW - days * DAY
            run.counts = {name.replace("__", "."): number for name, number in counts.items()}
            database.runs.finish(run)
        path = recording_of(run, home)
        at = (NOW - (days or 0) * DAY).timestamp()
        os.utime(path, (at, at))
        return path

    return made


def names(archive: Archive) -> set[str]:
    folder = Path(archive.address.removeprefix("file://"))
    return {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}


def test_a_sweep_archives_what_ended_and_nothing_else(
    database: Database, archive: Archive, home: Path, record: Record
) -> None:
    ended, running = record(), record(None)
    foreign = home / "warc" / "from-elsewhere.warc.gz"
    foreign.write_bytes(ended.read_bytes())
    sweeper = Sweeper(database, archive, [home / "warc"])
    result = sweeper.sweep()
    assert (result.uploaded, result.problem, result.left) == ([ended], None, 0)
    assert names(archive) == {f"kcna/{ended.name}"}
    assert ended.exists()
    totals = database.recordings.archive_totals(str(archive))
    assert (totals.recordings, totals.bytes) == (1, ended.stat().st_size)
    assert sweeper.sweep().uploaded == []
    assert {each.file: each.state for each in sweeper.look()} == {running: ArchiveState.RUNNING}


def test_what_was_killed_before_it_was_noted_is_only_noted(
    database: Database, archive: Archive, home: Path, record: Record
) -> None:
    path = record()
    archive.put(path, f"kcna/{path.name}")
    result = Sweeper(database, archive, [home / "warc"]).sweep()
    assert (result.uploaded, result.found) == ([], 1)
    assert database.recordings.archive_totals(str(archive)).recordings == 1


def test_a_recording_that_grew_after_its_upload_is_archived_again(
    database: Database, archive: Archive, home: Path, record: Record
) -> None:
    path = record()
    sweeper = Sweeper(database, archive, [home / "warc"])
    sweeper.sweep()
    with path.open("ab") as late:  # a run that was taken for dead
        late.write(path.read_bytes())
    assert sweeper.sweep().uploaded == [path]
    assert archive.holds(path, f"kcna/{path.name}")


def test_a_damaged_object_is_told_and_not_replaced(
    database: Database, archive: Archive, home: Path, record: Record
) -> None:
    path, other = record(), record()
    damaged = Path(archive.address.removeprefix("file://"), "kcna", path.name)
    damaged.parent.mkdir()
    damaged.write_bytes(b"\0" * path.stat().st_size)
    result = Sweeper(database, archive, [home / "warc"]).sweep()
    assert result.uploaded == [other]
    (line,) = result.conflicts
    assert "other bytes" in line
    assert set(damaged.read_bytes()) == {0}


def test_a_file_that_cannot_be_read_does_not_stop_the_others(
    database: Database, archive: Archive, home: Path, record: Record
) -> None:
    path, other = record(), record()
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root reads all files")
    sweeper = Sweeper(database, archive, [home / "warc"])
    result = sweeper.sweep()
    assert (result.uploaded, result.problem) == ([other], None)
    assert result.conflicts == [f"{path} cannot be read: Permission denied"]
    assert sweeper.sweep().conflicts == []  # told once


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_sweeps_at_once_on_s3_archive_each_recording_once(
    bucket: Bucket, database: Database, home: Path, record: Record
) -> None:
    paths = [record() for _ in range(6)]
    archive = Archive(bucket.address)
    sweepers = [Sweeper(database, archive, [home / "warc"]) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(Sweeper.sweep, sweepers))
    assert [result.problem for result in results] == [None, None]
    assert [result.conflicts for result in results] == [[], []]
    assert {path for result in results for path in result.uploaded} == set(paths)
    assert sorted(bucket.names()) == sorted(f"kcna/{path.name}" for path in paths)
    assert all(archive.holds(path, f"kcna/{path.name}") for path in paths)
    assert database.recordings.archive_totals(str(archive)).recordings == 6


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_server_that_fails_is_a_problem_and_the_next_sweep_goes_on(
    bucket: Bucket,
    database: Database,
    home: Path,
    record: Record,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paths = {record(), record()}
    monkeypatch.setattr("s3fs.S3FileSystem.retries", 1)
    with faulty_connection(bucket.port) as connection:
        use_s3(connection.port, monkeypatch)
        connection.fault = "500"
        sweeper = Sweeper(database, Archive(bucket.address), [home / "warc"])
        result = sweeper.sweep()
        assert isinstance(result.problem, ArchiveUnavailable)
        assert (result.uploaded, result.left) == ([], 2)
        assert bucket.names() == []
        connection.fault = ""
        assert set(sweeper.sweep().uploaded) == paths
    assert all(path.exists() for path in paths)


def test_retention_deletes_the_object_from_any_host(
    database: Database, archive: Archive, home: Path, record: Record, tmp_path: Path
) -> None:
    old, lost, young = record(60), record(60, lost__warc=1), record(5)
    Sweeper(database, archive, [home / "warc"]).sweep()
    other_homes = [tmp_path / "other host"]
    seen = delete_expired_objects(database, archive, other_homes, KEPT, dry_run=True)
    assert seen.deleted_objects == [archive.url(f"kcna/{old.name}")]
    assert len(names(archive)) == 3
    result = delete_expired_objects(database, archive, other_homes, KEPT)
    assert result.deleted_objects == seen.deleted_objects
    assert result.deleted_bytes == seen.deleted_bytes == old.stat().st_size
    assert result.kept_by_reason == {KeepReason.LOST: 1}
    assert names(archive) == {f"kcna/{lost.name}", f"kcna/{young.name}"}
    # The copy on its own host is not archived again, and goes by the same rule.
    assert Sweeper(database, archive, [home / "warc"]).sweep().uploaded == []
    assert delete_expired(database, home, KEPT).deleted_files == [old]
    assert delete_expired_objects(database, archive, [home], KEPT).deleted_objects == []


def test_retention_finds_what_was_uploaded_while_it_deleted_the_file(
    database: Database, archive: Archive, home: Path, record: Record
) -> None:
    record(days=40)

    class Slow(Archive):
        def size(self, key: str) -> int | None:
            found = super().size(key)
            if found is not None:  # after the upload
                delete_expired(database, home, KEPT)
            return found

    Sweeper(database, Slow(archive.address), [home / "warc"]).sweep()
    assert len(names(archive)) == 1
    delete_expired_objects(database, archive, [home], KEPT)
    assert names(archive) == set()


def test_retention_goes_on_where_it_was_killed(
    database: Database, archive: Archive, home: Path, record: Record
) -> None:
    old = record(60)
    Sweeper(database, archive, [home / "warc"]).sweep()
    runs = database.recordings.archived_before(KEPT, str(archive))
    database.recordings.mark_expired(runs, KEPT)  # and then the process is killed
    assert names(archive)
    result = delete_expired_objects(database, archive, [home], KEPT)
    assert result.deleted_objects == [archive.url(f"kcna/{old.name}")]
    assert names(archive) == set()


def test_articles_in_unsaved_keep_the_object(
    database: Database, archive: Archive, home: Path, record: Record
) -> None:
    old = record(60)
    Sweeper(database, archive, [home / "warc"]).sweep()
    run_id = old.name.removesuffix(".warc.gz").rpartition("-")[2]
    (home / "unsaved").mkdir()
    (home / "unsaved" / f"kcna-{run_id}.jsonl").touch()
    assert delete_expired_objects(database, archive, [home], KEPT).deleted_objects == []
