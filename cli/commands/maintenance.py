"""`nkwire backup`, `tidy` and `upgrade`: what keeps a database safe, small and up to date."""

from pathlib import Path
from typing import Annotated

import typer

from cli.errors import ExitCode, UserError
from cli.options import (
    PANEL_IMPORT_EXPORT,
    DatabaseOption,
    examples,
    load_config,
    open_database,
    read_database,
)
from cli.service.retention import delete_expired
from cli.show.printing import print_note, progress

commands = typer.Typer(rich_markup_mode="rich")


@commands.command(
    rich_help_panel=PANEL_IMPORT_EXPORT,
    epilog=examples(
        "nkwire backup /backup/nkwire-2026-03-01.db",
        "nkwire backup /backup/nkwire.dump --database postgresql://localhost/nkwire",
    ),
)
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file. It must not exist.")],
    database: DatabaseOption = "",
) -> int:
    """Copy the whole database to a file. The service may go on running.

    The file is a database for SQLite, and an archive for pg_restore for PostgreSQL. The recordings
    (`warc/`) are not included. They are only appended to, so copy them after the database. See
    docs/operations.md for how to restore a backup.
    """
    from storage.backup import back_up

    with read_database(database) as opened:
        try:
            back_up(opened, file)
        except FileExistsError as error:
            raise UserError(f"{error}: name a new file") from None
        except OSError as error:
            raise UserError(f"{file} cannot be written: {error.strerror}") from error
    print_note(f"{file}: {file.stat().st_size:,} bytes")
    return ExitCode.OK


@commands.command(
    rich_help_panel=PANEL_IMPORT_EXPORT,
    epilog=examples("nkwire tidy --dry-run", "NKWIRE_KEEP_WARC_DAYS=365 nkwire tidy"),
)
def tidy(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be deleted. Delete nothing.")
    ] = False,
    database: DatabaseOption = "",
) -> int:
    """Delete old log files and recordings, by NKWIRE_KEEP_LOG_DAYS and NKWIRE_KEEP_WARC_DAYS.

    The service does the same every six hours. Recordings are kept for ever by default. Recordings
    of runs that lost something, and of articles in quarantine, are always kept.
    """
    config = load_config()
    with (read_database if dry_run else open_database)(database) as opened:
        result = delete_expired(opened, config, dry_run=dry_run)
    print_note(result.format_line(dry_run=dry_run))
    return ExitCode.OK


@commands.command(
    rich_help_panel=PANEL_IMPORT_EXPORT,
    epilog=examples("nkwire backup /backup/before.db && nkwire upgrade"),
)
def upgrade(database: DatabaseOption = "") -> None:
    """Bring the database up to date after an upgrade of nkwire.

    Updates the tables, the search index and the list of changes, and undoes an interrupted write.
    The service and all commands that write do the same for the tables. Commands that only look do
    not. An older nkwire refuses the database afterwards, so make a backup first.
    """
    with open_database(database) as opened:
        if not opened.changes.are_current():
            with progress() as bar:
                task = bar.add_task("comparing versions", total=None)
                opened.changes.rebuild(
                    lambda done, total: bar.update(task, completed=done, total=total)
                )
    print_note("the database is up to date")
