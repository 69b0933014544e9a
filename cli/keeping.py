"""`nkwire backup` and `nkwire tidy`: looking after what was collected."""

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import ExitCode, UserError
from cli.options import PANEL_OUT, DatabaseOption, examples, home, open_database
from cli.printing import note, tally

if TYPE_CHECKING:
    from crawler.warc.retention import Expired
    from storage import Database

LOG_DAYS = 30

commands = typer.Typer(rich_markup_mode="rich")


@commands.command(
    rich_help_panel=PANEL_OUT,
    epilog=examples(
        "nkwire backup /backup/nkwire-2026-03-01.db",
        "nkwire backup /backup/nkwire.dump --database postgresql://localhost/nkwire",
    ),
)
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that is not there yet.")],
    database: DatabaseOption = "",
) -> int:
    """Copy the whole database to a file while the service goes on; docs/operations.md restores it.

    Of SQLite the file is a database, of PostgreSQL an archive for pg_restore. The recorded answers
    (`warc/`) are files that are only appended to: copy them after the database.
    """
    from storage.backup import back_up

    with open_database(database) as opened:
        try:
            back_up(opened, file)
        except FileExistsError as error:
            raise UserError(f"{error}: name a new file") from None
        except OSError as error:
            raise UserError(f"{file} cannot be written: {error.strerror}") from None
    note(f"{file}: {file.stat().st_size:,} bytes")
    return ExitCode.OK


@commands.command(
    rich_help_panel=PANEL_OUT,
    epilog=examples("nkwire tidy --dry-run", "NKWIRE_KEEP_WARC_DAYS=365 nkwire tidy"),
)
def tidy(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be deleted, delete nothing.")
    ] = False,
    database: DatabaseOption = "",
) -> int:
    """Delete log files and recorded answers that are older than NKWIRE_KEEP_..._DAYS say.

    The service does the same every six hours. Recordings are kept for ever unless told otherwise, and
    those of runs that lost something, or whose articles lie in quarantine, in any case.
    """
    kept_for = retention()
    with open_database(database) as opened:
        done = tidy_up(opened, home(), kept_for, dry_run=dry_run)
    note(done.told(dry_run=dry_run))
    return ExitCode.OK


@dataclass(frozen=True, slots=True)
class Retention:
    """How long files are kept; None is for ever."""

    logs: timedelta
    recordings: timedelta | None


@dataclass(slots=True)
class Tidied:
    """What a pass deleted. `recordings` None: these are kept for ever."""

    logs: list[Path] = field(default_factory=list)
    recordings: "Expired | None" = None

    def __bool__(self) -> bool:
        return bool(self.logs or (self.recordings and self.recordings.files))

    def told(self, *, dry_run: bool = False) -> str:
        """One line."""
        done = "would be deleted" if dry_run else "deleted"
        line = f"{len(self.logs)} log files {done}; "
        if (expired := self.recordings) is None:
            return line + "recordings are kept for ever (NKWIRE_KEEP_WARC_DAYS)"
        line += f"{len(expired.files)} recordings {done} ({expired.bytes:,} bytes)"
        return line + (f"; old ones kept: {tally(expired.kept)}" if expired.kept else "")


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
    from crawler.warc.retention import expire

    now = datetime.now(UTC)
    done = Tidied(_old_logs(folder / "logs", (now - kept_for.logs).date()))
    if not dry_run:
        for log in done.logs:
            log.unlink(missing_ok=True)
    if kept_for.recordings is not None:
        done.recordings = expire(database, folder, now - kept_for.recordings, dry_run=dry_run)
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
