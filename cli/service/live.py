"""Words for work in progress, and the progress of one-off crawls on a terminal."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cli.show.printing import EMPTY_CELL, error_console, format_value
from crawler.processes.signals import STOP_SECONDS
from storage.counts import Count
from storage.records import Run, RunOutcome, SaveOutcome
from storage.wording.numbers import format_count

COLOURS = {
    RunOutcome.OK: "green",
    RunOutcome.QUIET: "green",
    RunOutcome.EMPTY: "yellow",
    RunOutcome.DEGRADED: "yellow",
    RunOutcome.REFUSED: "yellow",
    RunOutcome.UNREACHABLE: "yellow",
    RunOutcome.FAILED: "red",
    RunOutcome.KILLED: "red",
}


def format_progress(path: Path) -> str:
    """Returns the progress of a running crawl, from its stat file."""
    counts = read_stat(path).get("counts", {})
    pages = format_count(counts.get(Count.PAGE_FETCHED, 0), "page")
    return f"{pages}, {counts.get(Count.STORED_NEW, 0)} new"


def read_stat(path: Path) -> dict[str, Any]:
    """Returns the content of a stat file; {} if there is none."""
    try:
        stat = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return stat if isinstance(stat, dict) else {}


def stopping_line(running: int) -> str:
    """Returns that the service stops, and how many runs it waits for."""
    if not running:
        return "stopping"
    runs = "1 run ends" if running == 1 else f"{running} runs end"
    return (
        f"stopping, {runs} (at most {STOP_SECONDS:.0f} s); a second Ctrl-C or signal ends at once"
    )


def format_time_until(at: datetime | None) -> str:
    """Returns the time until `at` in words, such as `in 5 min`."""
    if at is None:
        return EMPTY_CELL
    remaining = at - datetime.now(UTC)
    if remaining < timedelta(minutes=1):
        return "now" if remaining <= timedelta(0) else f"in {int(remaining.total_seconds())} s"
    minutes = int(remaining.total_seconds() // 60)
    return f"in {minutes} min" if minutes < 120 else f"in {minutes // 60} h"


def last_run_cells(run: Run | None) -> tuple[str | Text, ...]:
    """Returns start, outcome, new and edited articles of a run; it may not have ended yet."""
    if run is None:
        return ("never", EMPTY_CELL, EMPTY_CELL, EMPTY_CELL)
    outcome = Text(run.outcome or "running", COLOURS[run.outcome] if run.outcome else "")
    counts = (str(run.stored(each)) for each in (SaveOutcome.NEW, SaveOutcome.EDITED))
    return (format_value(run.started_at), outcome, *counts)


async def show_crawl_progress(names: list[str], stats: Path) -> None:
    """Shows the progress of one-off crawls on standard error, until it is cancelled."""

    def board() -> Table:
        table = Table.grid(padding=(0, 2))
        for name in names:
            stat = read_stat(stats / f"{name}.json")
            if stat and not stat.get("done"):
                table.add_row(
                    name,
                    f"{int(stat.get('seconds', 0))} s",
                    format_progress(stats / f"{name}.json"),
                    Text(
                        format_value(stat.get("doing", "")),
                        "dim",
                        no_wrap=True,
                        overflow="ellipsis",
                    ),
                )
        return table

    console = error_console()
    if not console.is_terminal:
        return
    with Live(get_renderable=board, console=console, refresh_per_second=2, transient=True):
        await asyncio.Event().wait()
