"""`nkwire plot`: draws pictures of the corpus with matplotlib."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.charts.stats import count_filters
from cli.options import (
    PANEL_LOOK,
    DatabaseOption,
    LanguageOption,
    OutletOption,
    SinceOption,
    UntilOption,
    day_range,
    examples,
    read_database,
)
from cli.show.pictures import check_picture, write_picture
from cli.show.report_lag import print_lag
from cli.show.summaries import note_undated, undated_words

commands = typer.Typer(rich_markup_mode="rich")
plot = typer.Typer(
    help="Draw who carried what, how late, and articles over time: SVG, PNG or PDF.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    epilog=examples(
        "nkwire plot carriage --out carried.svg",
        "nkwire plot articles --by week --out articles.png",
    ),
)
commands.add_typer(plot, name="plot", rich_help_panel=PANEL_LOOK)

_MOST_DPI = 1200

OutOption = Annotated[
    Path,
    typer.Option(
        "--out", metavar="FILE", help="The picture to write: FILE.svg, FILE.png or FILE.pdf."
    ),
]
TitleOption = Annotated[str, typer.Option(metavar="TEXT", help="Another title for the picture.")]
DpiOption = Annotated[
    int, typer.Option("--dpi", min=20, max=_MOST_DPI, help="PNG only: dots per inch.")
]
AtLeastOption = Annotated[
    int,
    typer.Option(
        min=1, max=2**31 - 1, help="Only reports that at least this number of outlets carry."
    ),
]


class Stack(StrEnum):
    """What the bars are divided by."""

    OUTLET = "outlet"
    LANGUAGE = "language"


class BarStep(StrEnum):
    """What a bar stands for."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@plot.command(
    epilog=examples(
        "nkwire plot carriage --out carried.svg",
        "nkwire plot carriage --since 2026-03-01 --at-least 3 --out carried.png --dpi 300",
    )
)
def carriage(
    out: OutOption,
    since: SinceOption = "",
    until: UntilOption = "",
    at_least: AtLeastOption = 2,
    agency: Annotated[
        bool, typer.Option("--agency", help="Only reports whose agency original is stored.")
    ] = False,
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="Draw at most this number of reports.")
    ] = 60,
    title: TitleOption = "Who carried what",
    dpi: DpiOption = 150,
    database: DatabaseOption = "",
) -> None:
    """Draw a row for each report and a column for each outlet; the colour shows the manner.

    A darker cell is closer to the agency's own words. If there are more reports than --limit, the
    picture shows those that the most outlets carry.
    """
    from storage.plots.carriage_map import draw_carriage
    from storage.reports.carriage import ReportChoice, count_undated, load_carriage

    kind = check_picture(out)
    first, after = day_range(since, until)
    chosen = ReportChoice(min_outlets=at_least, agency_only=agency)
    with read_database(database) as opened:
        print_lag(opened)
        reports = load_carriage(opened, since=first, until=after, **chosen)
        undated = count_undated(opened, since=first, until=after, **chosen)
    carry = "outlet carries" if at_least == 1 else "outlets carry"
    _check_rows(reports, f"no report that {at_least:,} {carry}", undated)
    write_picture(draw_carriage(reports, limit, title=title), out, kind, dpi)


@plot.command(epilog=examples("nkwire plot delays --since 2026-01-01 --out delays.svg"))
def delays(
    out: OutOption,
    since: SinceOption = "",
    until: UntilOption = "",
    limit: Annotated[
        int, typer.Option(min=1, max=1000, help="Draw at most this number of outlets.")
    ] = 60,
    title: TitleOption = "How late after the agency",
    dpi: DpiOption = 150,
    database: DatabaseOption = "",
) -> None:
    """Draw how much later than the agency each outlet carries reports, as ranges.

    The exact time at which an article appeared is unknown. So a line goes from the least possible
    delay to the greatest. Both the polls and the times that outlets state count.
    """
    from storage.plots.delay_ranges import draw_delays
    from storage.reports.carriage import count_undated
    from storage.reports.latency import load_delays

    kind = check_picture(out)
    first, after = day_range(since, until)
    with read_database(database) as opened:
        print_lag(opened)
        found = load_delays(opened, since=first, until=after)
        undated = count_undated(opened, since=first, until=after, min_outlets=2, agency_only=True)
    _check_rows(
        [each for each in found if each.delays],
        "no report of two outlets has a text of the agency itself (outlet kcna) and times",
        undated,
    )
    write_picture(draw_delays(found, limit, title=title), out, kind, dpi)


@plot.command(
    epilog=examples(
        "nkwire plot articles --out articles.svg",
        "nkwire plot articles --stack language --by month --out articles.pdf",
    )
)
def articles(
    out: OutOption,
    stack: Annotated[Stack, typer.Option(help="What the bars are divided by.")] = Stack.OUTLET,
    by: Annotated[
        BarStep | None,
        typer.Option(help="What a bar stands for. By default what fits the time."),
    ] = None,
    since: SinceOption = "",
    until: UntilOption = "",
    outlet: OutletOption = None,
    language: LanguageOption = "",
    title: TitleOption = "Articles over time",
    dpi: DpiOption = 150,
    database: DatabaseOption = "",
) -> None:
    """Draw how many articles there are over time. Articles without a date have a separate bar."""
    from storage.export.undated import count_left_out
    from storage.plots.article_bars import draw_articles
    from storage.totals.article_counts import CountedBy, load_day_counts
    from storage.totals.calendar_steps import Step

    kind = check_picture(out)
    with read_database(database) as opened:
        filters = count_filters(opened, since, until, outlet, language)
        counts = load_day_counts(opened, CountedBy(stack.value), filters)
        undated = count_left_out(opened, **asdict(filters))
    _check_rows(counts, "no article passes these filters", undated)
    picture = draw_articles(counts, Step(by.value) if by else None, title=title)
    write_picture(picture, out, kind, dpi)


def _check_rows(rows: object, reason: str, undated: int) -> None:
    """Says how many articles without a date are left out. Raises UserError if there are no rows."""
    from cli.errors import UserError

    if not rows:
        left_out = f"; {undated_words(undated)} left out" if undated else ""
        raise UserError(f"nothing to draw: {reason}{left_out}")
    note_undated(undated)
