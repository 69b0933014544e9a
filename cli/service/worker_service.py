"""The service behind `nkwire worker`: its database, its children and its logs."""

import asyncio
import logging
import os
from contextlib import suppress
from socket import gethostname
from typing import TYPE_CHECKING

from cli.logs import ONE_LINE_A_RUN, configure_logging
from cli.options import check_writable
from cli.service.archiving import BackgroundArchiving, make_sweeper
from cli.service.faults import running_beside
from cli.service.free_space import lack_of_space
from cli.service.live import stopping_line
from cli.service.retention import delete_expired
from crawler.crawl.options import CrawlOptions
from crawler.fleet.extra import prepare_jobs
from crawler.fleet.worker import FleetWorker
from crawler.processes.leader import new_owner
from crawler.processes.lease_holder import DATABASE_ERRORS
from crawler.processes.machine_limits import require_means_of_children
from crawler.processes.signals import on_stop_signal
from storage import Database, open_database
from storage.errors import StorageError
from storage.files.machine import machine_name
from storage.files.making import make_folders
from storage.fleet.sweep import SILENT_SECONDS
from storage.fleet.workers import WorkerRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crawler.config.config import Config
    from crawler.processes.children import ProcessLimits
    from storage.fleet.orders import Queue

TIDY_INTERVAL_SECONDS = 6 * 3600.0
DATABASE_PATIENCE_SECONDS = 3.0  # short, so that a beat is given up in time

log = logging.getLogger("nkwire.worker")


class WorkerService:
    """A worker with the settings of this host. `task`: what children run, as "module:function"."""

    def __init__(
        self,
        url: str,
        config: "Config",
        limits: "ProcessLimits",
        task: str,
        queues: "Sequence[Queue]",
        silent: float = SILENT_SECONDS,
    ) -> None:
        self._url = url
        self._config = config
        self._limits = limits
        self._task = task
        self._queues = queues
        self._silent = silent

    async def serve(self, *, verbose: bool = False) -> int:
        """Works until it is stopped. Returns the exit code. Raises StorageError if it cannot begin."""
        level = "DEBUG" if verbose else self._config.log_level or "INFO"
        check_writable(self._config.home)
        require_means_of_children()
        with open_database(
            self._url, seed=self._config.dedup_seed, patience=DATABASE_PATIENCE_SECONDS
        ) as database:
            prepare_jobs(database)
            self._configure_logging(level, verbose=verbose)
            make_folders(self._config.home / "live")
            archiving = BackgroundArchiving(make_sweeper(self._config, database))
            worker = self._worker(database, level, verbose=verbose)
            on_stop_signal(lambda: self._stop(worker))
            try:
                async with running_beside(
                    lambda: self._tidy_periodically(database), archiving.run_forever
                ):
                    await worker.serve()
            finally:
                with suppress(*DATABASE_ERRORS):
                    await archiving.finish()
        log.info("stopped")
        return 0

    def _configure_logging(self, level: str, *, verbose: bool) -> None:
        configure_logging(level, log_format=self._config.log_format)
        if not verbose:
            logging.getLogger("procrastinate").setLevel(logging.WARNING)

    def _worker(self, database: Database, level: str, *, verbose: bool) -> FleetWorker:
        settings = {"LOG_LEVEL": level, **({} if verbose else {ONE_LINE_A_RUN: "1"})}
        row = WorkerRow(
            name=new_owner(),
            host=gethostname(),
            machine=machine_name(),
            pid=os.getpid(),
            parallel=self._limits.parallel,
            queues=self._queues,
            silent=self._silent,
        )
        options = CrawlOptions(database_url=self._url, home=self._config.home, settings=settings)
        return FleetWorker(database, row, self._task, options, self._limits, self._lack_of_space)

    def _lack_of_space(self, factor: float) -> str:
        return lack_of_space(self._config, self._url, factor=factor)

    def _stop(self, worker: FleetWorker) -> None:
        log.warning("%s", stopping_line(len(worker.pool.running)))
        worker.stop()

    async def _tidy_periodically(self, database: Database) -> None:
        """Deletes expired files of this host every few hours: no other host can."""
        while True:
            await asyncio.sleep(TIDY_INTERVAL_SECONDS)
            try:
                if result := await asyncio.to_thread(delete_expired, database, self._config):
                    log.info("%s", result.format_line())
            except (StorageError, OSError) as error:
                log.error("cannot tidy up: %s", error)
