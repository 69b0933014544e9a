"""How long log files and recordings are kept, and the deletion of those that are older."""

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cli.errors import UserError
from cli.show.printing import tally

if TYPE_CHECKING:
    from crawler.warc.retention import ExpiryResult
    from storage import Database

LOG_DAYS = 30


@dataclass(frozen=True, slots=True)
class Retention:
    """How long files are kept; None is for ever."""

    logs: timedelta
    recordings: timedelta | None


@dataclass(slots=True)
class Tidied:
    """What a pass deleted. `recordings` None: these are kept for ever."""

    logs: list[Path] = field(default_factory=list)
    recordings: "ExpiryResult | None" = None

    def __bool__(self) -> bool:
        return bool(self.logs or (self.recordings and self.recordings.deleted_files))

    def told(self, *, dry_run: bool = False) -> str:
        """One line."""
        done = "would be deleted" if dry_run else "deleted"
        line = f"{len(self.logs)} log files {done}; "
        if (expired := self.recordings) is None:
            return line + "recordings are kept for ever (NKWIRE_KEEP_WARC_DAYS)"
        line += f"{len(expired.deleted_files)} recordings {done} ({expired.deleted_bytes:,} bytes)"
        return line + (
            f"; old ones kept: {tally(expired.kept_by_reason)}" if expired.kept_by_reason else ""
        )


def retention() -> Retention:
    """What the environment says. Raises UserError."""
    recordings = _days("NKWIRE_KEEP_WARC_DAYS")
    return Retention(_days("NKWIRE_KEEP_LOG_DAYS") or timedelta(days=LOG_DAYS), recordings)


def _days(name: str) -> timedelta | None:
    given = os.environ.get(name, "")
    if not given:
        return None
    if not given.isdecimal() or not 0 < int(given) < 100_000:
        raise UserError(
            f"{name}={given!r} must be a number of days; leave it empty for the default"
        )
    return timedelta(days=int(given))


def tidy_up(
    database: "Database", folder: Path, kept_for: Retention, *, dry_run: bool = False
) -> Tidied:
    """Delete what is older than it is to be kept. Raises StorageError and OSError."""
    from crawler.warc.retention import delete_expired

    now = datetime.now(UTC)
    done = Tidied(_old_logs(folder / "logs", (now - kept_for.logs).date()))
    if not dry_run:
        for log in done.logs:
            log.unlink(missing_ok=True)
    if kept_for.recordings is not None:
        done.recordings = delete_expired(
            database, folder, now - kept_for.recordings, dry_run=dry_run
        )
    return done


def _old_logs(folder: Path, before: date) -> list[Path]:
    """Log files of days before one, as `cli.logs.DayFile` names them."""
    found = []
    for file in sorted(folder.glob("*-????-??-??.log")):
        try:
            day = date.fromisoformat(file.stem[-10:])
        except ValueError:
            continue
        if day < before:
            found.append(file)
    return found
