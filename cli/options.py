"""Options that many commands share, and the settings that give their defaults."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import UserError
from dedup.statements.statement_level import StatementLevel
from storage.version import package_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.config.config import Config
    from storage import Database

DATABASE_WAIT_SECONDS = 20.0  # how long a command waits for a busy or unreachable database
PANEL_COLLECT, PANEL_LOOK, PANEL_IMPORT_EXPORT = "Collect", "Look", "Take out and bring in"
PANEL_DECIDE, PANEL_AUTHORS = "Decide", "Add outlets"
PANEL_FILES = "Work on files, without a database"
PANEL_SETUP = "Set up"


class Place(StrEnum):
    """Who reads the outlets: this process and its children, or workers on other hosts."""

    HERE = "here"
    ELSEWHERE = "elsewhere"


DatabaseOption = Annotated[
    str,
    typer.Option(
        "--database",
        metavar="URL",
        help="The database: sqlite:///FILE or postgresql://... "
        "[NKWIRE_DATABASE_URL; default: nkwire.db in NKWIRE_HOME or ./data]",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
JobsOption = Annotated[
    int,
    typer.Option(
        "--jobs",
        metavar="N",
        min=0,
        max=256,
        help="Work in N processes; 0 means one for each core. Each needs about 150 MB.",
    ),
]
SinceOption = Annotated[
    str,
    typer.Option(
        metavar="DATE", help="Only articles published on this day (YYYY-MM-DD, UTC) or later."
    ),
]
UntilOption = Annotated[
    str,
    typer.Option(
        metavar="DATE", help="Only articles published on this day (YYYY-MM-DD, UTC) or earlier."
    ),
]
OutletOption = Annotated[
    list[str] | None,
    typer.Option("--outlet", metavar="NAME", help="Only this outlet. Repeat for several."),
]
StatementLevelOption = Annotated[
    list[StatementLevel] | None,
    typer.Option(
        "--statement-level",
        metavar="LEVEL",
        help="Only articles that print or report a North Korean statement of this level: "
        f"{', '.join(StatementLevel)}. Repeat for several.",
    ),
]
LanguageOption = Annotated[
    str, typer.Option("--language", metavar="CODE", help="Only this language (ko, en ...).")
]


def _print_version(value: bool) -> None:
    if value:
        print(f"nkwire {package_version()}")
        raise typer.Exit


VersionOption = Annotated[
    bool,
    typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
]


CONFIG_OPTION = "--config"
ConfigOption = Annotated[
    str,
    typer.Option(
        CONFIG_OPTION,
        metavar="FILE",
        help="The file of settings, also after the command. [NKWIRE_CONFIG; default: nkwire.toml]",
        show_default=False,
    ),
]


def examples(*lines: str) -> str:
    """Returns the epilog of a command's help.

    The empty lines make rich print each example on its own line.
    """
    return "\n\n".join(("[bold]Examples[/bold]", *(f"  {line}" for line in lines)))


def load_config() -> "Config":
    """Returns the settings of the environment and of nkwire.toml. Raises ConfigError.

    Tells in one line which variables are no settings.
    """
    from crawler.config import config  # pydantic takes a quarter of a second

    loaded = config.load_config()
    if ignored := config.ignored_variables():
        _tell_ignored(ignored)
    return loaded


@cache
def _tell_ignored(names: tuple[str, ...]) -> None:
    """Tells it once, though a command may ask for the settings again."""
    line = f"nkwire: not settings, so ignored: {', '.join(names)} (see docs/settings.md)"
    typer.echo(line, err=True)  # a guarded stream, which makes it safe


def check_writable(folder: Path) -> None:
    """Raises UserError if a folder is not writable or cannot be created. Creates nothing."""
    absolute_path = folder.absolute()
    existing_folder = next(
        each for each in (absolute_path, *absolute_path.parents) if each.exists()
    )
    try:
        with TemporaryFile(dir=existing_folder):
            pass
    except OSError as error:
        reason = f"{existing_folder}: {error.strerror}"
        raise UserError(f"cannot write to {folder} ({reason}): set NKWIRE_HOME") from None


@contextmanager
def read_database(option: str) -> "Iterator[Database]":
    """Opens the database for a command that only looks, and closes it afterwards.

    The file stays as it is, byte for byte, and nothing is left beside it. An older or missing
    database raises StorageError. So does one that turns out to be damaged.
    """
    with _opened(option, reading_only=True) as database:
        yield database


@contextmanager
def open_database(option: str, *, create: bool = False) -> "Iterator[Database]":
    """Opens the database for a command that writes, brings it up to date, and closes it afterwards.

    Creates a missing one only if `create` is set. Raises Unavailable if the database cannot be
    reached within DATABASE_WAIT_SECONDS.
    """
    with _opened(option, create=create) as database:
        yield database


@contextmanager
def _opened(
    option: str, *, create: bool = False, reading_only: bool = False
) -> "Iterator[Database]":
    import storage
    from dedup.temporary_folder import sweep_temporary_folders
    from dedup.text.kernel_loader import use_kernel
    from storage.verification.damage import damage_explained

    sweep_temporary_folders()
    config = load_config()
    use_kernel(config.kernel)
    database = storage.open_database(
        config.resolved_database_url(option),
        create=create,
        seed=config.dedup_seed,
        patience=DATABASE_WAIT_SECONDS,
        reading_only=reading_only,
    )
    try:
        with damage_explained(database):
            yield database
    finally:
        database.close()


def store_outlet_ranks(database: "Database") -> None:
    """Stores the agency rank of each declared outlet, which helps to choose the lead document.

    Rank 0 is the agency itself.
    """
    from crawler.registry import outlets

    database.outlets.declare_ranks({name: outlet.agency_rank for name, outlet in outlets().items()})


def day_range(since: str, until: str) -> tuple[datetime | None, datetime | None]:
    """Returns the start of the day `since` and the end of the day `until`, both in UTC.

    The end is exclusive (midnight of the next day). A day that is not given becomes None. Raises
    UserError for a malformed day, or if `until` is before `since`.
    """
    first, last = _parse_day("--since", since), _parse_day("--until", until)
    if first and last and last < first:
        raise UserError(f"--until {until} is before --since {since}")
    if last and last.date() == date.max:
        raise UserError(f"--until {until}: there is no day after it")
    return first, last + timedelta(days=1) if last else None


def _parse_day(option: str, text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time.min, UTC) if text else None
    except ValueError:
        raise UserError(f"{option} {text!r} is not a day: write it as 2025-09-05") from None
