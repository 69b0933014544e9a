"""`nkwire schedule`: shows and sets when outlets are read."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments.names import check_outlet_names
from cli.errors import UserError
from cli.options import (
    PANEL_COLLECT,
    DatabaseOption,
    JsonOption,
    examples,
    load_config,
    open_database,
    read_database,
    store_outlet_ranks,
)
from cli.show.printing import print_json, print_note, print_table
from storage.wording.durations import format_duration
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage import Database
    from storage.runs.schedule_state import ScheduleProgress
    from storage.runs.slots import Cadence, ScheduleOverride

OFF, DECLARATION = "off", "declaration"

commands = typer.Typer(rich_markup_mode="rich")
schedule = typer.Typer(
    rich_markup_mode="rich",
    no_args_is_help=True,
    help="Show and set when outlets are read. Pause and resume outlets.",
    epilog=examples(
        "nkwire schedule list",
        "nkwire schedule set yonhap 20m --quiet '23:00-06:00 Asia/Seoul'",
        "nkwire schedule pause tass",
    ),
)
commands.add_typer(schedule, name="schedule", rich_help_panel=PANEL_COLLECT)

OutletArgument = Annotated[
    str, typer.Argument(metavar="OUTLET", help="A name as in `nkwire outlets`.")
]


@schedule.command("list", epilog=examples("nkwire schedule list", "nkwire schedule list --json"))
def list_schedule(database: DatabaseOption = "", as_json: JsonOption = False) -> None:
    """Show how often each outlet is read, its next and last run, and the slots missed in a week."""
    now = datetime.now(UTC)
    with read_database(database) as opened:
        rows = _load_rows(opened, now)
    if as_json:
        print_json(rows)
        return
    columns = ("outlet", "read every", "next", "last", "outcome", ">missed", "~remarks")
    print_table(
        columns,
        [
            (
                row["outlet"],
                row["cron"] or format_duration(timedelta(seconds=row["every_seconds"])),
                row["next_at"],
                row["last_at"],
                row["outcome"],
                row["missed"],
                ", ".join(row["remarks"]),
            )
            for row in rows
        ],
        drops=("missed", "outcome", "last"),
    )


@schedule.command(
    "set",
    epilog=examples(
        "nkwire schedule set kcna 15m",
        "nkwire schedule set rodong '5 0,6,12 * * *'   # cron, in UTC",
        "nkwire schedule set yonhap --quiet '23:00-06:00 Asia/Seoul' --jitter 2m",
        "nkwire schedule set yonhap --quiet off",
        "nkwire schedule set kcna --default            # as the outlet declares",
    ),
)
def set_schedule(
    outlet: OutletArgument,
    when: Annotated[
        str,
        typer.Argument(metavar="[WHEN]", help="30m, 2h, 1d, or a cron expression in UTC."),
    ] = "",
    jitter: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="Longest random delay of a slot, such as 2m. 0 for no delay."
        ),
    ] = "",
    quiet: Annotated[
        str,
        typer.Option(
            metavar="HOURS",
            help="Hours in which the outlet is not read, such as '23:00-06:00 Asia/Seoul', or off.",
        ),
    ] = "",
    default: Annotated[
        bool,
        typer.Option(
            "--default", help="Remove all settings. The outlet's declaration applies again."
        ),
    ] = False,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Set when an outlet is read. Settings that are not given stay as they are.

    A running service uses the new schedule within seconds.
    """
    if default and (when or jitter or quiet):
        raise UserError("--default removes all settings: give it without others")
    if not (default or when or jitter or quiet):
        raise UserError("nothing to set: give a time such as 30m, --jitter, --quiet or --default")
    change = _reset_override if default else _parse_changes(when, jitter, quiet)
    _update_override(outlet, database, change, as_json=as_json)


