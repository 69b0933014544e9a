"""The service behind `nkwire run`: its database, its children, its logs and its board."""

import asyncio
import logging
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from cli.logs import ONE_LINE_A_RUN, DailyFileHandler, configure_logging
from cli.options import Place, check_writable
from cli.service.alerting import AlertSender, configured_channels
from cli.service.archiving import BackgroundArchiving, make_sweeper
from cli.service.board import ServiceBoard
from cli.service.farewell import farewell_lines
from cli.service.faults import running_beside
from cli.service.free_space import RESUME_FACTOR, lack_of_space, refuse_without_space
from cli.service.live import stopping_line
from cli.service.retention import delete_expired
from cli.show.printing import console, print_note
from crawler.cadences import configured_cadences
from crawler.config.config import Config
from crawler.crawl.options import CrawlOptions
from crawler.processes.children import ProcessLimits, ProcessPool
from crawler.processes.lease_holder import DATABASE_ERRORS, problem_line
from crawler.processes.machine_limits import require_means_of_children
from crawler.processes.outlet_pool import OutletPool
from crawler.processes.signals import on_stop_signal
from scheduler import Scheduler
from storage import Database, open_database
from storage.errors import StorageError
from storage.files.making import make_folders
from storage.records import Run
from storage.runs.schedule_state import TakenSlot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cli.service.monitor import Monitor
    from crawler.outlet import Outlet

TIDY_INTERVAL_SECONDS = 6 * 3600.0
MAX_NAMED_OUTLETS = 5  # in a line about outlets that were not read
SPACE_INTERVAL_SECONDS = 10.0  # between looks at the room that is left

log = logging.getLogger("nkwire.service")


