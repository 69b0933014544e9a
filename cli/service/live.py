"""Shows work in progress on a terminal: the service's board, and one-off crawls."""

import asyncio
import logging
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from cli.logs import OneLineFormatter
from cli.show.health import format_health
from cli.show.printing import EMPTY_CELL, error_console, format_value
from crawler.processes.children import Child
from scheduler import Scheduler
from storage import Database
from storage.counts import Count
from storage.errors import StorageError
from storage.records import Run, RunOutcome, SaveOutcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.health.assessment import Health

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


class RecentLinesHandler(logging.Handler):
    """Keeps the last log lines of level WARNING or higher, for display below the board."""

    def __init__(self, number: int = 4) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(OneLineFormatter())
        self.lines: deque[str] = deque(maxlen=number)

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the record as one line."""
        self.lines.append(format_value(self.format(record)))


class ServiceBoard:
    """The service as a table: what runs, what comes next, how each last run ended."""

    def __init__(self, scheduler: Scheduler, database: Database, stats: Path) -> None:
        self.log = RecentLinesHandler()
        self._scheduler = scheduler
        self._database = database
        self._stats = stats
        self._last_runs: Mapping[str, Run] = {}
        self._healths: Mapping[str, Health] = {}

    async def show(self, console: Console) -> None:
        """Shows the board until it is cancelled."""
        with Live(self, console=console, refresh_per_second=2, transient=True):
            while True:
                with suppress(StorageError):
                    self._last_runs = await asyncio.to_thread(self._database.runs.last_by_outlet)
                    self._healths = await asyncio.to_thread(self._database.health.current)
                await asyncio.sleep(2)

    def __rich__(self) -> Group:
        running, due = dict(self._scheduler.pool.running), self._scheduler.next_runs()
        table = Table(box=None, pad_edge=False)
        for column in ("outlet", "health", "now", "next", "last run", "outcome", "new", "edited"):
            is_number = column in ("new", "edited")
            table.add_column(column, justify="right" if is_number else "left", no_wrap=True)
        names = sorted(self._scheduler.cadences, key=lambda name: (name not in running, name))
        for name in names:
            child, last = running.get(name), self._last_runs.get(name)
            health = _format_health_cell(self._healths.get(name))
            table.add_row(
                name,
                health,
                self._format_current(child),
                format_time_until(due.get(name)),
                *last_run_cells(last),
            )
        return Group(Text(self._headline(len(running)), "bold"), table, *self.log.lines)

    def _headline(self, running: int) -> str:
        if self._scheduler.is_leader:
            return f"{len(self._scheduler.cadences)} outlets, {running} being read; Ctrl-C stops"
        return "standing by: another scheduler serves this database; Ctrl-C stops"

    def _format_current(self, child: Child | None) -> str:
        if child is None:
            return EMPTY_CELL
        seconds = int((datetime.now(UTC) - child.started_at).total_seconds())
        return f"reading {seconds} s, {format_progress(self._stats / f'{child.outlet}.json')}"


def format_progress(path: Path) -> str:
    """Returns the progress of a running crawl, from its stat file."""
    counts = read_stat(path).get("counts", {})
    return f"{counts.get(Count.PAGE_FETCHED, 0)} pages, {counts.get(Count.STORED_NEW, 0)} new"


def read_stat(path: Path) -> dict[str, Any]:
    """Returns the content of a stat file; {} if there is none."""
    try:
        stat = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return stat if isinstance(stat, dict) else {}


def format_time_until(at: datetime | None) -> str:
    """Returns the time until `at` in words, such as `in 5 min`."""
    if at is None:
        return EMPTY_CELL
    remaining = at - datetime.now(UTC)
    if remaining < timedelta(minutes=1):
        return "now" if remaining <= timedelta(0) else f"in {int(remaining.total_seconds())} s"
    minutes = int(remaining.total_seconds() // 60)
    return f"in {minutes} min" if minutes < 120 else f"in {minutes // 60} h"


def _format_health_cell(health: "Health | None") -> Text:
    if health is None:
        return Text(EMPTY_CELL)
    colour = "green" if health.state.is_healthy else "red" if health.state == "broken" else "yellow"
    return Text(format_health(health), colour)


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
