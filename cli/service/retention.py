"""Decides how long log files and recordings are kept, and deletes older ones."""

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors import UserError
from cli.show.printing import format_counts

if TYPE_CHECKING:
    from crawler.warc.retention import ExpiryResult
    from storage import Database

DEFAULT_LOG_DAYS = 30


@dataclass(frozen=True, slots=True)
class Retention:
    """How long files are kept. None keeps them for ever."""

    log_age: timedelta
    recording_age: timedelta | None


@dataclass(slots=True)
class TidyResult:
    """What was deleted. `expired_recordings`: None if recordings are kept for ever."""

    deleted_logs: list[Path] = field(default_factory=list)
    expired_recordings: "ExpiryResult | None" = None

    def __bool__(self) -> bool:
        return bool(
            self.deleted_logs or (self.expired_recordings and self.expired_recordings.deleted_files)
        )

    def format_line(self, *, dry_run: bool = False) -> str:
        """Returns the result as one line."""
        verb = "would be deleted" if dry_run else "deleted"
        line = f"{len(self.deleted_logs)} log files {verb}; "
        if (expired := self.expired_recordings) is None:
            return line + "recordings are kept for ever (NKWIRE_KEEP_WARC_DAYS)"
        line += f"{len(expired.deleted_files)} recordings {verb} ({expired.deleted_bytes:,} bytes)"
        return line + (
            f"; old ones kept: {format_counts(expired.kept_by_reason)}"
            if expired.kept_by_reason
            else ""
        )


def retention_from_environment() -> Retention:
    """Returns what the environment asks for. Raises UserError."""
    recordings = _days_from_environment("NKWIRE_KEEP_WARC_DAYS")
    return Retention(
        _days_from_environment("NKWIRE_KEEP_LOG_DAYS") or timedelta(days=DEFAULT_LOG_DAYS),
        recordings,
    )


def _days_from_environment(name: str) -> timedelta | None:
    value = os.environ.get(name, "")
    if not value:
        return None
    if not value.isdecimal() or not 0 < int(value) < 100_000:
        raise UserError(
            f"{name}={value!r} must be a number of days; leave it empty for the default"
        )
    return timedelta(days=int(value))


def delete_expired(
    database: "Database", folder: Path, retention: Retention, *, dry_run: bool = False
) -> TidyResult:
    """Deletes the files that are too old. Raises StorageError and OSError."""
    from crawler.warc.retention import delete_expired

    now = datetime.now(UTC)
    result = TidyResult(_find_old_logs(folder / "logs", (now - retention.log_age).date()))
    if not dry_run:
        for log_file in result.deleted_logs:
            log_file.unlink(missing_ok=True)
    if retention.recording_age is not None:
        result.expired_recordings = delete_expired(
            database, folder, now - retention.recording_age, dry_run=dry_run
        )
    return result


def _find_old_logs(folder: Path, before: date) -> list[Path]:
    """Returns log files of days before `before`, by the names of `cli.logs.DailyFileHandler`."""
    old_logs = []
    for file in sorted(folder.glob("*-????-??-??.log")):
        try:
            day = date.fromisoformat(file.stem[-10:])
        except ValueError:
            continue
        if day < before:
            old_logs.append(file)
    return old_logs
