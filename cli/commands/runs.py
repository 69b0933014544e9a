"""`nkwire runs`: lists the runs."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments.names import find_outlets
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
from cli.show.printing import print_json, print_note, print_table
from cli.show.summaries import note_limit
from storage.counts import Count
from storage.wording.run_counts import describe_run_counts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage import Database
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
    outlet: OutletOption = None,
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
        outlets = find_outlets(opened, outlet)
        found = opened.runs.latest(outlets, limit, since=first, outcome=outcome_filter)
        rows = [run_row(each) for each in found]
        if not rows:
            options = {"--since": since, "--outlet": outlet, "--outcome": outcome}
            _note_no_runs(opened, options)
        if len(rows) == limit:
            total = opened.runs.count(outlets, since=first, outcome=outcome_filter)
            note_limit(limit, total, "run")
    if as_json:
        print_json(rows)
        return
    columns = ("started", "slot", "outlet", "kind", "outcome", ">seconds", ">new", ">edited")
    print_table(
        (*columns, "~what happened"),
        [_cells(each) for each in rows],
        drops=("slot", "kind", "seconds", "edited", "new"),
    )


def _note_no_runs(database: "Database", options: "Mapping[str, object]") -> None:
    if database.runs.count():
        given = " and ".join(name for name, value in options.items() if value)
        print_note(f"no runs with {given}: leave out or change an option")
    else:
        print_note(
            "no runs yet: `nkwire crawl OUTLET` and `nkwire run` make them, an import does not"
        )


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
    words = describe_run_counts(counts)
    return [
        row["started_at"],
        f"{row['slot_at']:%H:%M:%S}" if row["slot_at"] else None,
        *(row[name] for name in ("outlet", "kind", "outcome")),
        row["seconds"],
        *(counts.get(each, 0) for each in (Count.STORED_NEW, Count.STORED_EDITED)),
        f"{row['cause']} ({words})" if row["cause"] and words else row["cause"] or words,
    ]
