"""The service as a table that fits the terminal: trouble first, then what runs, then what is due."""

import asyncio
import logging
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from cli.logs import OneLineFormatter
from cli.service.live import format_progress, format_time_until, last_run_cells, stopping_line
from cli.show.health import format_health
from cli.show.printing import EMPTY_CELL, format_value
from crawler.processes.outlet_pool import RunningOutlet
from scheduler import Scheduler
from storage import Database
from storage.errors import StorageError
from storage.health.network_watch import GOES_ON
from storage.records import FAILED_OUTCOMES, Run
from storage.wording.numbers import format_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from storage.health.assessment import Health

COLUMNS = ("outlet", "health", "now", "next", "last run", "outcome", "new", "edited")
NUMBERS = ("new", "edited")
# Left out of a narrow table, in this order.
LEAST_IMPORTANT = ("edited", "new", "last run", "outcome", "next")
_NO_ANSWER = ("dns", "unreachable")  # no trouble of an outlet while our own network is out
BROKEN, TROUBLED, RUNNING, PLANNED = range(4)  # the order of the rows
_ANY_WIDTH = 1_000
_LATEST = datetime.max.replace(tzinfo=UTC)


class RecentLinesHandler(logging.Handler):
    """Keeps the last log lines of level WARNING or higher, for display below the board."""

    def __init__(self, number: int = 4) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(OneLineFormatter())
        self.lines: deque[str] = deque(maxlen=number)

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the record as one line."""
        if record.levelno < logging.WARNING:  # the level of a handler is that of the whole log
            return
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
                    await asyncio.to_thread(self.load)
                await asyncio.sleep(2)

    def load(self) -> None:
        """Reads the last run and the health of each outlet. Raises StorageError."""
        self._last_runs = self._database.runs.last_by_outlet()
        self._healths = self._database.health.current()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draws as many rows as the terminal has lines for, and counts the others."""
        running, due = dict(self._scheduler.pool.running), self._scheduler.next_runs()
        if self._scheduler.is_leader:  # what has no time for its next run waits for its turn
            due = dict.fromkeys(self._scheduler.cadences.keys() - running, datetime.now(UTC)) | due
        above = [Text(service_headline(self._scheduler), "bold")]
        if self._scheduler.pool.problem:
            above.append(Text(self._scheduler.pool.problem, "bold yellow"))
        if question := self._scheduler.report.network.question:
            above.append(Text(f"{question} {GOES_ON}", "bold yellow"))
        below = [Text(line, no_wrap=True, overflow="ellipsis") for line in self.log.lines]
        used = sum(len(console.render_lines(each, options)) for each in (*above, *below))
        ranks = {name: self._rank(name, running) for name in self._scheduler.cadences}
        names = sorted(ranks, key=lambda name: (ranks[name], due.get(name, _LATEST), name))
        # One line for the names of the columns, and one that the cursor stands on.
        fitting = max(1, console.size.height - used - 2)
        shown = names if len(names) <= fitting else names[: max(1, fitting - 1)]
        yield from above
        yield self._table(shown, running, due, console, options)
        if hidden := names[len(shown) :]:
            yield Text(_hidden_line([ranks[name] for name in hidden]), "dim")
        yield from below

    def _rank(self, name: str, running: "Mapping[str, RunningOutlet]") -> int:
        health, last = self._healths.get(name), self._last_runs.get(name)
        is_network_out = bool(self._scheduler.report.network.question)
        is_excused = is_network_out and health and health.cause in _NO_ANSWER
        if health and not health.state.is_healthy and not is_excused:
            return BROKEN if health.state == "broken" else TROUBLED
        if last and last.outcome in FAILED_OUTCOMES and not last.is_cut_off:
            return TROUBLED
        return RUNNING if name in running else PLANNED

    def _table(
        self,
        names: "Sequence[str]",
        running: "Mapping[str, RunningOutlet]",
        due: "Mapping[str, datetime]",
        console: Console,
        options: ConsoleOptions,
    ) -> Table:
        """Returns the table of some outlets, without the columns for which there is no room."""
        rows = [self._row(name, running.get(name), due.get(name)) for name in names]
        anywhere = options.update(max_width=_ANY_WIDTH)  # else the table is measured as it is cut
        for number in range(len(LEAST_IMPORTANT) + 1):
            table = _make_table(rows, LEAST_IMPORTANT[:number])
            excess = Measurement.get(console, anywhere, table).maximum - options.max_width
            if excess <= 0:
                return table
        longest = max((len(str(row["now"])) for row in rows), default=1)
        return _make_table(rows, LEAST_IMPORTANT, now_width=max(1, longest - excess))

    def _row(
        self, name: str, child: RunningOutlet | None, due_at: datetime | None
    ) -> dict[str, "str | Text"]:
        values = (
            name,
            _format_health_cell(self._healths.get(name)),
            self._format_current(child),
            format_time_until(due_at),
            *last_run_cells(self._last_runs.get(name)),
        )
        return dict(zip(COLUMNS, values, strict=True))

    def _format_current(self, child: RunningOutlet | None) -> str:
        if child is None:
            return EMPTY_CELL
        seconds = int((datetime.now(UTC) - child.started_at).total_seconds())
        if child.where:
            return f"{child.where}, {seconds} s"
        return f"reading {seconds} s, {format_progress(self._stats / f'{child.outlet}.json')}"


def service_headline(scheduler: Scheduler) -> str:
    """Returns what the service does at present, in one line."""
    running = len(scheduler.pool.running)
    if scheduler.stopped:
        return stopping_line(len(scheduler.pool.pids()))
    if scheduler.held_because:
        what = f"nothing is fetched: {scheduler.held_because}"
    elif scheduler.is_leader:
        what = f"{format_count(len(scheduler.cadences), 'outlet')}, {running} being read"
    elif scheduler.lease.problem:
        what = "waiting for the database"
    else:
        what = f"standing by: {scheduler.leader_line}" if scheduler.is_standby else "starting"
    return f"{what}; Ctrl-C stops"


def _hidden_line(ranks: "Sequence[int]") -> str:
    in_trouble = sum(rank <= TROUBLED for rank in ranks)
    running = ranks.count(RUNNING)
    parts = [
        f"{number} {words}"
        for number, words in (
            (in_trouble, "in trouble"),
            (running, "being read"),
            (len(ranks) - in_trouble - running, "as planned"),
        )
        if number
    ]
    first, *others = parts
    number, _, words = first.partition(" ")
    return f"{', '.join((f'{number} more {words}', *others))}; nkwire status shows all"


def _make_table(
    rows: "Sequence[Mapping[str, str | Text]]",
    left_out: "Sequence[str]",
    now_width: int | None = None,
) -> Table:
    table = Table(box=None, pad_edge=False)
    columns = [column for column in COLUMNS if column not in left_out]
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in NUMBERS else "left",
            no_wrap=True,
            max_width=now_width if column == "now" else None,
        )
    for row in rows:
        table.add_row(*(row[column] for column in columns))
    return table


def _format_health_cell(health: "Health | None") -> Text:
    if health is None:
        return Text(EMPTY_CELL)
    colour = "green" if health.state.is_healthy else "red" if health.state == "broken" else "yellow"
    return Text(format_health(health), colour)
