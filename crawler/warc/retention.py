"""Deletes recordings that are older than the operator wants to keep them.

A recording is deleted only if the database knows its run, the run has ended and lost nothing, and
no article of it is in quarantine or in `unsaved/`: nothing else holds an article that is not
stored. The database marks the run as expired before the file is deleted, so that its captures
never point to a missing file unmarked.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from storage.archive.archive import Archive, recording_key
from storage.runs.recordings import KeepReason, RecordedRun

if TYPE_CHECKING:
    from storage import Database

_RECORDING_NAME = re.compile(r"(?P<outlet>.+)-(?P<at>\d{8}T\d{6}Z)-(?P<run>\d{1,18})\.warc\.gz")
KEPT_UNSAVED = "with articles in unsaved/"
KEPT_FOREIGN = "not made by a run"


@dataclass(frozen=True, slots=True)
class RunRecording:
    """A file that a run recorded, with what its name says. `started_at`: UTC, whole seconds."""

    file: Path
    outlet: str
    started_at: datetime
    run_id: int

    @property
    def run_identity(self) -> RecordedRun:
        """The run as `storage.runs.recordings` identifies it."""
        return self.run_id, self.outlet, self.started_at


@dataclass(slots=True)
class ExpiryResult:
    """What was deleted. `kept_by_reason`: counts of old recordings that stay.

    `deleted_objects`: addresses of those in the archive. `deleted_bytes`: of files and objects.
    """

    deleted_files: list[Path] = field(default_factory=list)
    deleted_objects: list[str] = field(default_factory=list)
    deleted_bytes: int = 0
    kept_by_reason: Counter[str] = field(default_factory=Counter)

    def add(self, other: "ExpiryResult") -> None:
        """Adds what was deleted in another folder."""
        self.deleted_files += other.deleted_files
        self.deleted_objects += other.deleted_objects
        self.deleted_bytes += other.deleted_bytes
        self.kept_by_reason += other.kept_by_reason


def parse_recording_name(file: Path) -> RunRecording | None:
    """Returns what a recording's name says; None if the name is not that of a run's recording."""
    match = _RECORDING_NAME.fullmatch(file.name)
    if match is None:
        return None
    try:
        at = datetime.strptime(match["at"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    return RunRecording(file, match["outlet"], at, int(match["run"]))


def delete_expired(
    database: "Database", home: Path, before: datetime, *, dry_run: bool = False
) -> ExpiryResult:
    """Deletes the recordings of runs that ended before a time. `dry_run`: reports without deleting.

    `home`: the folder that holds `warc/` and `unsaved/`. Raises OSError.
    """
    result = ExpiryResult()
    recordings = list(_iter_old_recordings(home / "warc", before, result))
    reasons = database.recordings.reasons_to_keep(
        [recording.run_identity for recording in recordings], before
    )
    expired = []
    for recording in recordings:
        reason: str | None = reasons[recording.run_identity]
        if reason is None and _unsaved_file(home, recording).exists():
            reason = KEPT_UNSAVED
        if reason is None:
            expired.append(recording)
        elif reason != KeepReason.YOUNG:
            result.kept_by_reason[reason] += 1
    marked = {each.run_identity for each in expired}
    if not dry_run:
        marked = database.recordings.mark_expired(marked, before)
    for recording in expired:
        if recording.run_identity in marked:
            _delete(recording, home, before, result, dry_run=dry_run)
    return result


def delete_expired_objects(
    database: "Database",
    archive: Archive,
    homes: Sequence[Path],
    before: datetime,
    *,
    dry_run: bool = False,
) -> ExpiryResult:
    """Does the same with the recordings in the archive, whichever host made them.

    `homes`: the folders that hold `unsaved/` here. What lies in `unsaved/` of another host counts as
    lost in its run, so its recording stays too. Raises ArchiveError.
    """
    result = ExpiryResult()
    runs = database.recordings.archived_before(before, str(archive))
    reasons: dict[RecordedRun, str | None] = {**database.recordings.reasons_to_keep(runs, before)}
    for each in runs:
        if reasons[each] is None and any(_is_unsaved(home, each) for home in homes):
            reasons[each] = KEPT_UNSAVED
    for each, reason in reasons.items():
        is_here = any((home / "warc" / each[1] / recording_name(each)).exists() for home in homes)
        if reason and not is_here:  # else `delete_expired` has counted it
            result.kept_by_reason[reason] += 1
    expired = {each for each, reason in reasons.items() if reason is None}
    if not dry_run:
        expired &= database.recordings.mark_expired(expired, before)
    for each in sorted(expired):
        key = recording_key(each[1], recording_name(each))
        size = (archive.size(key) or 0) if dry_run else archive.delete(key)
        if not dry_run:
            database.recordings.forget_archived(each)
        result.deleted_objects.append(archive.url(key))
        result.deleted_bytes += size
    return result


def recording_name(recorded_run: RecordedRun) -> str:
    """Returns the name of the file that a run recorded."""
    run_id, outlet, started_at = recorded_run
    return f"{outlet}-{started_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{run_id}.warc.gz"


def _delete(
    recording: RunRecording, home: Path, before: datetime, result: ExpiryResult, *, dry_run: bool
) -> None:
    """Deletes a file that is still as it was judged: another process may have been here since."""
    try:
        state = recording.file.stat()
        if _unsaved_file(home, recording).exists() or state.st_mtime >= before.timestamp():
            return
        if not dry_run:
            recording.file.unlink()
    except FileNotFoundError:
        return
    result.deleted_bytes += state.st_size
    result.deleted_files.append(recording.file)


def _unsaved_file(home: Path, recording: RunRecording) -> Path:
    return home / "unsaved" / f"{recording.outlet}-{recording.run_id}.jsonl"


def _is_unsaved(home: Path, recorded_run: RecordedRun) -> bool:
    run_id, outlet, _ = recorded_run
    return (home / "unsaved" / f"{outlet}-{run_id}.jsonl").exists()


def _iter_old_recordings(
    folder: Path, before: datetime, result: ExpiryResult
) -> Iterator[RunRecording]:
    for file in sorted(folder.rglob("*.warc*")):
        try:
            if file.stat().st_mtime >= before.timestamp():
                continue
        except FileNotFoundError:  # another process deletes too
            continue
        if recording := parse_recording_name(file):
            yield recording
        else:
            result.kept_by_reason[KEPT_FOREIGN] += 1
