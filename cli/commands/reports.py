"""`nkwire carriage`, `latency` and `graph`: show who carried a report, how late, and from whom."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from cli.arguments.file_formats import PAGE_SUFFIXES, FormatNames, check_suffix
from cli.arguments.names import is_number
from cli.options import (
    PANEL_LOOK,
    DatabaseOption,
    JsonOption,
    SinceOption,
    UntilOption,
    day_range,
    examples,
    read_database,
)
from cli.show.carriage_page import format_carriage_page
from cli.show.carriage_tables import print_report, print_reports
from cli.show.outputs import (
    check_one_result,
    is_standard_output,
    note_result,
    open_result,
    write_page,
)
from cli.show.pictures import write_picture
from cli.show.printing import print_json, print_note, print_table
from cli.show.report_lag import print_lag
from cli.show.summaries import note_empty, note_undated
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from storage import Database
    from storage.reports.latency import Latency
    from storage.reports.provenance_drawing import GraphFormat as TextGraphFormat

commands = typer.Typer(rich_markup_mode="rich")

CsvOption = Annotated[
    Path | None,
    typer.Option(
        "--csv", metavar="FILE", help="Write rows as CSV to a file, or - for standard output."
    ),
]


class GraphFormat(StrEnum):
    """The formats of a graph."""

    DOT = "dot"
    GRAPHML = "graphml"
    JSON = "json"
    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


_PICTURES = (GraphFormat.PNG, GraphFormat.PDF)
"""Drawn by matplotlib, from the shapes of the SVG."""
GRAPH_NAMES = FormatNames(
    suffixes={
        ".dot": GraphFormat.DOT,
        ".gv": GraphFormat.DOT,
        ".graphml": GraphFormat.GRAPHML,
        ".json": GraphFormat.JSON,
        ".svg": GraphFormat.SVG,
        ".png": GraphFormat.PNG,
        ".pdf": GraphFormat.PDF,
    },
    default=GraphFormat.DOT,
    packed={each: (".gz", ".zst") for each in GraphFormat if each not in _PICTURES},
)


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples(
        "nkwire carriage --since 2026-03-01 --at-least 3",
        "nkwire carriage --report r7",
        "nkwire carriage --agency --csv carriage.csv",
        "nkwire carriage --html carriage.html   # all outlets, in a browser",
    ),
)
def carriage(
    since: SinceOption = "",
    until: UntilOption = "",
    at_least: Annotated[
        int,
        typer.Option(
            min=1, max=2**31 - 1, help="Only reports that at least this number of outlets carry."
        ),
    ] = 2,
    agency: Annotated[
        bool, typer.Option("--agency", help="Only reports whose agency original is stored.")
    ] = False,
    report: Annotated[
        str | None,
        typer.Option(
            "--report", metavar="ID", help="Only this report: 7 or r7. A former number is followed."
        ),
    ] = None,
    wide: Annotated[
        bool,
        typer.Option("--wide", help="A column for each outlet, however many outlets there are."),
    ] = False,
    csv: CsvOption = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a self-contained HTML page: a column for each outlet. - is standard output.",
        ),
    ] = None,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show which outlets carry each report, in which manner, and in which time range.

    If the outlets are too many for columns, each report is one line: the outlets with their manners.

    Only the agency's own text is called original, or an article that is surely the first. A time
    that is known to the day only is printed as a date. With --report all articles of one report are
    listed.
    """
    from storage.reports.carriage import (
        CARRIAGE_COLUMNS,
        ReportChoice,
        count_undated,
        iter_carriage_rows,
        load_carriage,
    )

    first, after = day_range(since, until)
    check_suffix("--csv", csv, ".csv")
    check_suffix("--html", html, *PAGE_SUFFIXES)
    check_one_result(csv, html, as_json=as_json)
    with read_database(database) as opened:
        print_lag(opened)
        chosen = ReportChoice(
            min_outlets=at_least if report is None else 1,
            agency_only=agency,
            report_id=None if report is None else follow_number(opened, parse_report(report)),
        )
        reports = load_carriage(opened, since=first, until=after, **chosen)
        note_undated(count_undated(opened, since=first, until=after, **chosen))
        if not reports:
            note_empty(
                opened,
                "reports",
                {"--since": since, "--until": until, "--agency": agency},
                f"none is carried by {format_count(at_least, 'outlet')} or more (see --at-least)",
            )
    if html is not None:
        write_page(html, format_carriage_page(reports), format_count(len(reports), "report"))
    rows = list(iter_carriage_rows(reports, all_articles=report is not None))
    if csv is not None:
        _write_csv(csv, CARRIAGE_COLUMNS, rows)
    elif as_json:
        print_json(rows)
    elif html is not None:
        return
    elif report:
        for each in reports:
            print_report(each)
    elif reports:
        print_reports(reports, wide=wide)


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples("nkwire latency --since 2026-01-01", "nkwire latency --json"),
)
def latency(
    since: SinceOption = "",
    until: UntilOption = "",
    csv: CsvOption = None,
    svg: Annotated[
        Path | None,
        typer.Option("--svg", metavar="FILE", help="Draw the ranges as SVG. - is standard output."),
    ] = None,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show how much later than the agency each outlet carries reports.

    The median delay is a range, because the exact time at which an article appeared is unknown. A
    range that begins below zero says that the outlet was perhaps earlier than the agency.
    """
    from cli.errors import UserError
    from storage.reports.carriage import count_undated
    from storage.reports.latency import load_latencies

    first, after = day_range(since, until)
    check_suffix("--csv", csv, ".csv")
    check_suffix("--svg", svg, ".svg")
    check_one_result(csv, svg, as_json=as_json)
    with read_database(database) as opened:
        print_lag(opened)
        latencies = load_latencies(opened, since=first, until=after)
        note_undated(
            count_undated(opened, since=first, until=after, min_outlets=2, agency_only=True)
        )
        if not latencies and svg is None:
            note_empty(opened, "delays", {"--since": since, "--until": until}, _NO_LATENCIES)
    if svg is not None and not latencies:
        raise UserError(f"nothing to draw: {_NO_LATENCIES}")
    rows = [_latency_row(each) for each in latencies]
    if svg is not None:
        _write_latency_svg(svg, latencies)
    if csv is not None:
        words = [_format_manners(each) for each in latencies]
        csv_rows = [{**row, "manners": each} for row, each in zip(rows, words, strict=True)]
        _write_csv(csv, LATENCY_COLUMNS, csv_rows)
    elif as_json:
        print_json(rows)
    elif svg is None or not is_standard_output(svg):
        _print_latencies(latencies)


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples("nkwire graph r12 --out report.svg", "nkwire graph r12 --out report.png"),
)
def graph(
    story: Annotated[
        str,
        typer.Argument(metavar="STORY", help="A story's id (12 or s12) or a report's (r7)."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The file to write. By default standard output."),
    ] = None,
    format: Annotated[
        GraphFormat | None,
        typer.Option(help="Format of the graph. By default the suffix of FILE says it, else dot."),
    ] = None,
    database: DatabaseOption = "",
) -> None:
    """Draw how a report spread: its lead document, copies, excerpts and articles that report it."""
    from cli.errors import UserError
    from storage.plots.picture import PictureFormat, require_matplotlib
    from storage.plots.scene_picture import draw_scene
    from storage.reports.drawing.spread import draw_spread, left_out_words
    from storage.reports.provenance import load_provenance, load_report_provenance
    from storage.reports.provenance_drawing import MANNER_COLOURS, format_graph

    is_report = story.startswith("r")
    story_id = story.removeprefix("s")
    if not is_report and not is_number(story_id):
        raise UserError(f"{story!r} is no story: write its id, as in `nkwire stories`")
    graph_format = GRAPH_NAMES.choose(out, format)
    picture_format = PictureFormat(graph_format) if graph_format in _PICTURES else None
    if picture_format:
        require_matplotlib()
    with read_database(database) as opened:
        print_lag(opened)
        provenance = (
            load_report_provenance(opened, follow_number(opened, parse_report(story)))
            if is_report
            else load_provenance(opened, int(story_id))
        )
    is_drawn = picture_format is not None or graph_format is GraphFormat.SVG
    if is_drawn and (left_out := left_out_words(provenance)):
        print_note(left_out)
    if picture_format:
        scene = draw_spread(provenance, MANNER_COLOURS)
        write_picture(draw_scene(scene), out, picture_format)
        return
    text = format_graph(provenance, cast("TextGraphFormat", graph_format.value))
    with open_result(out) as file:
        file.write(text.encode())
    note_result(out, format_count(len(provenance.nodes), "article"))


def parse_report(text: str) -> int:
    """Returns the number of a report: 7 or r7. Raises UserError for anything else."""
    from cli.errors import UserError

    number = text.removeprefix("r")
    if not is_number(number):
        raise UserError(f"{text!r} is no report: write its number, as in `nkwire carriage`")
    return int(number)


def follow_number(database: "Database", number: int) -> int:
    """Returns the number that a report has today, and says so if it is another one.

    Raises NotFound if the number was never given or is no report any more.
    """
    from storage.errors import NotFound
    from storage.reports.former_numbers import find_number

    meaning = database.read(lambda connection: find_number(connection, number))
    if meaning.report is None:
        raise NotFound(meaning.as_words())
    if meaning.is_former:
        print_note(meaning.as_words())
    return meaning.report


_NO_LATENCIES = (
    "no report of two outlets has an agency's text. Delays count from a text of the outlet kcna,"
    " or of another agency (`nkwire outlets --json`: agency_rank 0): read or import its articles"
)
LATENCY_COLUMNS = (
    *("outlet", "reports", "ranges_known", "median_more_than_seconds"),
    *("median_less_than_seconds", "median_may_be_earlier", "median_stated_seconds"),
    *("median_stated_more_than_seconds", "median_stated_less_than_seconds", "manners"),
)


def _print_latencies(latencies: "Iterable[Latency]") -> None:
    columns = (
        "outlet",
        ">reports",
        ">ranges known",
        ">median delay",
        ">by stated times",
        "~manners",
    )
    print_table(
        columns,
        [
            (
                latency.outlet,
                f"{latency.reports:,}",
                f"{latency.bounded_reports:,}",
                latency.polled.as_words(),
                latency.stated.as_rounded_words(),
                _format_manners(latency),
            )
            for latency in latencies
        ],
        drops=("ranges known", "manners", "reports"),
    )


def _format_manners(latency: "Latency") -> str:
    counts = sorted(latency.manner_counts.items())
    return ", ".join(f"{count} {manner.label}" for manner, count in counts)


def _write_latency_svg(out: Path, latencies: "Sequence[Latency]") -> None:
    from storage.reports.latency_chart import format_latency_svg

    with open_result(out) as file:
        file.write(format_latency_svg(latencies).encode())
    note_result(out, "picture")


def _latency_row(latency: "Latency") -> dict[str, Any]:
    from storage.reports.delays import to_seconds

    return {
        "outlet": latency.outlet,
        "reports": latency.reports,
        "ranges_known": latency.bounded_reports,
        "median_more_than_seconds": to_seconds(latency.polled.low),
        "median_less_than_seconds": to_seconds(latency.polled.high),
        "median_may_be_earlier": latency.polled.may_be_earlier,
        "median_stated_seconds": to_seconds(latency.stated.exact),
        "median_stated_more_than_seconds": to_seconds(latency.stated.low),
        "median_stated_less_than_seconds": to_seconds(latency.stated.high),
        "manners": {manner.value: count for manner, count in sorted(latency.manner_counts.items())},
    }


def _write_csv(out: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    from storage.export.formats import csv_format
    from storage.export.formats.columns import Column, ColumnKind

    csv_columns = tuple(Column(name, ColumnKind.TEXT, "") for name in columns)
    with open_result(out) as file:
        row_count = csv_format.write(file, csv_columns, rows)
    note_result(out, format_count(row_count, "row"))