class Service:
    """The service that `nkwire run` starts.

    `task`: what children run, as "module:function"; `outlets`: by name, those it reads; `workers`:
    who runs them; `is_selection`: whether they are only some of the outlets that the settings choose.
    """

    def __init__(
        self,
        url: str,
        config: Config,
        limits: ProcessLimits,
        task: str,
        outlets: "Mapping[str, type[Outlet]]",
        monitor: "Monitor | None" = None,
        workers: Place = Place.HERE,
        *,
        is_selection: bool = False,
    ) -> None:
        self._url = url
        self._config = config
        self._home = config.home
        self._limits = limits
        self._task = task
        self._outlets = outlets
        self._monitor = monitor
        self._is_selection = is_selection
        self._workers = workers
        self._shows_board = False
        self.leader_line = ""  # who leads, if `run_once` does not
        self.stopped = False  # whether `run_once` was cut short
        self.unread_line = ""  # what `run_once` did not read, and why
        self.lacks_storage = False  # whether that is because of the database or its disk

    async def serve(self, *, verbose: bool = False) -> int:
        """Runs until it is stopped. Returns the exit code."""
        level = "DEBUG" if verbose else self._config.log_level or "INFO"
        log_format = self._config.log_format
        self._shows_board = shows_board = sys.stdout.isatty()
        settings = {"LOG_LEVEL": level, **self._child_log_settings(shows_board)}
        database, scheduler = self._open(settings, verbose=verbose)
        sweeper = make_sweeper(self._config, database)
        if reason := self._lack_of_space():
            scheduler.held_because = reason  # told once the task below looks
        board = ServiceBoard(scheduler, database, self._home / "live")
        if self._monitor:
            self._monitor.attach(scheduler, database, self._home)
        alerts = self._alerts(database, scheduler)
        archiving = BackgroundArchiving(sweeper, alerts.notify)
        try:
            async with running_beside(
                lambda: self._tidy_periodically(database, scheduler),
                lambda: self._watch_space(scheduler, alerts),
                archiving.run_forever,
                lambda: alerts.send_forever(lambda: scheduler.is_leader),
            ):
                if shows_board:
                    log_file = DailyFileHandler(self._home / "logs" / "nkwire.log")
                    configure_logging(level, log_file, board.log, log_format=log_format)
                    await _serve_with_board(board, scheduler)
                    for line in ("stopped", *self._farewell_lines(scheduler)):
                        print_note(line)
                else:
                    configure_logging(level, log_format=log_format)
                    await scheduler.serve()
        finally:
            with suppress(*DATABASE_ERRORS):
                await archiving.finish()
            if self._monitor:
                self._monitor.close()
            database.close()
            log.info("stopped")
        return 0

    def _farewell_lines(self, scheduler: Scheduler) -> list[str]:
        return farewell_lines(scheduler.report, self._url, self._home / "logs")

    async def _tidy_periodically(self, database: Database, scheduler: Scheduler) -> None:
        """Deletes expired files every few hours, while this service leads."""
        while True:
            await asyncio.sleep(5)
            if not scheduler.is_leader:
                continue
            try:
                result = await asyncio.to_thread(delete_expired, database, self._config)
            except (StorageError, OSError) as error:
                log.error("cannot tidy up: %s", error)
            else:
                if result:
                    log.info("%s", result.format_line())
            await asyncio.sleep(TIDY_INTERVAL_SECONDS)

    async def _watch_space(self, scheduler: Scheduler, alerts: AlertSender) -> None:
        """Stops fetching while there is too little room, and says so once. The lease is kept."""
        told = ""
        while True:
            factor = RESUME_FACTOR if scheduler.held_because else 1.0
            reason = await asyncio.to_thread(self._lack_of_space, factor)
            if reason and not told:
                log.error("nothing is fetched: %s", reason)
                alerts.notify(f"nothing is fetched: {reason}")
                await scheduler.hold_starts(reason)
            elif scheduler.held_because and not reason:
                log.warning("there is room again: outlets are read")
                alerts.notify("there is room again: outlets are read")
                await scheduler.allow_starts()
            told = reason
            await asyncio.sleep(SPACE_INTERVAL_SECONDS)

    def _lack_of_space(self, factor: float = 1.0) -> str:
        return lack_of_space(self._config, self._url, factor=factor)

    async def run_once(self, *, verbose: bool = False) -> list[Run] | None:
        """Runs every outlet that is due, once. `unread_line` says what was not done.

        Returns the runs; None if another scheduler serves the database. Raises NoSpaceError.
        """
        level = "INFO" if verbose else self._config.log_level or "WARNING"
        configure_logging(level, log_format=self._config.log_format)
        refuse_without_space(self._config, self._url)
        database, scheduler = self._open({"LOG_LEVEL": level}, verbose=verbose)
        try:
            results = await scheduler.run_once()
            self.stopped = scheduler.stopped
            self.leader_line = scheduler.leader_line
            self.unread_line = _format_unread(scheduler)
            self.lacks_storage = getattr(scheduler.problem, "exit_code", 0) == 4
            if results is not None:
                await self._alerts(database, scheduler).send_pending()
            elif scheduler.lease.problem:
                raise scheduler.lease.problem
        finally:
            database.close()
        return None if results is None else [result.to_run() for result in results]

    def _open(
        self, settings: dict[str, str], *, verbose: bool = False
    ) -> tuple[Database, Scheduler]:
        settings = settings if verbose else {**settings, ONE_LINE_A_RUN: "1"}
        check_writable(self._home)
        require_means_of_children()
        stat_folder = self._home / "live"
        options = CrawlOptions(database_url=self._url, home=self._home, settings=settings)
        pool: OutletPool = ProcessPool(
            self._task,
            lambda name: replace(
                options,
                stat_file=stat_folder / f"{name}.json",
                owner=scheduler.lease.owner,
                **scheduler.running_slots.get(name, TakenSlot())._asdict(),
            ),
            self._limits,
        )
        # Short, so that a database that hangs does not cost the lease.
        database = self._database(self._limits.lease / 3)
        if self._workers is Place.ELSEWHERE:
            pool = self._fleet_pool(database)
        make_folders(stat_folder)
        database.outlets.declare_ranks(
            {name: outlet.agency_rank for name, outlet in self._outlets.items()}
        )
        scheduler = Scheduler(database, pool, configured_cadences(self._outlets, self._config))
        on_stop_signal(lambda: self._stop(scheduler))
        return database, scheduler

    def _fleet_pool(self, database: Database) -> OutletPool:
        # Loaded only with --workers elsewhere.
        from crawler.fleet.extra import prepare_jobs
        from crawler.fleet.fleet_pool import FleetPool

        prepare_jobs(database)
        return FleetPool(database, self._limits)

    def _stop(self, scheduler: Scheduler) -> None:
        """Asks for a clean stop, and says what is waited for; on a board its headline does."""
        level = logging.INFO if self._shows_board else logging.WARNING
        log.log(level, "%s", stopping_line(len(scheduler.pool.pids())))
        scheduler.stop()

    def _alerts(self, database: Database, scheduler: Scheduler) -> AlertSender:
        """Returns what sends the alerts, also those of outlets that another service reads."""

        def is_read(outlet: str) -> bool:
            if self._is_selection and outlet not in self._outlets:
                return not scheduler.is_paused(outlet)
            return outlet in scheduler.cadences

        return AlertSender(database, configured_channels(self._config), is_read)

    def _database(self, patience: float) -> Database:
        return open_database(self._url, seed=self._config.dedup_seed, patience=patience)

    def _child_log_settings(self, shows_board: bool) -> dict[str, str]:
        """Returns where children log: to a file if there is a board, which log lines would tear."""
        return {"LOG_FILE": str(self._home / "logs" / "crawls.log")} if shows_board else {}


def _format_unread(scheduler: Scheduler) -> str:
    """Returns which outlets were due and were not read, and why; "" if all were."""
    lost = scheduler.lease.lost_because
    if scheduler.problem:
        reason = problem_line(scheduler.problem)
    elif scheduler.unread:
        reason = f"the lease was lost: {lost}" if lost else "it was stopped"
    else:
        return ""
    unread = sorted(scheduler.unread)
    named = ", ".join(unread[:MAX_NAMED_OUTLETS])
    others = len(unread) - MAX_NAMED_OUTLETS
    if others > 0:
        named += f" and {others} more"
    return f"the schedule broke off: {reason}{f'; not read: {named}' if named else ''}"


async def _serve_with_board(board: ServiceBoard, scheduler: Scheduler) -> None:
    async with running_beside(lambda: board.show(console())):
        await scheduler.serve()
