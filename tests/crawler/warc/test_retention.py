import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.recorded.warc_archive import EXPIRED_CAUSE, EvidenceError, WarcArchive, verify_captures
from crawler.warc.retention import KEPT_FOREIGN, KEPT_UNSAVED, delete_expired, parse_recording_name
from crawler.warc.writer import Exchange, WarcWriter
from storage import Database, open_database
from storage.records import Article, Capture, Run, RunOutcome
from storage.runs.recordings import KeepReason

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
KEPT = NOW - 30 * DAY  # what ended before is old
Record = Callable[..., Path]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/nkwire.db", seed=1) as opened:
        yield opened


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def file_of(run: Run, home: Path, days: float) -> Path:
    """The recording of a run, with one page; last written so many days ago."""
    name = f"{run.outlet}-{run.started_at:%Y%m%dT%H%M%SZ}-{run.id}.warc.gz"
    path = home / "warc" / run.outlet / name
    writer = WarcWriter(path)
    page = Exchange(
        url="https://a.example/1", fetched_at=NOW, status=200, headers=(), body=b"<p>Page"
    )
    writer.write(page)
    writer.close()
    at = (NOW - days * DAY).timestamp()
    os.utime(path, (at, at))
    return path


@pytest.fixture
def record(database: Database, home: Path) -> Record:
    """A run that ended so many days ago, and its recording."""

    def made(days: float = 60, outlet: str = "kcna", **counts: int) -> Path:
        run = database.runs.begin(outlet)
        run.outcome, run.ended_at = RunOutcome.OK, NOW - days * DAY
        run.counts = {name.replace("__", "."): number for name, number in counts.items()}
        database.runs.finish(run)
        return file_of(run, home, days)

    return made


def test_old_recordings_go_and_young_ones_stay(
    record: Record, database: Database, home: Path
) -> None:
    old, young = record(60, stored__new=3), record(10)
    done = delete_expired(database, home, KEPT)
    assert done.deleted_files == [old]
    assert done.deleted_bytes > 100
    assert not old.exists()
    assert young.exists()
    assert not done.kept_by_reason


def test_a_file_that_was_copied_lately_is_judged_by_its_run(
    record: Record, database: Database, home: Path
) -> None:
    touched = record(10)
    long_ago = (NOW - 90 * DAY).timestamp()
    os.utime(touched, (long_ago, long_ago))
    assert delete_expired(database, home, KEPT).deleted_files == []
    assert touched.exists()


def test_a_dry_pass_changes_nothing(record: Record, database: Database, home: Path) -> None:
    old = record()
    assert delete_expired(database, home, KEPT, dry_run=True).deleted_files == [old]
    assert old.exists()
    made = parse_recording_name(old)
    assert made is not None
    assert database.recordings.expired_at(made.run_id) is None


@pytest.mark.parametrize("cause", ["lost", "lost.warc", "lost.visits"])
def test_recordings_of_runs_that_lost_something_stay(
    cause: str, record: Record, database: Database, home: Path
) -> None:
    old = record(**{cause.replace(".", "__"): 1})
    assert delete_expired(database, home, KEPT).kept_by_reason == {KeepReason.LOST: 1}
    assert old.exists()


def test_recordings_stay_while_articles_wait_in_unsaved(
    record: Record, database: Database, home: Path
) -> None:
    old = record()
    made = parse_recording_name(old)
    assert made is not None
    spill = home / "unsaved" / f"kcna-{made.run_id}.jsonl"
    spill.parent.mkdir()
    spill.touch()
    assert delete_expired(database, home, KEPT).kept_by_reason == {KEPT_UNSAVED: 1}
    spill.unlink()
    assert delete_expired(database, home, KEPT).deleted_files == [old]


def test_recordings_stay_while_articles_are_in_quarantine(
    record: Record, database: Database, home: Path
) -> None:
    old = record()
    made = parse_recording_name(old)
    assert made is not None
    too_long = Article(outlet="kcna", url="https://a.example/2", title="T", text="x" * 2_000_001)
    (receipt,) = database.save([too_long], made.run_id)
    assert receipt.outcome == "rejected"
    assert delete_expired(database, home, KEPT).kept_by_reason == {KeepReason.QUARANTINE: 1}
    assert old.exists()


def test_recordings_of_a_run_that_goes_on_stay(database: Database, home: Path) -> None:
    going_on = file_of(database.runs.begin("kcna"), home, 60)
    assert delete_expired(database, home, KEPT).kept_by_reason == {KeepReason.RUNNING: 1}
    assert going_on.exists()


def test_what_the_database_does_not_know_stays(
    record: Record, database: Database, home: Path
) -> None:
    known = record()
    made = parse_recording_name(known)
    assert made is not None
    # As after a backup was restored: the same id is another run's, or nobody's.
    other = Run(outlet="kcna", started_at=made.started_at - DAY, id=made.run_id)
    nobodys = Run(outlet="kcna", started_at=made.started_at, id=made.run_id + 999)
    strangers = [file_of(run, home, 60) for run in (other, nobodys)]
    crawled_elsewhere = home / "warc" / "CC-NEWS-20250905.warc.gz"
    crawled_elsewhere.write_bytes(b"x")
    os.utime(crawled_elsewhere, (0, 0))
    done = delete_expired(database, home, KEPT)
    assert done.deleted_files == [known]
    assert done.kept_by_reason == {KeepReason.UNKNOWN: 2, KEPT_FOREIGN: 1}
    assert all(file.exists() for file in (*strangers, crawled_elsewhere))


def test_captures_of_deleted_recordings_are_expired_and_those_of_lost_ones_are_not(
    record: Record, database: Database, home: Path
) -> None:
    old, missing = record(60), record(5, outlet="rodong")
    for number, file in enumerate((old, missing)):
        made = parse_recording_name(file)
        assert made is not None
        url = f"https://a.example/{number}"
        capture = Capture(url, NOW, 200, warc_file=file.name, warc_offset=200)
        database.save(
            [
                Article(
                    outlet=made.outlet, url=url, title="T", text=f"Text {number}", capture=capture
                )
            ],
            made.run_id,
        )
    delete_expired(database, home, KEPT)
    missing.unlink()
    found = [
        each
        for _, each in verify_captures(
            WarcArchive([home / "warc"], database.recordings.expired_at),
            database.changes.recorded_captures(),
        )
    ]
    assert [each.cause for each in found if isinstance(each, EvidenceError)] == [
        EXPIRED_CAUSE,
        "no such file",
    ]


def test_what_was_noted_and_not_yet_deleted_goes_at_the_next_pass(
    record: Record, database: Database, home: Path
) -> None:
    old = record()
    made = parse_recording_name(old)
    assert made is not None
    database.recordings.mark_expired([made.run_identity], KEPT)
    noted = database.recordings.expired_at(made.run_id)
    assert delete_expired(database, home, KEPT).deleted_files == [old]
    assert database.recordings.expired_at(made.run_id) == noted


@pytest.mark.parametrize(
    "name", ["a.warc.gz", "kcna-20260301T000000Z-x.warc.gz", "kcna-20269901T000000Z-1.warc.gz"]
)
def test_names_of_other_origin_are_no_recordings(name: str) -> None:
    assert parse_recording_name(Path(name)) is None


def test_an_outlets_name_may_hold_dashes() -> None:
    made = parse_recording_name(Path("a-b-20260301T000001Z-12.warc.gz"))
    assert made is not None
    assert (made.outlet, made.run_id) == ("a-b", 12)
    assert made.started_at == datetime(2026, 3, 1, 0, 0, 1, tzinfo=UTC)
