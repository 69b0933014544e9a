"""`nkwire export` and `nkwire search`: the corpus out, whole or the part with certain words."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.commands.changes import judged
from cli.commands.status import filters
from cli.options import (
    PANEL_LOOK,
    PANEL_OUT,
    DatabaseOption,
    JsonOption,
    LanguageOption,
    OutletOption,
    SinceOption,
    UntilOption,
    examples,
    home,
    open_database,
)
from cli.show.printing import console, note, print_json, printable, progress, shown

if TYPE_CHECKING:
    from storage.search.search import Hit

commands = typer.Typer(rich_markup_mode="rich")


class Format(StrEnum):
    """What an export can be written as."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    SQLITE = "sqlite"
    DATASETS = "datasets"
    WARC = "warc"


class Words(StrEnum):
    """How much of the texts an export gives away, within the outlets' rights."""

    FULL = "full"
    LEAD = "lead"
    NONE = "none"


class Fields(StrEnum):
    """Whose names the columns have."""

    NKWIRE = "nkwire"
    NEWSPLEASE = "newsplease"
    MEDIACLOUD = "mediacloud"


class Status(StrEnum):
    """How an article stands."""

    WHOLE = "whole"
    STUB = "stub"
    LIVE = "live"
    GONE = "gone"
    EDITED = "edited"


SUFFIXES = {
    ".csv": Format.CSV,
    ".parquet": Format.PARQUET,
    ".sqlite": Format.SQLITE,
    ".db": Format.SQLITE,
    ".warc": Format.WARC,
}
TextOption = Annotated[
    Words, typer.Option(help="How much of the texts to write; never more than an outlet allows.")
]
StoryOption = Annotated[int | None, typer.Option("--story", metavar="ID", help="Only this story.")]
ReportOption = Annotated[
    int | None,
    typer.Option("--report", metavar="ID", help="Only what carries this story of the agency."),
]
StatusOption = Annotated[
    Status | None, typer.Option("--status", help="Only articles that stand so.")
]
WordsOption = Annotated[
    str, typer.Option("--words", metavar="WORDS", help="Only articles with them (see search).")
]


@commands.command(
    rich_help_panel=PANEL_OUT,
    epilog=examples(
        "nkwire export corpus.jsonl.gz",
        "nkwire export stories.csv --collapse --since 2025-09-01",
        "nkwire export corpus.parquet --words '미사일 OR missile'",
        "nkwire export folder --format parquet --partition",
        "nkwire export - --outlet kcna --text none | jq .title",
        "nkwire export alone.csv --no-beside   # without its edits, changes of state and gaps",
    ),
)
def export(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="A file (packed if .gz or .zst), a folder, or -.")
    ],
    format: Annotated[
        Format | None, typer.Option(help="[default: by the name of OUT, else jsonl]")
    ] = None,
    collapse: Annotated[
        bool, typer.Option("--collapse/--all", help="A row for each story, or for each article.")
    ] = False,
    since: SinceOption = "",
    until: UntilOption = "",
    outlet: OutletOption = "",
    language: LanguageOption = "",
    story: StoryOption = None,
    report: ReportOption = None,
    status: StatusOption = None,
    words: WordsOption = "",
    text: TextOption = Words.FULL,
    fields: Annotated[Fields, typer.Option(help="Whose names the columns have.")] = Fields.NKWIRE,
    partition: Annotated[
        bool, typer.Option("--partition", help="Parquet: a folder for each outlet and month.")
    ] = False,
    reports: Annotated[
        bool, typer.Option(help="Work out which report each article carries, or leave it out.")
    ] = True,
    beside: Annotated[
        bool,
        typer.Option(help="Edits, changes of state and gaps too: OUT's name with .changes ..."),
    ] = True,
    bom: Annotated[bool, typer.Option("--bom", help="CSV that Excel knows for UTF-8.")] = False,
    database: DatabaseOption = "",
) -> None:
    """Write the corpus out as a stream: every article, or with --collapse every story once."""
    from storage.export.export import Shape
    from storage.export.export import export as write

    chosen = format or by_name(out)
    shape = Shape(
        fields=None if fields is Fields.NKWIRE else fields.value,
        partition=partition,
        bom=bom,
        reports=reports,
        recordings=home() / "warc",
        beside=beside,
    )
    with open_database(database) as opened:
        if beside:
            judged(opened)
        with progress() as bar:
            task = bar.add_task("exporting", total=None)
            rows = write(
                opened,
                sys.stdout.buffer if str(out) == "-" else out,
                format=chosen.value,
                collapse=collapse,
                text=text.value,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
                shape=shape,
                status=status.value if status else None,
                report=report,
                words=words or None,
                **filters(since, until, outlet, language, story),
            )
    if str(out) != "-":
        things = "pages" if chosen is Format.WARC else "stories" if collapse else "articles"
        note(f"{rows:,} {things} in {out}")


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
        typer.Argument(metavar="WORDS", help='Words; "a phrase", OR, NOT or -word, begin*, ( ).'),
    ],
    outlet: OutletOption = "",
    language: LanguageOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    story: StoryOption = None,
    collapse: Annotated[
        bool, typer.Option("--collapse", help="Of each story only the latest article.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Find articles by their words, the latest first; Korean, Chinese and Japanese ones too."""
    with open_database(database) as opened:
        hits = opened.search(
            words,
            collapse=collapse,
            limit=limit,
            **filters(since, until, outlet, language, story),
        )
    if as_json:
        print_json([_hit(hit) for hit in hits])
        return
    for hit in hits:
        _print(hit)
    note(f"{len(hits):,} found" + (": there may be more, see --limit" * (len(hits) == limit)))


def by_name(out: Path) -> Format:
    """The format that the name of a file says."""
    return next((SUFFIXES[suffix] for suffix in out.suffixes if suffix in SUFFIXES), Format.JSONL)


def _hit(hit: "Hit") -> dict[str, Any]:
    return {
        "article": hit.id,
        "story": hit.story_id,
        "outlet": hit.outlet,
        "at": hit.at,
        "language": hit.language,
        "title": hit.title,
        "url": hit.url,
        "snippet": hit.snippet.text,
        "marks": hit.snippet.marks,
    }


def _print(hit: "Hit") -> None:
    from rich.text import Text

    line = Text(f"{hit.id}  {shown(hit.at)}  {shown(hit.outlet)}  ", style="dim")
    line.append(shown(hit.title), style="not dim bold")
    passage, end = Text("   "), 0
    for start, stop in hit.snippet.marks:
        passage.append(printable(hit.snippet.text[end:start]))
        passage.append(printable(hit.snippet.text[start:stop]), style="bold yellow")
        end = stop
    passage.append(printable(hit.snippet.text[end:]))
    console().print(line, passage, sep="\n")
