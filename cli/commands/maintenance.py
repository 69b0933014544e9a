"""`nkwire backup`, `restore`, `tidy` and `upgrade`: what keeps a database safe, small and up to date."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import ExitCode, UserError
from cli.options import (
    PANEL_IMPORT_EXPORT,
    DatabaseOption,
    JsonOption,
    examples,
    load_config,
    open_database,
    read_database,
)
from cli.service.retention import delete_expired
from cli.show.printing import print_json, print_note, progress
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from storage.backup.restore import Restored

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
    as_json: JsonOption = False,
) -> int:
    """Copy the whole database to a file. The service can run meanwhile.

    The file is a database for SQLite, and an archive for pg_restore for PostgreSQL. The recordings
    (`warc/`) are not included. They are only appended to, so copy them after the database.
    `nkwire restore` puts a backup of SQLite back.
    """
    from storage.backup.backup import back_up

    with read_database(database) as opened:
        try:
            back_up(opened, file)
        except FileExistsError as error:
            raise UserError(f"{error}: name a new file") from None
        except OSError as error:
            raise UserError(f"{file} cannot be written: {error.strerror}") from error
    size = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "bytes": size})
    else:
        print_note(f"{file}: {format_count(size, 'byte')}")
    return ExitCode.OK


@commands.command(
    rich_help_panel=PANEL_IMPORT_EXPORT,
    epilog=examples(
        "nkwire restore /backup/nkwire-2026-03-01.db",
        "nkwire restore /backup/nkwire-2026-03-01.db --replace",
    ),
)
def restore(
    backup: Annotated[
        Path, typer.Argument(metavar="BACKUP", help="A file that `nkwire backup` made.")
    ],
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help="Replace a database that is there. It is kept under a dated name."
        ),
    ] = False,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> int:
    """Put a backup of a SQLite database back in its place. Stop the service first.

    Checks the backup, brings a copy of it up to date and renames the copy. If this is interrupted,
    the old database is as it was. The backup itself stays as it is. A backup of PostgreSQL is
    restored with pg_restore.
    """
    from scheduler import LEASE_NAME
    from storage.backup import restore as restoring
    from storage.engine import parse_url

    url = parse_url(load_config().resolved_database_url(database))
    if url.get_backend_name() != "sqlite":
        raise UserError(_postgresql_line(backup))
    with progress() as bar:
        task = bar.add_task("comparing versions", total=None)
        restored = restoring.restore(
            backup,
            Path(str(url.database)),
            lease=LEASE_NAME,
            replace=replace,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json(restored.to_dict())
    else:
        _print_restored(restored)
    return ExitCode.OK


def _postgresql_line(backup: Path) -> str:
    """Returns what to do with a backup if the database is PostgreSQL."""
    from storage.backup.restore import check_backup
    from storage.errors import StorageError

    try:
        check_backup(backup)
    except StorageError:
        return (
            "a backup of PostgreSQL is restored with its own program:"
            f" `createdb NAME && pg_restore --no-owner --dbname=NAME {backup}`"
        )
    return (
        f"{backup} is a backup of SQLite, which does not fit into PostgreSQL: restore it with"
        " --database sqlite:///FILE, then `nkwire export` from there and `nkwire import` here"
    )


def _print_restored(restored: "Restored") -> None:
    latest = restored.last_captured_at
    until = f", the latest of {latest:%Y-%m-%d %H:%M} UTC" if latest else ""
    articles = format_count(restored.articles, "article")
    outlets = format_count(restored.outlets, "outlet")
    print_note(f"{restored.file}: {articles} of {outlets}{until}")
    if restored.was_outdated:
        print_note(
            f"the backup is of an older nkwire (revision {restored.revision}); it is upgraded"
        )
    if restored.kept:
        print_note(f"the database that was there is now {restored.kept}")
    print_note("recordings (`warc/`) are not in a backup: see docs/operations.md#restore")


@commands.command(
    rich_help_panel=PANEL_IMPORT_EXPORT,
    epilog=examples("nkwire tidy --dry-run", "NKWIRE_KEEP_WARC_DAYS=365 nkwire tidy"),
)
def tidy(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be deleted. Delete nothing.")
    ] = False,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> int:
    """Delete old log files and recordings, by NKWIRE_KEEP_LOG_DAYS and NKWIRE_KEEP_WARC_DAYS.

    The service does the same every six hours. Recordings are kept for ever by default. Recordings
    of runs that lost something, and of articles in quarantine, are always kept.
    """
    config = load_config()
    with (read_database if dry_run else open_database)(database) as opened:
        result = delete_expired(opened, config, dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, **result.to_dict()})
    else:
        print_note(result.format_line(dry_run=dry_run))
    return ExitCode.OK


@commands.command(
    rich_help_panel=PANEL_IMPORT_EXPORT,
    epilog=examples("nkwire backup /backup/before.db && nkwire upgrade"),
)
def upgrade(database: DatabaseOption = "", as_json: JsonOption = False) -> None:
    """Bring the database up to date after an upgrade of nkwire.

    Updates the tables, the search index and the list of changes, and undoes an interrupted write.
    The service and all commands that write do the same for the tables. Commands that only read do
    not. An older nkwire refuses the database afterwards, so make a backup first.
    """
    compared = 0
    with open_database(database) as opened:
        if not opened.changes.are_current():
            with progress() as bar:
                task = bar.add_task("comparing versions", total=None)
                compared = opened.changes.rebuild(
                    lambda done, total: bar.update(task, completed=done, total=total)
                )
    if as_json:
        print_json({"up_to_date": True, "articles_compared": compared})
    else:
        print_note("the database is up to date")
