"""`nkwire backup`: looking after what was collected."""

from pathlib import Path
from typing import Annotated

import typer

from cli.errors import ExitCode, UserError
from cli.options import PANEL_OUT, DatabaseOption, examples, open_database
from cli.printing import note

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
