"""`nkwire runs`: lists the runs."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.errors import UserError
from cli.options import (
    PANEL_LOOK,
    DatabaseOption,
    JsonOption,
    OutletOption,
    day_range,
    examples,
    read_database,
)
from cli.show.printing import format_counts, print_json, print_table
from storage.counts import Count

if TYPE_CHECKING:
    from storage.records import Run

commands = typer.Typer(rich_markup_mode="rich")
RUNNING = "running"


@commands.command(
    rich_help_panel=PANEL_LOOK,
    epilog=examples(
        "nkwire runs",
        "nkwire runs --outlet yonhap --since 2026-03-01",
        "nkwire runs --outcome failed --json | jq '.[].cause'",
    ),
)
def runs(
    since: Annotated[
        str,
        typer.Option(
            metavar="DATE", help="Only runs that started on this day (YYYY-MM-DD, UTC) or later."
        ),
    ] = "",
    outlet: OutletOption = "",
    outcome: Annotated[
        str,
        typer.Option(
            metavar="OUTCOME", help="Only runs with this outcome: ok, failed ... or running."
        ),
    ] = "",
    limit: Annotated[int, typer.Option(min=1, max=2**31 - 1, help="Maximum number of runs.")] = 50,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """List runs, newest first: how each ended, how long it took and what it counted.

    `slot` is the scheduled time (UTC) that a run was for. Runs that were started by hand have none.
    """
    first, _ = day_range(since, "")
    outcome_filter = check_outcome(outcome)
    with read_database(database) as opened:
        rows = [
            run_row(each)
            for each in opened.runs.latest(
                outlet or None, limit, since=first, outcome=outcome_filter
            )
        ]
    if as_json:
        print_json(rows)
        return
    columns = ("started", "slot", "outlet", "kind", "outcome", ">seconds", ">new", ">edited")
    print_table((*columns, "~what happened"), [_cells(each) for each in rows])


def check_outcome(name: str) -> str | None:
    """Returns the outcome's name, or None for "". Raises UserError for an unknown outcome."""
    from storage.records import RunOutcome

    known_outcomes = [*RunOutcome, RUNNING]
    if name and name not in known_outcomes:
        raise UserError(f"unknown outcome {name!r}: the outcomes are {', '.join(known_outcomes)}")
    return name or None


def run_row(run: "Run") -> dict[str, Any]:
    """Returns a run as JSON. Times are in UTC. `seconds` is None while the run goes on."""
    ended_at = run.ended_at
    return {
        "run": run.id,
        "outlet": run.outlet,
        "kind": run.kind,
        "outcome": run.outcome or RUNNING,
        "cause": run.cause,
        "slot_at": run.slot_at,
        "started_at": run.started_at,
        "ended_at": ended_at,
        "seconds": round((ended_at - run.started_at).total_seconds(), 1) if ended_at else None,
        "host": run.host,
        "pid": run.pid,
        "counts": run.counts,
    }


def _cells(row: dict[str, Any]) -> list[object]:
    counts = row["counts"]
    counts_text = format_counts({cause: number for cause, number in counts.items() if number})
    return [
        row["started_at"],
        f"{row['slot_at']:%H:%M:%S}" if row["slot_at"] else None,
        *(row[name] for name in ("outlet", "kind", "outcome")),
        row["seconds"],
        *(counts.get(each, 0) for each in (Count.STORED_NEW, Count.STORED_EDITED)),
        f"{row['cause']} ({counts_text})" if row["cause"] else counts_text,
    ]
