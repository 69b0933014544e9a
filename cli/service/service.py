"""The service behind `nkwire run`: its database, its children, its logs and its board."""

import asyncio
import logging
import sys
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console

from cli.logs import DailyFileHandler, configure_logging
from cli.options import check_writable
from cli.service.alerting import AlertSender, configured_channels
from cli.service.live import ServiceBoard
from cli.service.retention import delete_expired
from crawler.config.config import Config
from crawler.crawl.options import CrawlOptions
from crawler.processes.children import ProcessLimits, ProcessPool
from crawler.processes.signals import on_stop_signal
from scheduler import Scheduler, declared_cadences
from storage import Database, open_database
from storage.errors import StorageError
from storage.records import Run
from storage.runs.schedule_state import TakenSlot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cli.service.monitor import Monitor
    from crawler.outlet import Outlet

TIDY_INTERVAL_SECONDS = 6 * 3600.0

log = logging.getLogger(__name__)


class Service:
    """The service that `nkwire run` starts.

    `task`: what children run, as "module:function"; `outlets`: by name, those it reads.
    """

    def __init__(
        self,
        url: str,
        config: Config,
        limits: ProcessLimits,
        task: str,
        outlets: "Mapping[str, type[Outlet]]",
        monitor: "Monitor | None" = None,
    ) -> None:
        self._url = url
        self._config = config
        self._home = config.home
        self._limits = limits
        self._task = task
        self._outlets = outlets
        self._monitor = monitor
        self.stopped = False  # whether `run_once` was cut short

    async def serve(self, *, verbose: bool = False) -> int:
        """Runs until it is stopped. Returns the exit code."""
        level = "DEBUG" if verbose else self._config.log_level or "INFO"
        log_format = self._config.log_format
        shows_board = sys.stdout.isatty()
        database, scheduler = self._open(
            {"LOG_LEVEL": level, **self._child_log_settings(shows_board)}
        )
        board = ServiceBoard(scheduler, database, self._home / "live")
        if self._monitor:
            self._monitor.attach(scheduler, database, self._home)
        alerts = AlertSender(database, configured_channels(self._config))
        background_tasks = [
            asyncio.create_task(self._tidy_periodically(database, scheduler)),
            asyncio.create_task(alerts.send_forever(lambda: scheduler.is_leader)),
        ]
        try:
            if shows_board:
                log_file = DailyFileHandler(self._home / "logs" / "nkwire.log")
                configure_logging(level, log_file, board.log, log_format=log_format)
                await _serve_with_board(board, scheduler)
            else:
                configure_logging(level, log_format=log_format)
                await scheduler.serve()
        finally:
            for task in background_tasks:
                task.cancel()
            await asyncio.gather(*background_tasks, return_exceptions=True)
            if self._monitor:
                self._monitor.close()
            database.close()
        return 0

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

    async def run_once(self, *, verbose: bool = False) -> list[Run] | None:
        """Runs every outlet that is due, once.

        Returns the runs; None if another scheduler serves the database.
        """
        level = "INFO" if verbose else self._config.log_level or "WARNING"
        configure_logging(level, log_format=self._config.log_format)
        database, scheduler = self._open({"LOG_LEVEL": level})
        try:
            results = await scheduler.run_once()
            self.stopped = scheduler.stopped
            if results is not None:
                await AlertSender(database, configured_channels(self._config)).send_pending()
        finally:
            database.close()
        return None if results is None else [result.to_run() for result in results]

    def _open(self, settings: dict[str, str]) -> tuple[Database, Scheduler]:
        check_writable(self._home)
        stat_folder = self._home / "live"
        options = CrawlOptions(database_url=self._url, home=self._home, settings=settings)
        pool = ProcessPool(
            self._task,
            lambda name: replace(
                options,
                stat_file=stat_folder / f"{name}.json",
                **scheduler.running_slots.get(name, TakenSlot())._asdict(),
            ),
            self._limits,
        )
        # Short, so that a database that hangs does not cost the lease.
        database = self._database(self._limits.lease / 3)
        stat_folder.mkdir(parents=True, exist_ok=True)
        database.outlets.declare_ranks(
            {name: outlet.agency_rank for name, outlet in self._outlets.items()}
        )
        scheduler = Scheduler(database, pool, declared_cadences(self._outlets))
        on_stop_signal(scheduler.stop)
        return database, scheduler

    def _database(self, patience: float) -> Database:
        return open_database(self._url, seed=self._config.dedup_seed, patience=patience)

    def _child_log_settings(self, shows_board: bool) -> dict[str, str]:
        """Returns where children log: to a file if there is a board, which log lines would tear."""
        return {"LOG_FILE": str(self._home / "logs" / "crawls.log")} if shows_board else {}


async def _serve_with_board(board: ServiceBoard, scheduler: Scheduler) -> None:
    board_task = asyncio.create_task(board.show(Console()))
    try:
        await scheduler.serve()
    finally:
        board_task.cancel()
        with suppress(asyncio.CancelledError):
            await board_task
