"""`nkwire carriage`, `latency` and `graph`: show who carried a report, how late, and from whom."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
from cli.show.carriage_tables import print_report, print_reports
from cli.show.printing import binary_output, print_json, print_note, print_table
from cli.show.report_lag import print_lag

if TYPE_CHECKING:
    from storage import Database
    from storage.reports.latency import Latency

commands = typer.Typer(rich_markup_mode="rich")

CsvOption = Annotated[
    Path | None,
    typer.Option(
        "--csv", metavar="FILE", help="Write rows as CSV to a file, or - for standard output."
    ),
]
MAX_DIGITS = 18
"""Longer numbers do not fit into 64 bits, so nothing has them."""

_PICTURES = ("png", "jpg", "jpeg", "gif", "pdf")


class GraphFormat(StrEnum):
    """The formats of a graph."""

    DOT = "dot"
    GRAPHML = "graphml"
    JSON = "json"
    SVG = "svg"


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples(
        "nkwire carriage --since 2026-03-01 --at-least 3",
        "nkwire carriage --report r7",
        "nkwire carriage --agency --csv carriage.csv",
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
    csv: CsvOption = None,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show which outlets carry each report, in which manner, and in which time range.

    Only the agency's own text is called original, or an article that is surely the first. A time
    that is known to the day only is printed as a date. With --report all articles of one report are
    listed.
    """
    from storage.reports.carriage import CARRIAGE_COLUMNS, iter_carriage_rows, load_carriage

    first, after = day_range(since, until)
    with read_database(database) as opened:
        print_lag(opened)
        reports = load_carriage(
            opened,
            since=first,
            until=after,
            min_outlets=at_least if report is None else 1,
            agency_only=agency,
            report_id=None if report is None else follow_number(opened, parse_report(report)),
        )
    rows = list(iter_carriage_rows(reports))
    if csv is not None:
        _write_csv(csv, CARRIAGE_COLUMNS, rows)
    elif as_json:
        print_json(rows)
    elif report:
        for each in reports:
            print_report(each)
    else:
        print_reports(reports)


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples("nkwire latency --since 2026-01-01", "nkwire latency --json"),
)
def latency(
    since: SinceOption = "",
    until: UntilOption = "",
    csv: CsvOption = None,
    svg: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Draw the ranges as SVG.")
    ] = None,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show how much later than the agency each outlet carries reports.

    The median delay is a range, because the exact time at which an article appeared is unknown. A
    range that begins below zero says that the outlet was perhaps earlier than the agency.
    """
    from storage.reports.latency import load_latencies

    first, after = day_range(since, until)
    with read_database(database) as opened:
        print_lag(opened)
        latencies = load_latencies(opened, since=first, until=after)
    rows = [_latency_row(each) for each in latencies]
    if svg is not None:
        _write_latency_svg(svg, latencies)
    if csv is not None:
        words = [_format_manners(each) for each in latencies]
        csv_rows = [{**row, "manners": each} for row, each in zip(rows, words, strict=True)]
        _write_csv(csv, LATENCY_COLUMNS, csv_rows)
    elif as_json:
        print_json(rows)
    else:
        _print_latencies(latencies)
        if not latencies:
            print_note(_NO_LATENCIES)


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples(
        "nkwire graph r12 --out report.svg", "nkwire graph s12 | dot -Tpng > report.png"
    ),
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
        typer.Option(help="Format of the graph. By default from the name of FILE, else dot."),
    ] = None,
    database: DatabaseOption = "",
) -> None:
    """Draw how a report spread: its lead document, copies, excerpts and articles that report it."""
    from cli.errors import UserError
    from storage.export.formats.output_files import open_output
    from storage.reports.provenance import load_provenance, load_report_provenance
    from storage.reports.provenance_drawing import format_graph

    is_report = story.startswith("r")
    story_id = story.removeprefix("s")
    if not is_report and (not story_id.isdecimal() or len(story_id) > MAX_DIGITS):
        raise UserError(f"{story!r} is no story: write its id, as in `nkwire stories`")
    suffix = out.suffix.removeprefix(".") if out else ""
    if suffix in _PICTURES and format is None:
        raise UserError(f"nkwire draws no .{suffix}: write {', '.join(GraphFormat)}")
    graph_format = format or (
        GraphFormat(suffix) if suffix in list(GraphFormat) else GraphFormat.DOT
    )
    with read_database(database) as opened:
        print_lag(opened)
        provenance = (
            load_report_provenance(opened, follow_number(opened, parse_report(story)))
            if is_report
            else load_provenance(opened, int(story_id))
        )
    text = format_graph(provenance, graph_format.value)
    if out is None:
        print(text, end="")
        return
    with open_output(out) as file:
        file.write(text.encode())
    print_note(f"{len(provenance.nodes):,} articles in {out}")


def parse_report(text: str) -> int:
    """Returns the number of a report: 7 or r7. Raises UserError for anything else."""
    from cli.errors import UserError

    number = text.removeprefix("r")
    if not (number.isascii() and number.isdecimal()) or len(number) > MAX_DIGITS:
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
    "no report of two outlets has a text of the agency itself: delays are counted from that of the"
    " outlet kcna, or another outlet of rank 0"
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
        "manners",
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
    )


def _format_manners(latency: "Latency") -> str:
    counts = sorted(latency.manner_counts.items())
    return ", ".join(f"{count} {manner.label}" for manner, count in counts)


def _write_latency_svg(out: Path, latencies: "Sequence[Latency]") -> None:
    from storage.export.formats.output_files import open_output
    from storage.reports.latency_chart import format_latency_svg

    with open_output(out) as file:
        file.write(format_latency_svg(latencies).encode())


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
    from storage.export.formats import csv_format, output_files
    from storage.export.formats.columns import Column, ColumnKind

    csv_columns = tuple(Column(name, ColumnKind.TEXT, "") for name in columns)
    with output_files.open_output(binary_output() if str(out) == "-" else out) as file:
        row_count = csv_format.write(file, csv_columns, rows)
    if str(out) != "-":
        print_note(f"{row_count:,} rows in {out}")
