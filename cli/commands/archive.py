"""`nkwire archive`: copies recordings to the archive, and says what is there."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments.recordings import configured_archive, require_archive
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
from cli.service.archiving import describe_sweep, make_sweeper, problem_lines
from cli.show.printing import print_json, print_note, print_warning, progress
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.warc.archiving import LocalRecording, Sweeper, SweepResult

_NO_ARCHIVE = "there is no archive: set NKWIRE_ARCHIVE=s3://BUCKET/PREFIX"

commands = typer.Typer(rich_markup_mode="rich")
archive = typer.Typer(
    rich_markup_mode="rich",
    no_args_is_help=True,
    help="Copy recordings to the archive (NKWIRE_ARCHIVE), and say what is there.",
    epilog=examples("nkwire archive status", "nkwire archive push --dry-run"),
)
commands.add_typer(archive, name="archive", rich_help_panel=PANEL_IMPORT_EXPORT)


@archive.command(
    "push",
    epilog=examples(
        "NKWIRE_ARCHIVE=s3://corpus/warc nkwire archive push",
        "nkwire archive push --dry-run",
        "nkwire archive push --remove-local   # frees the disk once the copies are compared",
    ),
)
def push(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be copied. Copy nothing.")
    ] = False,
    remove_local: Annotated[
        bool,
        typer.Option(
            "--remove-local",
            help="Delete each file here whose copy was read again and has the same bytes.",
        ),
    ] = False,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> int:
    """Copy all recordings that are not in the archive yet, also those that no run made.

    Recordings of runs that go on are left out. The same command continues after a stop. Exits with 3
    if a file cannot be read, or differs from the object of its name; both stay.
    """
    from storage.runs.recordings import ArchiveState

    with (read_database if dry_run else open_database)(database) as opened:
        sweeper = _require_sweeper(make_sweeper(load_config(), opened))
        found = sweeper.look()
        due = [
            each
            for each in found
            if each.state is ArchiveState.DUE
            or (each.state is ArchiveState.UNKNOWN and sweeper.archive.size(each.key) != each.size)
        ]
        if dry_run:
            return _tell_dry_run(due, as_json)
        result = _push(sweeper, due)
        removed: list[Path] = []
        if remove_local and not result.problem:
            kept = (ArchiveState.RUNNING, ArchiveState.EXPIRED)
            removed = _remove_archived(sweeper, [each for each in found if each.state not in kept])
    _tell_result(result, removed, as_json=as_json, remove_local=remove_local)
    if result.problem:
        return ExitCode(result.problem.exit_code)
    return ExitCode.PARTIAL if result.conflicts else ExitCode.OK


def _require_sweeper(sweeper: "Sweeper | None") -> "Sweeper":
    if sweeper is None:
        raise UserError(_NO_ARCHIVE)
    return sweeper


def _push(sweeper: "Sweeper", due: "Sequence[LocalRecording]") -> "SweepResult":
    total, done = sum(each.size for each in due), 0
    with progress() as bar:
        task = bar.add_task("archiving", total=total)

        def show(each: "LocalRecording") -> None:
            nonlocal done
            done += each.size
            bar.update(task, completed=done, total=total)

        return sweeper.upload(due, on_file=show)


def _remove_archived(sweeper: "Sweeper", candidates: "Sequence[LocalRecording]") -> list[Path]:
    """Deletes the files whose objects have the same bytes, and returns them."""
    removed = []
    with progress() as bar:
        task = bar.add_task("comparing", total=len(candidates))
        for number, each in enumerate(candidates, start=1):
            if each.file.is_file() and sweeper.archive.holds(each.file, each.key):
                each.file.unlink()
                removed.append(each.file)
            bar.update(task, completed=number, total=len(candidates))
    return removed


def _tell_dry_run(due: "Sequence[LocalRecording]", as_json: bool) -> int:
    size = sum(each.size for each in due)
    if as_json:
        print_json(
            {"dry_run": True, "archived": [str(each.file) for each in due], "archived_bytes": size}
        )
    else:
        for each in due:
            print(each.file)
        print_note(
            f"{format_count(len(due), 'recording')} would be archived ({format_count(size, 'byte')})"
        )
    return ExitCode.OK


def _tell_result(
    result: "SweepResult", removed: list[Path], *, as_json: bool, remove_local: bool
) -> None:
    problems = problem_lines(result)
    for line in problems:
        print_warning(f"nkwire: {line}")
    if as_json:
        print_json(
            {
                "dry_run": False,
                "archived": [str(file) for file in result.uploaded],
                "archived_bytes": result.uploaded_bytes,
                "there_before": result.found,
                "left": result.left,
                "removed": [str(file) for file in removed],
                "problems": problems,
            }
        )
        return
    print_note(describe_sweep(result) or "nothing new to archive")
    if remove_local:
        print_note(f"{format_count(len(removed), 'file')} deleted here")


def _tell_no_archive(as_json: bool) -> int:
    if as_json:
        print_json({"archive": None})
    else:
        print_note(_NO_ARCHIVE)
    return ExitCode.OK


@archive.command("status", epilog=examples("nkwire archive status", "nkwire archive status --json"))
def status(database: DatabaseOption = "", as_json: JsonOption = False) -> int:
    """Say how many recordings are in the archive, and how many wait here.

    Asks the database and this host's folders, not the archive: `nkwire doctor` tries that.
    """
    from crawler.warc.archiving import Sweeper
    from storage.errors import MissingLibrary
    from storage.files.recordings import recording_folders
    from storage.runs.recordings import ArchiveState

    config = load_config()
    place = configured_archive(config)
    with read_database(database) as opened:
        if place is None:
            return _tell_no_archive(as_json)
        try:
            require_archive(config)
        except MissingLibrary as error:
            print_warning(f"nkwire: {error}")
        totals = opened.recordings.archive_totals(str(place))
        folders = recording_folders(config.home, config.resolved_database_url(database))
        found = Sweeper(opened, place, folders).look()
    by_state = {state: [each for each in found if each.state is state] for state in ArchiveState}
    waiting = by_state[ArchiveState.DUE]
    row: dict[str, Any] = {
        "archive": str(place),
        "recordings": totals.recordings,
        "bytes": totals.bytes,
        "last_archived_at": totals.last_at,
        "in_other_archives": totals.elsewhere,
        "waiting": len(waiting),
        "waiting_bytes": sum(each.size for each in waiting),
        "being_written": len(by_state[ArchiveState.RUNNING]),
        "of_no_known_run": len(by_state[ArchiveState.UNKNOWN]),
    }
    if as_json:
        print_json(row)
        return ExitCode.OK
    since = f", the last at {totals.last_at:%Y-%m-%d %H:%M} UTC" if totals.last_at else ""
    print(
        f"{place}: {format_count(totals.recordings, 'recording')}"
        f" ({format_count(totals.bytes, 'byte')}){since}"
    )
    waiting_bytes = format_count(row["waiting_bytes"], "byte")
    print(
        f"here: {len(waiting):,} waiting ({waiting_bytes}), {row['being_written']:,} being written,"
        f" {row['of_no_known_run']:,} of no known run"
    )
    if totals.elsewhere:
        print_note(
            f"{format_count(totals.elsewhere, 'recording')} are noted in another archive: if you"
            " copied them, `nkwire archive push` notes those whose files are here"
        )
    return ExitCode.OK
