"""`nkwire export` and `nkwire search`: write the corpus to a file and search it by words."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.commands.changes import print_outdated_changes
from cli.commands.reports import parse_report
from cli.commands.status import build_filters
from cli.errors import UserError
from cli.options import (
    PANEL_IMPORT_EXPORT,
    PANEL_LOOK,
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
from cli.show.printing import (
    binary_output,
    console,
    format_value,
    print_json,
    print_note,
    progress,
)
from cli.show.problems import Problems
from cli.show.report_lag import print_lag
from storage.clean import printable

if TYPE_CHECKING:
    from storage.search.search import Hit

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


SUFFIXES = {
    ".csv": ExportFormat.CSV,
    ".xlsx": ExportFormat.XLSX,
    ".parquet": ExportFormat.PARQUET,
    ".sqlite": ExportFormat.SQLITE,
    ".db": ExportFormat.SQLITE,
    ".warc": ExportFormat.WARC,
}
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
        "nkwire export alone.csv --no-beside   # without its edits, changes of state and gaps",
    ),
)
def export(
    out: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="A file (.gz and .zst are compressed), a folder, or - for standard output.",
        ),
    ],
    format: Annotated[
        ExportFormat | None,
        typer.Option(help="Format of the file. By default from the name of OUT, else jsonl."),
    ] = None,
    collapse: Annotated[
        bool,
        typer.Option("--collapse/--all", help="One row for each story, or one for each article."),
    ] = False,
    since: SinceOption = "",
    until: UntilOption = "",
    outlet: OutletOption = "",
    language: LanguageOption = "",
    statement_level: StatementLevelOption = None,
    story: StoryOption = None,
    report: ReportOption = None,
    status: StatusOption = None,
    words: WordsOption = "",
    text: TextOption = TextAmount.FULL,
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
    from storage.export.export import ExportOptions
    from storage.export.export import export as export_corpus

    file_format = format or format_from_name(out)
    problems = Problems()
    options = ExportOptions(
        field_names=None if fields is FieldNames.NKWIRE else fields.value,
        partition=partition,
        bom=bom,
        with_reports=reports,
        recordings_folder=load_config().home / "warc",
        with_companions=beside,
        on_problem=problems.add,
    )
    if str(out) == "-" and getattr(sys.stdout, "name", "") == os.devnull:
        raise UserError("standard output is closed: name a file")
    output = binary_output() if str(out) == "-" else out
    with read_database(database) as opened:
        if beside:
            print_outdated_changes(opened)
        if reports or report is not None:
            print_lag(opened)
        with progress() as bar:
            task = bar.add_task("exporting", total=None)
            row_count = export_corpus(
                opened,
                output,
                format=file_format.value,
                collapse=collapse,
                text=text.value,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
                options=options,
                status=status.value if status else None,
                report=None if report is None else parse_report(report),
                words=words or None,
                **build_filters(since, until, outlet, language, story, statement_level),
            )
    if str(out) != "-":
        noun = (
            "pages" if file_format is ExportFormat.WARC else "stories" if collapse else "articles"
        )
        print_note(f"{row_count:,} {noun} in {out}")
    return problems.tell("page", "is not in the file")


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples(
        "nkwire search '탄도미사일 발사' --outlet yonhap_ko",
        "nkwire search '\"joint drill\" OR exercise -navy' --collapse",
        "nkwire search 'missil*' --since 2025-09-01 --json",
    ),
)
def search(
    words: Annotated[
        str,
        typer.Argument(
            metavar="WORDS",
            help='The words to find. Also: "a phrase", OR, NOT or -word, begin*, ( ).',
        ),
    ],
    outlet: OutletOption = "",
    language: LanguageOption = "",
    statement_level: StatementLevelOption = None,
    since: SinceOption = "",
    until: UntilOption = "",
    story: StoryOption = None,
    collapse: Annotated[
        bool, typer.Option("--collapse", help="Show only the latest article of each story.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of articles.")] = 20,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Find articles by their words, newest first. Korean, Chinese and Japanese work too."""
    with read_database(database) as opened:
        hits = opened.search(
            words,
            collapse=collapse,
            limit=limit,
            **build_filters(since, until, outlet, language, story, statement_level),
        )
    if as_json:
        print_json([_hit(hit) for hit in hits])
        return
    for hit in hits:
        _print(hit)
    print_note(f"{len(hits):,} found" + (": there may be more, see --limit" * (len(hits) == limit)))


def format_from_name(out: Path) -> ExportFormat:
    """Returns the export format that the suffix of a file name stands for, else JSONL."""
    return next(
        (SUFFIXES[suffix] for suffix in out.suffixes if suffix in SUFFIXES), ExportFormat.JSONL
    )


def _hit(hit: "Hit") -> dict[str, Any]:
    return {
        "article": hit.id,
        "story": hit.story_id,
        "outlet": hit.outlet,
        "at": hit.published or hit.at,
        "language": hit.language,
        "title": hit.title,
        "url": hit.url,
        "snippet": hit.snippet.text,
        "marks": hit.snippet.hit_spans,
    }


def _print(hit: "Hit") -> None:
    from rich.text import Text

    line = Text(
        f"{hit.id}  {format_value(hit.published or hit.at)}  {format_value(hit.outlet)}  ",
        style="dim",
    )
    line.append(format_value(hit.title), style="not dim bold")
    passage, end = Text("   "), 0
    for start, stop in hit.snippet.hit_spans:
        passage.append(printable(hit.snippet.text[end:start]))
        passage.append(printable(hit.snippet.text[start:stop]), style="bold yellow")
        end = stop
    passage.append(printable(hit.snippet.text[end:]))
    console().print(line, passage, sep="\n")
