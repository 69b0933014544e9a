"""Decides how long log files and recordings are kept, and deletes older ones."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.arguments.recordings import configured_archive
from cli.show.printing import format_counts
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from crawler.config.config import Config
    from crawler.warc.retention import ExpiryResult
    from storage import Database


@dataclass(slots=True)
class TidyResult:
    """What was deleted. `expired_recordings`: None if recordings are kept for ever."""

    deleted_logs: list[Path] = field(default_factory=list)
    expired_recordings: "ExpiryResult | None" = None

    def __bool__(self) -> bool:
        expired = self.expired_recordings
        return bool(
            self.deleted_logs or (expired and (expired.deleted_files or expired.deleted_objects))
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the result for JSON. `deleted_recordings`: None if they are kept for ever."""
        expired = self.expired_recordings
        return {
            "deleted_logs": [str(file) for file in self.deleted_logs],
            "deleted_recordings": None
            if expired is None
            else [str(file) for file in expired.deleted_files],
            "deleted_objects": expired.deleted_objects if expired else [],
            "deleted_bytes": expired.deleted_bytes if expired else 0,
            "kept": dict(expired.kept_by_reason) if expired else {},
        }

    def format_line(self, *, dry_run: bool = False) -> str:
        """Returns the result as one line."""
        verb = "would be deleted" if dry_run else "deleted"
        line = f"{format_count(len(self.deleted_logs), 'log file')} {verb}; "
        if (expired := self.expired_recordings) is None:
            return line + "recordings are kept for ever (NKWIRE_KEEP_WARC_DAYS)"
        objects = len(expired.deleted_objects)
        archived = f", {objects:,} in the archive" if objects else ""
        line += f"{format_count(len(expired.deleted_files), 'recording')} {verb}{archived} ({format_count(expired.deleted_bytes, 'byte')})"
        return line + (
            f"; old ones kept: {format_counts(expired.kept_by_reason)}"
            if expired.kept_by_reason
            else ""
        )


def delete_expired(database: "Database", config: "Config", *, dry_run: bool = False) -> TidyResult:
    """Deletes the files that are older than the settings say. Raises StorageError and OSError.

    Days without any run count little, so a clock that is a year ahead deletes nothing.
    """
    from crawler.warc.retention import ExpiryResult, delete_expired_objects
    from crawler.warc.retention import delete_expired as delete_recordings
    from storage.files.recordings import recording_folders

    before = database.runs.retention_limit(config.keep_log_days).date()
    result = TidyResult(_find_old_logs(config.home / "logs", before))
    if not dry_run:
        for log_file in result.deleted_logs:
            log_file.unlink(missing_ok=True)
    if config.keep_warc_days is not None:
        oldest = database.runs.retention_limit(config.keep_warc_days)
        url = database.engine.url.render_as_string(hide_password=True)
        result.expired_recordings = ExpiryResult()
        homes = [folder.parent for folder in recording_folders(config.home, url)]
        for home in homes:
            result.expired_recordings.add(
                delete_recordings(database, home, oldest, dry_run=dry_run)
            )
        if archive := configured_archive(config):
            result.expired_recordings.add(
                delete_expired_objects(database, archive, homes, oldest, dry_run=dry_run)
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
