"""`nkwire snapshot`: creates, verifies and compares snapshots of the corpus for citation."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.commands.changes import print_outdated_changes
from cli.commands.export import (
    ReportOption,
    StatusFilter,
    StatusOption,
    TextAmount,
    TextOption,
    WordsOption,
)
from cli.commands.reports import parse_report
from cli.commands.status import build_filters
from cli.errors import ExitCode, UserError
from cli.options import (
    PANEL_IMPORT_EXPORT,
    DatabaseOption,
    JsonOption,
    LanguageOption,
    OutletOption,
    SinceOption,
    StatementLevelOption,
    UntilOption,
    examples,
    load_config,
    read_database,
)
from cli.show.printing import print_json, print_note, print_table, print_warning, progress
from cli.show.report_lag import print_lag
from cli.show.summaries import note_undated
from storage.wording.numbers import format_count

commands = typer.Typer(rich_markup_mode="rich")
snapshot = typer.Typer(
    rich_markup_mode="rich",
    no_args_is_help=True,
    help="Create, verify and compare snapshots of the corpus for citation.",
    epilog=examples(
        "nkwire snapshot create paper-2026 --title 'KCNA in the press' --author 'A. Scholar'",
        "nkwire snapshot verify paper-2026",
    ),
)
commands.add_typer(snapshot, name="snapshot", rich_help_panel=PANEL_IMPORT_EXPORT)

SnapshotArgument = Annotated[
    Path,
    typer.Argument(
        metavar="SNAPSHOT",
        help="The folder of a snapshot, or the name of one in snapshots/ in NKWIRE_HOME.",
    ),
]


class SnapshotFormat(StrEnum):
    """The file formats of a snapshot's data."""

    JSONL = "jsonl"
    PARQUET = "parquet"


@snapshot.command(
    epilog=examples(
        "nkwire snapshot create paper-2026 --since 2025-09-01 --until 2026-02-28",
        "nkwire snapshot create shared --text none --out ~/shared",
    )
)
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Letters, digits, '.', '_', '-'.")],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="The folder to write. By default snapshots/NAME in NKWIRE_HOME."
        ),
    ] = None,
    title: Annotated[str, typer.Option(help="Title for the citation.")] = "",
    author: Annotated[
        list[str] | None, typer.Option(help="Author for the citation. Repeat for several.")
    ] = None,
    format: Annotated[
        SnapshotFormat, typer.Option(help="Format of the data.")
    ] = SnapshotFormat.JSONL,
    since: SinceOption = "",
    until: UntilOption = "",
    outlet: OutletOption = None,
    language: LanguageOption = "",
    statement_level: StatementLevelOption = None,
    report: ReportOption = None,
    status: StatusOption = None,
    words: WordsOption = "",
    text: TextOption = TextAmount.FULL,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Write a snapshot: data, manifest, citation files and a dictionary of the columns.

    The same request on the same database gives the same bytes.
    """
    from storage.export.undated import count_left_out
    from storage.files.making import make_folders
    from storage.snapshots.create import SnapshotRequest, create_snapshot

    folder = out or _snapshots_folder() / name
    with read_database(database) as opened:
        request = SnapshotRequest(
            name=name,
            title=title,
            authors=tuple(author or ()),
            format=format.value,
            text=text.value,
            filters={
                **build_filters(
                    opened, since, until, outlet, language, statement_level=statement_level
                ),
                "report": None if report is None else parse_report(report),
                "status": StatusFilter(status).value if status else None,
                "words": words or None,
            },
        )
        print_outdated_changes(opened)
        print_lag(opened)
        note_undated(count_left_out(opened, **request.filters))
        with progress() as bar:
            if out is None:
                make_folders(folder.parent)
            task = bar.add_task("freezing", total=None)
            created = create_snapshot(
                opened,
                folder,
                request,
                lambda done, total: bar.update(task, completed=done, total=total),
            )
    summary = {"folder": str(folder), "id": f"sha256:{created.id}", "articles": created.articles}
    if as_json:
        print_json(summary | {"files": created.files, "bytes": created.bytes})
    else:
        print(
            f"{format_count(created.articles, 'article')}, {format_count(created.files, 'file')}"
            f" in {folder}\nsha256:{created.id}"
        )


@snapshot.command(epilog=examples("nkwire snapshot verify paper-2026"))
def verify(folder: SnapshotArgument, as_json: JsonOption = False) -> int:
    """Check every file of a snapshot against its manifest. Exits with 1 if a file differs."""
    from storage.snapshots.check import read_manifest, verify_snapshot

    folder = find_snapshot(folder)
    problems = verify_snapshot(folder)
    if as_json:
        print_json({"id": f"sha256:{read_manifest(folder)['id']}", "problems": problems})
    else:
        for problem in problems:
            print_warning(problem)
        print(format_count(len(problems), "problem") if problems else "all files are as they were")
    return ExitCode.FAILED if problems else ExitCode.OK


@snapshot.command(epilog=examples("nkwire snapshot diff paper-2025 paper-2026"))
def diff(
    old: SnapshotArgument,
    new: SnapshotArgument,
    as_json: JsonOption = False,
) -> None:
    """Show what differs: articles, stories, reports and decisions.

    Articles are added, removed, edited or moved to another story. Stories are merged, split,
    renumbered or have another lead document. Decisions are made or taken back; they are compared
    only if both snapshots have the same filters.
    """
    from storage.snapshots.check import diff_snapshots

    difference = diff_snapshots(find_snapshot(old), find_snapshot(new))
    if as_json:
        print_json(
            {
                "settings": difference.settings,
                "counts": difference.counts,
                "examples": difference.examples,
                "stories": asdict(difference.stories),
                "reports": asdict(difference.reports),
                "decisions": asdict(difference.decisions),
                "other_filters": difference.other_filters,
            }
        )
        return
    for name, (before, after) in difference.settings.items():
        print(f"{name}: {before} -> {after}")
    kinds = ("same", "added", "removed", "edited", "moved")
    print_table(
        ("articles", ">how many", "~for example"),
        [
            (kind, f"{difference.counts[kind]:,}", (difference.examples.get(kind) or [""])[0])
            for kind in kinds
        ],
    )
    if difference.other_filters:
        names = ", ".join(difference.other_filters)
        print_note(f"the filters differ ({names}): decisions are not compared")
    tallies = {
        "stories": difference.stories,
        "reports": difference.reports,
        "decisions": difference.decisions,
    }
    for what, tally in tallies.items():
        if tally.counts:
            print_table(
                (what, ">how many", "~for example"),
                [
                    (kind, f"{count:,}", tally.examples[kind][0])
                    for kind, count in sorted(tally.counts.items())
                ],
            )


def find_snapshot(given: Path) -> Path:
    """Returns the folder of a snapshot: the path as given, else the one of this name in NKWIRE_HOME.

    Raises UserError that names both places if there is nothing in either.
    """
    from storage.snapshots.create import MANIFEST_NAME

    places = [given, _snapshots_folder() / given]
    for has_all in (lambda place: (place / MANIFEST_NAME).exists(), Path.exists):
        for place in places:
            if has_all(place):
                return place
    looked = " and ".join(dict.fromkeys(str(place.absolute()) for place in places))
    names = sorted(each.parent.name for each in _snapshots_folder().glob(f"*/{MANIFEST_NAME}"))
    hint = f"there are {', '.join(names)}" if names else "`nkwire snapshot create NAME` makes one"
    raise UserError(f"no snapshot {str(given)!r}: looked in {looked}; {hint}")


def _snapshots_folder() -> Path:
    return load_config().home / "snapshots"