@schedule.command(
    epilog=examples("nkwire schedule sources kcna", "nkwire schedule sources kcna --reset")
)
def sources(
    outlet: OutletArgument,
    reset: Annotated[
        bool,
        typer.Option(
            "--reset",
            help="Forget the state of all sources. The next run reads each source in full.",
        ),
    ] = False,
    database: DatabaseOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show the sources of an outlet: the last poll, failures and the next attempt of each."""
    from crawler.crawl.source_backoff import is_disabled

    [name] = check_outlet_names([outlet])
    with (open_database if reset else read_database)(database) as opened:
        if reset:
            print_note(f"{name}: {format_count(opened.sources.forget(name), 'source')} forgotten")
        states = opened.sources.states(name)
    if as_json:
        print_json([{**asdict(state), "disabled": is_disabled(state)} for state in states])
        return
    columns = ("~source", "read", "changed", ">failures", "kind", "tried again", "~problem")
    print_table(
        columns,
        [
            (
                state.source,
                state.polled_at,
                state.changed_at,
                state.failures,
                "disabled" if is_disabled(state) else state.failure,
                state.next_at,
                state.problem,
            )
            for state in states
        ],
        drops=("changed", "kind", "read", "failures"),
    )


@schedule.command(epilog=examples("nkwire schedule pause tass"))
def pause(
    outlet: OutletArgument, database: DatabaseOption = "", as_json: JsonOption = False
) -> None:
    """Stop reading an outlet until it is resumed. A run in progress is not stopped."""
    _update_override(
        outlet, database, lambda override: replace(override, enabled=False), as_json=as_json
    )


@schedule.command(epilog=examples("nkwire schedule resume tass"))
def resume(
    outlet: OutletArgument, database: DatabaseOption = "", as_json: JsonOption = False
) -> None:
    """Read a paused outlet again."""
    _update_override(
        outlet, database, lambda override: replace(override, enabled=None), as_json=as_json
    )


def _reset_override(override: "ScheduleOverride") -> "ScheduleOverride":
    from storage.runs.slots import ScheduleOverride

    return ScheduleOverride(enabled=override.enabled)


def _parse_changes(
    when: str, jitter: str, quiet: str
) -> "Callable[[ScheduleOverride], ScheduleOverride]":
    """Returns the change that the options ask for.

    Checks all options before the database is opened.
    """
    from storage.runs.slots import parse_cron, parse_interval, parse_quiet_hours

    settings: dict[str, Any] = {}
    if len(when.split()) == 5 or set(when) & set("*,/"):
        settings |= {"cron": parse_cron(when), "every": None}
    elif when:
        settings |= {"every": parse_interval(when), "cron": ""}
    if jitter:
        settings["jitter"] = timedelta(0) if jitter in ("0", "0s") else parse_interval(jitter)
    if quiet:
        if quiet != OFF:
            parse_quiet_hours(quiet)
        settings["quiet"] = "" if quiet == OFF else " ".join(quiet.split())
    return lambda override: replace(override, **settings)


def _update_override(
    outlet: str,
    database: str,
    change: "Callable[[ScheduleOverride], ScheduleOverride]",
    *,
    as_json: bool,
) -> None:
    from storage.runs.slots import ScheduleOverride, days_are_alternatives

    [name] = check_outlet_names([outlet])
    now = datetime.now(UTC)
    with open_database(database, create=True) as opened:
        store_outlet_ranks(opened)
        override = opened.schedule.overrides().get(name, ScheduleOverride())
        opened.schedule.set_override(name, change(override))
        [row] = _load_rows(opened, now, only=name)
    if row["cron"] and days_are_alternatives(row["cron"]):
        print_note(
            f"{row['cron']}: read on these days of the month, and also on these days of the week"
        )
    if as_json:
        print_json(row)
        return
    print_note(f"{name}: {_format_status(row, now)}")


def _format_status(row: dict[str, Any], now: datetime) -> str:
    """Returns when an outlet is read, and when the next time; a cron expression has its zone."""
    if row["paused"]:
        return "paused"
    every = format_duration(timedelta(seconds=row["every_seconds"]))
    when = f"{row['cron']} (UTC)" if row["cron"] else f"every {every}"
    if row["quiet"]:
        when += f", quiet {row['quiet']}"
    if not row["chosen"]:
        return f"{when}, but {row['remarks'][0]}"
    slot, next_at = (f"{row[name]:%Y-%m-%d %H:%M} UTC" for name in ("next_slot_at", "next_at"))
    is_due = row["next_at"] <= now
    return f"{when}, due now, then {slot}" if is_due else f"{when}, next {next_at}"


def _load_rows(database: "Database", now: datetime, only: str = "") -> list[dict[str, Any]]:
    """Returns the schedule of each declared outlet as JSON, with the origin of its cadence.

    `origin`: `schedule` for what these commands have set, the file or `environment` for a setting,
    else `declaration`. `chosen`: whether the settings choose the outlet.
    """
    from crawler.cadences import cadence_texts
    from crawler.chosen import chosen_outlets

    config = load_config()
    origins, chosen, configured = config.origins(), chosen_outlets(config), cadence_texts(config)
    rows = []
    for each in _load_schedules(database, now, only):
        row, name, override = _row(*each, now), each[0].outlet, each[1]
        row["chosen"], row["origin"] = name in chosen, DECLARATION
        if override.every or override.cron:
            row["origin"] = "schedule"
        elif name in configured:
            row["origin"] = origins["cadence"]
            row["remarks"].insert(0, f"set in {row['origin']}")
        if name not in chosen:
            row["next_at"] = None
            row["remarks"].insert(0, "not chosen in the settings")
        rows.append(row)
    return rows


def _load_schedules(
    database: "Database", now: datetime, only: str = ""
) -> "list[tuple[Cadence, ScheduleOverride, ScheduleProgress, list[Any]]]":
    """Returns for each outlet its cadence by the settings, override, progress and latest crawls."""
    from crawler.cadences import configured_cadences
    from crawler.registry import outlets
    from storage.runs.schedule_state import MAX_SLOT_LEAD, RUN_HISTORY_LENGTH, ScheduleProgress
    from storage.runs.slots import ScheduleOverride

    overrides, progress_by_outlet = database.schedule.overrides(), database.schedule.last_taken(now)
    return [
        (
            cadence,
            overrides.get(cadence.outlet, ScheduleOverride()),
            progress_by_outlet.get(cadence.outlet, ScheduleProgress()),
            database.runs.latest(
                cadence.outlet, RUN_HISTORY_LENGTH, kind="crawl", until=now + MAX_SLOT_LEAD
            ),
        )
        for cadence in configured_cadences(outlets(), load_config())
        if only in ("", cadence.outlet)
    ]


def _row(
    configured: "Cadence",
    override: "ScheduleOverride",
    progress: "ScheduleProgress",
    runs: list[Any],
    now: datetime,
) -> dict[str, Any]:
    """Returns an outlet's schedule as JSON, computed by the same functions as in the service."""
    from crawler.registry import outlets
    from storage.runs.schedule_state import compute_schedule_state
    from storage.runs.slots import next_run_at

    cadence, problem = _apply_override(configured, override)
    paused = override.enabled is False
    is_starting = bool(runs) and runs[0].outcome is not None  # a run in progress was not cut off
    state = compute_schedule_state(cadence, progress, runs, now, is_starting=is_starting)
    every = cadence.interval(state.level)
    last = next(iter(runs), None)
    return {
        "outlet": cadence.outlet,
        "every_seconds": every.total_seconds(),
        "declared_seconds": outlets()[cadence.outlet].every.total_seconds(),
        "cron": cadence.cron,
        "between_seconds": [each.total_seconds() for each in cadence.between],
        "jitter_seconds": cadence.jitter.total_seconds() if cadence.jitter is not None else None,
        "quiet": override.quiet,
        "paused": paused,
        "resting_until": state.backoff_until
        if state.backoff_until and state.backoff_until > now
        else None,
        "next_at": None if paused else state.next_run_at(cadence, now),
        "next_slot_at": None
        if paused
        else next_run_at(cadence, now, now, level=state.level, backoff_until=state.backoff_until),
        "last_at": last.started_at if last else None,
        "slot_at": progress.slot_at,
        "outcome": (last.outcome or "running") if last else None,
        "missed": progress.missed,
        "remarks": [
            *problem,
            *_format_remarks(cadence, override, state.level, state.backoff_until, now),
        ],
    }


def _apply_override(
    declared: "Cadence", override: "ScheduleOverride"
) -> "tuple[Cadence, list[str]]":
    """Returns the cadence, and why the settings do not count where they cannot be read any more."""
    from storage.runs.slots import InvalidScheduleError

    try:
        return declared.with_override(override), []
    except InvalidScheduleError as error:
        return declared, [f"read as declared: {error}"]


def _format_remarks(
    cadence: "Cadence",
    override: "ScheduleOverride",
    level: int,
    backoff_until: datetime | None,
    now: datetime,
) -> list[str]:
    remarks: list[str] = []
    if override.enabled is False:
        remarks.append("paused")
    if override.every or override.cron:
        remarks.append("set by you")
    if level:
        base = format_duration(cadence.every)
        remarks.append(f"{'nothing' if level > 0 else 'much'} new, usually {base}")
    if backoff_until and backoff_until > now:
        remarks.append(f"waits until {backoff_until:%Y-%m-%d %H:%M}")
    if override.quiet:
        remarks.append(f"quiet {override.quiet}")
    if override.jitter is not None:
        remarks.append(f"jitter {format_duration(override.jitter)}")
    return remarks
