"""`nkwire export`: writes the corpus to a file."""

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments.file_formats import FormatNames
from cli.arguments.recordings import recording_places
from cli.commands.changes import print_outdated_changes
from cli.commands.reports import parse_report
from cli.commands.status import build_filters
from cli.options import (
    PANEL_IMPORT_EXPORT,
    DatabaseOption,
    LanguageOption,
    OutletOption,
    SinceOption,
    StatementLevelOption,
    UntilOption,
    examples,
    load_config,
    read_database,
)
from cli.show.outputs import note_result, output_of
from cli.show.printing import print_note, progress
from cli.show.problems import Problems
from cli.show.report_lag import print_lag
from cli.show.summaries import note_undated
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from storage.export.formats.selection import ExportFilters

commands = typer.Typer(rich_markup_mode="rich")


class ExportFormat(StrEnum):
    """The file formats of an export."""

    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    SQLITE = "sqlite"
    DATASETS = "datasets"
    WARC = "warc"


class TextAmount(StrEnum):
    """How much of the texts an export contains, within the outlets' rights."""

    FULL = "full"
    LEAD = "lead"
    NONE = "none"


class FieldNames(StrEnum):
    """The project whose column names an export uses."""

    NKWIRE = "nkwire"
    NEWSPLEASE = "newsplease"
    MEDIACLOUD = "mediacloud"


class StatusFilter(StrEnum):
    """The states of an article by which one can select."""

    WHOLE = "whole"
    STUB = "stub"
    LIVE = "live"
    GONE = "gone"
    EDITED = "edited"


EXPORT_NAMES = FormatNames(
    suffixes={
        ".jsonl": ExportFormat.JSONL,
        ".ndjson": ExportFormat.JSONL,
        ".csv": ExportFormat.CSV,
        ".xlsx": ExportFormat.XLSX,
        ".parquet": ExportFormat.PARQUET,
        ".sqlite": ExportFormat.SQLITE,
        ".db": ExportFormat.SQLITE,
        ".warc": ExportFormat.WARC,
    },
    default=ExportFormat.JSONL,
    packed={
        ExportFormat.JSONL: (".gz", ".zst"),
        ExportFormat.CSV: (".gz", ".zst"),
        ExportFormat.WARC: (".gz",),
    },
)
TextOption = Annotated[
    TextAmount,
    typer.Option(help="How much of the texts to write. Never more than the outlet's rights allow."),
]
StoryOption = Annotated[
    int | None,
    typer.Option("--story", metavar="ID", min=1, max=2**63 - 1, help="Only this story."),
]
ReportOption = Annotated[
    str | None,
    typer.Option(
        "--report",
        metavar="ID",
        help="Only articles that carry this report: 7 or r7. A former number is followed.",
    ),
]
StatusOption = Annotated[
    StatusFilter | None, typer.Option("--status", help="Only articles in this state.")
]
WordsOption = Annotated[
    str,
    typer.Option(
        "--words",
        metavar="WORDS",
        help="Only articles with these words (syntax: see `nkwire search --help`).",
    ),
]


@commands.command(
    rich_help_panel=PANEL_IMPORT_EXPORT,
    epilog=examples(
        "nkwire export corpus.jsonl.gz",
        "nkwire export stories.csv --collapse --since 2025-09-01",
        "nkwire export january.xlsx --since 2026-01-01 --until 2026-02-01   # for Excel",
        "nkwire export corpus.parquet --words '미사일 OR missile'",
        "nkwire export folder --format parquet --partition",
        "nkwire export - --outlet kcna --text none | jq .title",
        "nkwire export s3://corpus/all.parquet   # appears there when it is complete",
        "nkwire export alone.csv --no-beside   # without its edits, changes of state and gaps",
    ),
)
def export(
    out: Annotated[
        str,
        typer.Argument(
            metavar="OUT",
            help="A file (.gz and .zst are compressed), a folder, s3://BUCKET/NAME, or - for "
            "standard output.",
        ),
    ],
    format: Annotated[
        ExportFormat | None,
        typer.Option(
            help="Format of the file. By default the last suffix of OUT says it; for -, jsonl."
        ),
    ] = None,
    collapse: Annotated[
        bool,
        typer.Option("--collapse/--all", help="One row for each story, or one for each article."),
    ] = False,
    since: SinceOption = "",
    until: UntilOption = "",
    outlet: OutletOption = None,
    language: LanguageOption = "",
    statement_level: StatementLevelOption = None,
    story: StoryOption = None,
    report: ReportOption = None,
    status: StatusOption = None,
    words: WordsOption = "",
    text: TextOption = TextAmount.FULL,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=2**31 - 1,
            help="Maximum number of articles, or of stories with --collapse: the first by id.",
        ),
    ] = None,
    fields: Annotated[
        FieldNames, typer.Option(help="The project whose column names to use.")
    ] = FieldNames.NKWIRE,
    partition: Annotated[
        bool,
        typer.Option("--partition", help="Parquet only: write a folder for each outlet and month."),
    ] = False,
    reports: Annotated[
        bool,
        typer.Option(help="Name the report that each article carries, or leave this column empty."),
    ] = True,
    beside: Annotated[
        bool,
        typer.Option(
            help="Also write edits, changes of state and gaps, to OUT's name with .changes ..."
        ),
    ] = True,
    bom: Annotated[
        bool,
        typer.Option("--bom", help="CSV only: add a byte order mark, so that Excel reads UTF-8."),
    ] = False,
    database: DatabaseOption = "",
) -> int:
    """Export the corpus: one row for each article, or with --collapse one row for each story.

    Rows are written as a stream, so large corpora need little memory.
    """
    from storage.archive.location import is_address
    from storage.archive.places import has_any_place
    from storage.export.export import ExportOptions
    from storage.export.export import export as export_corpus
    from storage.export.remote import export_to_address, local_name
    from storage.export.undated import count_left_out
    from storage.files.recordings import describe_places

    is_remote = is_address(out)
    path = Path(local_name(out) if is_remote else out)
    file_format = EXPORT_NAMES.choose(path, format)
    places = recording_places(load_config(), database)
    problems = Problems(is_silent=not has_any_place(places))
    options = ExportOptions(
        field_names=None if fields is FieldNames.NKWIRE else fields.value,
        partition=partition,
        bom=bom,
        with_reports=reports,
        recordings=places,
        with_companions=beside,
        limit=limit,
        on_problem=problems.add,
    )
    output = output_of(path)
    with read_database(database) as opened:
        if beside:
            print_outdated_changes(opened)
        if reports or report is not None:
            print_lag(opened)
        filters: ExportFilters = {
            **build_filters(opened, since, until, outlet, language, story, statement_level),
            "status": status.value if status else None,
            "report": None if report is None else parse_report(report),
            "words": words or None,
        }
        note_undated(count_left_out(opened, **filters))
        with progress() as bar:
            task = bar.add_task("exporting", total=None)
            export_rows = partial(
                export_corpus,
                opened,
                format=file_format.value,
                collapse=collapse,
                text=text.value,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
                options=options,
                **filters,
            )
            row_count = export_to_address(export_rows, out) if is_remote else export_rows(output)
    nouns = ("story", "stories") if collapse else ("article",)
    if file_format is ExportFormat.WARC:
        nouns = ("page",)
    note_result(out if is_remote else path, format_count(row_count, *nouns))
    if problems.count and not row_count:
        missing = format_count(problems.count, "recorded page")
        print_note(f"{missing} not found: {describe_places(places)}")
    return problems.tell("page", "is not in the file")
