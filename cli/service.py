"""The service behind `nkwire run`: logs, the live board, the scheduler, the exit code."""

import asyncio
import logging
import sys
from contextlib import suppress
from dataclasses import replace
from logging.handlers import RotatingFileHandler
from pathlib import Path

from rich.console import Console

from cli.errors import ExitCode
from cli.live import Board
from cli.options import seed
from crawler.children import LOST, WHOLE, Crew, Ending, Limits
from crawler.options import CrawlOptions
from crawler.registry import outlets
from scheduler import Scheduler, cadences, on_stop_signal
from storage import open_database

TASK = "crawler.run:crawl"
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
log = logging.getLogger("nkwire")


async def serve(url: str, home: Path, limits: Limits, *, once: bool, task: str = TASK) -> int:
    """Run the service until it is stopped, or with `once` until what is due was read."""
    live = sys.stdout.isatty() and not once
    home.mkdir(parents=True, exist_ok=True)
    # A database that hangs must not cost the lease, so its own patience is short.
    database = open_database(url, seed=seed(), patience=limits.lease / 3)
    try:
        database.declare({name: outlet.agency_rank for name, outlet in outlets().items()})
        stats = home / "live"
        stats.mkdir(exist_ok=True)
        options = CrawlOptions(database_url=url, home=home, settings=_log_settings(home, live))
        crew = Crew(task, lambda name: replace(options, stat_file=stats / f"{name}.json"), limits)
        scheduler = Scheduler(database, crew, cadences(outlets(), database.overrides()))
        on_stop_signal(scheduler.stop)
        if once:
            return verdict(await scheduler.once(), stopped=scheduler.stopped)
        await _serve(scheduler, Board(scheduler, database, stats), home, live)
    finally:
        database.close()
    return ExitCode.OK


async def _serve(scheduler: Scheduler, board: Board, home: Path, live: bool) -> None:
    if not live:
        logging.basicConfig(level=logging.INFO, format=FORMAT)
        await scheduler.serve()
        return
    logging.basicConfig(level=logging.INFO, format=FORMAT, handlers=[_file(home), board.log])
    showing = asyncio.create_task(board.show(Console()))
    try:
        await scheduler.serve()
    finally:
        showing.cancel()
        with suppress(asyncio.CancelledError):
            await showing


def verdict(endings: list[Ending] | None, *, stopped: bool) -> int:
    """The exit code of `nkwire run --once`."""
    if endings is None:
        print("another nkwire serves this database: nothing to do", file=sys.stderr)
        return ExitCode.OK
    if stopped:
        return ExitCode.STOPPED
    outcomes = {ending.as_run().outcome for ending in endings}
    return (
        ExitCode.LOST if outcomes & LOST else ExitCode.PARTLY if outcomes - WHOLE else ExitCode.OK
    )


def _log_settings(home: Path, live: bool) -> dict[str, str]:
    """Where children log: beside the board, which a line on the terminal would tear."""
    if not live:
        return {}
    (home / "logs").mkdir(exist_ok=True)
    return {"LOG_FILE": str(home / "logs" / "crawls.log")}


def _file(home: Path) -> logging.Handler:
    return RotatingFileHandler(home / "logs" / "nkwire.log", maxBytes=10 << 20, backupCount=3)
