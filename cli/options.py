"""Options that many commands share, and what they mean together with the environment."""

import os
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage import Database

DATABASE_WAIT_SECONDS = 20.0  # seconds that a person waits for a database that is busy or gone
PANEL_COLLECT, PANEL_LOOK, PANEL_IMPORT_EXPORT = "Collect", "Look", "Take out and bring in"
PANEL_DECIDE, PANEL_FILES = "Decide", "Work on files, without a database"

DatabaseOption = Annotated[
    str,
    typer.Option(
        "--database",
        metavar="URL",
        help="Where the corpus lies: sqlite:///FILE or postgresql://... "
        "[NKWIRE_DATABASE_URL; default: nkwire.db in NKWIRE_HOME or ./data]",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
SinceOption = Annotated[
    str, typer.Option(metavar="DATE", help="Published on this day (YYYY-MM-DD, UTC) or later.")
]
UntilOption = Annotated[
    str, typer.Option(metavar="DATE", help="Published on this day (YYYY-MM-DD, UTC) or earlier.")
]
OutletOption = Annotated[str, typer.Option("--outlet", metavar="NAME", help="Only this outlet.")]
LanguageOption = Annotated[
    str, typer.Option("--language", metavar="CODE", help="Only this language (ko, en ...).")
]


def _print_version(value: bool) -> None:
    if value:
        try:
            print(f"nkwire {version('nkwire')}")
        except PackageNotFoundError:
            print("nkwire (not installed)")
        raise typer.Exit


VersionOption = Annotated[
    bool,
    typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version."),
]


def examples(*lines: str) -> str:
    """The epilog of a command's help. An empty line keeps each example on a line of its own."""
    return "\n\n".join(("[bold]Examples[/bold]", *(f"  {line}" for line in lines)))


def home() -> Path:
    """The folder that holds the database, the WARC files and the logs."""
    return Path(os.environ.get("NKWIRE_HOME") or "data")


def check_writable(folder: Path) -> None:
    """Raise UserError if nothing can be written to a folder, or it cannot be made; makes nothing."""
    whole = folder.absolute()
    nearest = next(each for each in (whole, *whole.parents) if each.exists())
    try:
        with TemporaryFile(dir=nearest):
            pass
    except OSError as error:
        why = f"{nearest}: {error.strerror}"
        raise UserError(f"cannot write to {folder} ({why}): set NKWIRE_HOME") from None


def database_url(option: str) -> str:
    """What `--database` says, else NKWIRE_DATABASE_URL, else a SQLite file in `home()`."""
    return option or os.environ.get("NKWIRE_DATABASE_URL") or f"sqlite:///{home() / 'nkwire.db'}"


def minhash_seed() -> int | None:
    """NKWIRE_DEDUP_SEED: the MinHash seed of a database that is made now, None for a random one."""
    given = os.environ.get("NKWIRE_DEDUP_SEED", "")
    if not given:
        return None
    if not given.isdecimal() or int(given) >= 1 << 63:
        raise UserError(f"NKWIRE_DEDUP_SEED={given!r} must be a whole number from 0 to 2^63-1")
    return int(given)


@contextmanager
def open_database(option: str, *, create: bool = False) -> "Iterator[Database]":
    """The corpus, closed afterwards; commands that only look do not make an empty one."""
    import storage
    from storage.errors import Unavailable

    try:
        database = storage.open_database(
            database_url(option), create=create, seed=minhash_seed(), patience=DATABASE_WAIT_SECONDS
        )
    except Unavailable as error:
        raise UserError(str(error)) from error
    try:
        yield database
    finally:
        database.close()


def store_outlet_ranks(database: "Database") -> None:
    """Tell the database how near each outlet is to the source, which decides who leads a story."""
    from crawler.registry import outlets

    database.outlets.declare_ranks({name: outlet.agency_rank for name, outlet in outlets().items()})


def day_range(since: str, until: str) -> tuple[datetime | None, datetime | None]:
    """The first moment of one day and the first after another, UTC; None for one not given."""
    first, last = _parse_day("--since", since), _parse_day("--until", until)
    if first and last and last < first:
        raise UserError(f"--until {until} is before --since {since}")
    return first, last + timedelta(days=1) if last else None


def _parse_day(option: str, text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time.min, UTC) if text else None
    except ValueError:
        raise UserError(f"{option} {text!r} is not a day: write it as 2025-09-05") from None
