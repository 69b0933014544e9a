"""`nkwire revisits`: shows and sets at which ages articles are fetched again, and what it costs."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments.names import find_outlet
from cli.errors import UserError
from cli.options import (
    PANEL_DECIDE,
    DatabaseOption,
    JsonOption,
    examples,
    open_database,
    read_database,
    store_outlet_ranks,
)
from cli.show.printing import print_json, print_note, print_table, progress
from storage.wording.durations import InvalidDurationError, format_duration, parse_duration
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crawler.outlet import Outlet
    from storage.changes.revisit_settings import RevisitSummary

commands = typer.Typer(rich_markup_mode="rich")

_MIN_AGE, _MAX_AGE = timedelta(minutes=1), timedelta(days=36_500)


@commands.command(
    rich_help_panel=PANEL_DECIDE,
    epilog=examples(
        "nkwire revisits                            # what re-visits cost, outlet by outlet",
        "nkwire revisits kcna --ages '15m 1h 6h 1d 3d 30d 1y'",
        "nkwire revisits tass --off                 # never fetch its articles again",
        "nkwire revisits kcna --default             # as the outlet declares",
        "nkwire revisits --ages '1h 1d' --dry-run   # what these intervals would cost",
    ),
)
def revisits(
    outlet: Annotated[
        str, typer.Argument(metavar="[OUTLET]", help="An outlet's name. By default all outlets.")
    ] = "",
    ages: Annotated[
        str,
        typer.Option(
            metavar="AGES", help="Ages at which an article is revisited: 15m 1h 3h 1d 30d 1y."
        ),
    ] = "",
    off: Annotated[bool, typer.Option("--off", help="Never revisit articles.")] = False,
    default: Annotated[
        bool,
        typer.Option(
            "--default", help="Remove the setting. The outlet's declaration applies again."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --ages: show the cost. Change nothing.")
    ] = False,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show or set at which ages the articles of an outlet are revisited, and what it costs.

    A setting is stored in the database, overrides the outlet's declaration and applies from the
    next run on. Costs are requests for 1,000 articles in their first month and in their first year.
    """
    from crawler.registry import outlets

    if bool(ages) + off + default > 1:
        raise UserError("--ages, --off and --default exclude each other")
    new_intervals = () if off else parse_ages(ages) if ages else None
    is_change = new_intervals is not None or default
    if is_change and not dry_run and not outlet:
        raise UserError("name the outlet to change, or add --dry-run")
    declared = outlets()
    writes = is_change and not dry_run
    with open_database(database, create=True) if writes else read_database(database) as opened:
        outlet = find_outlet(opened, outlet) or ""
        if writes:
            store_outlet_ranks(opened)
            declared_intervals = declared[outlet].revisit or None if outlet in declared else None
            with progress() as bar:
                task = bar.add_task("finding out what is due", total=None)
                due_count = opened.revisit_intervals.override(
                    outlet,
                    new_intervals,
                    declared=declared_intervals,
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                )
            print_note(f"{outlet}: {format_count(due_count, 'article')} due by it now")
        summaries = opened.revisit_intervals.summary(datetime.now(UTC), timedelta(days=30))
        cadences = {name: each.every for name, each in opened.schedule.overrides().items()}
    rows = [
        revisit_row(each, declared, cadences, new_intervals if dry_run else None)
        for each in summaries
        if outlet in ("", each.outlet)
    ]
    if as_json:
        print_json(rows)
    else:
        _print(rows)


def parse_ages(text: str) -> tuple[timedelta, ...]:
    """Parses ages such as `15m 1h30m, 30d` and returns them in rising order. Raises UserError."""
    parts = text.replace(",", " ").split()
    try:
        ages = {parse_duration(part) for part in parts}
    except InvalidDurationError:
        ages = set()
    if not ages:
        raise UserError(f"--ages {text!r}: write ages such as 15m 1h 3h 1d 30d 1y")
    if min(ages) < _MIN_AGE or max(ages) > _MAX_AGE:
        raise UserError(f"--ages {text!r}: ages go from 1m to 100y")
    return tuple(sorted(ages))


def revisit_row(
    summary: "RevisitSummary",
    declared: "Mapping[str, type[Outlet]]",
    cadences: "Mapping[str, timedelta | None]",
    trial_ages: tuple[timedelta, ...] | None = None,
) -> dict[str, Any]:
    """Returns the revisit setting of an outlet and its cost, as JSON.

    If `trial_ages` is given, the cost is that of these ages. The `leader_` costs are for reports on
    the leader, which are revisited more often.
    """
    from storage.changes.revisit_intervals import (
        DEFAULT_INTERVALS,
        LEADER_REPORT_INTERVALS,
        count_revisits,
    )

    spider = declared.get(summary.outlet)
    every = cadences.get(summary.outlet) or (spider.every if spider else timedelta(0))
    intervals = summary.intervals if trial_ages is None else trial_ages
    if intervals is None:
        intervals = DEFAULT_INTERVALS
    leader_intervals = tuple(sorted({*intervals, *LEADER_REPORT_INTERVALS}))
    if not spider or spider.agency_rank or not intervals:
        leader_intervals = intervals
    origin = "declared" if summary.intervals is not None else "default"
    return {
        "outlet": summary.outlet,
        "set_by": "dry run" if trial_ages is not None else "you" if summary.is_override else origin,
        "ages_seconds": [int(interval.total_seconds()) for interval in intervals],
        "every_seconds": int(every.total_seconds()),
        "articles": summary.articles,
        "due": summary.due,
        "due_within_30_days": summary.due_soon,
        "month_per_1000": 1000 * count_revisits(30, intervals, every),
        "year_per_1000": 1000 * count_revisits(365, intervals, every),
        "leader_month_per_1000": 1000 * count_revisits(30, leader_intervals, every),
        "leader_year_per_1000": 1000 * count_revisits(365, leader_intervals, every),
    }


def _print(rows: list[dict[str, Any]]) -> None:
    columns = ("outlet", "set by", "~ages", ">watched", ">due", ">in 30 days", ">month", ">year")
    print_table(
        columns,
        [
            (
                row["outlet"],
                row["set_by"],
                " ".join(format_duration(timedelta(seconds=s)) for s in row["ages_seconds"])
                or "never",
                f"{row['articles']:,}",
                f"{row['due']:,}",
                f"{row['due_within_30_days']:,}",
                _format_cost(row, "month"),
                _format_cost(row, "year"),
            )
            for row in rows
        ],
        drops=("in 30 days", "month", "watched", "set by", "year"),
    )


def _format_cost(row: dict[str, Any], period: str) -> str:
    """Returns the cost for 1,000 articles, in brackets for reports on the leader if it differs."""
    cost, leader_cost = row[f"{period}_per_1000"], row[f"leader_{period}_per_1000"]
    return f"{cost:,}" if cost == leader_cost else f"{cost:,} ({leader_cost:,})"
