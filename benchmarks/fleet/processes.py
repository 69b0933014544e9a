"""The processes of the storm: `python -m benchmarks.fleet.processes clock|worker|calm-worker URL HOME`."""

import asyncio
import fcntl
import logging
import os
import random
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from cli.service.worker_service import WorkerService
from crawler.config.config import load_config
from crawler.crawl.job_watch import watch_job
from crawler.crawl.options import CrawlOptions
from crawler.fleet.fleet_pool import FleetPool
from crawler.processes.children import ProcessLimits
from crawler.processes.signals import on_stop_signal
from scheduler import Cadence, Scheduler
from storage import open_database
from storage.fleet.orders import Queue
from storage.fleet.sweep import SILENT_SECONDS
from storage.records import Run, RunOutcome

SILENT = 4.0  # seconds
SILENCES = {"worker": SILENT, "calm-worker": SILENT_SECONDS}
LEASE = 3.0  # seconds
OUTLETS = 40
EVERY = timedelta(seconds=8)
LIMITS = ProcessLimits(parallel=4, grace=2, deadline=60, lease=LEASE)


def run_task(outlet: str, options: CrawlOptions) -> Run:
    """Does a run of a child: most take a second, some longer than a worker may be silent.

    A lock shows whether another child reads the same outlet at this moment, whatever is recorded.
    """
    folder = options.home.parent
    with closing(open_database(options.database_url)) as database:
        run = database.runs.begin(
            outlet, job=options.job, owner=options.owner, slot_at=options.slot_at
        )
        watch_job(database, options.job)
        with (folder / "locks" / outlet).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                with (folder / "overlaps").open("a") as overlaps:
                    overlaps.write(f"{outlet} {os.getpid()}\n")
            time.sleep(6 if random.random() < 0.08 else random.uniform(0.1, 1))
        run.outcome = RunOutcome.OK
        database.runs.finish(run)
    return run


async def serve_clock(url: str) -> None:
    """Runs a scheduler that gives all out, until stopped."""
    with open_database(url, patience=LEASE / 3) as database:
        cadences = [
            Cadence(outlet=f"outlet{n:02}", every=EVERY, jitter=timedelta(0))
            for n in range(OUTLETS)
        ]
        scheduler = Scheduler(database, FleetPool(database, LIMITS), cadences)
        on_stop_signal(scheduler.stop)
        await scheduler.serve()


async def serve_worker(url: str, silent: float) -> int:
    """Runs what `nkwire worker` runs, with a task of the storm."""
    service = WorkerService(
        *(url, load_config(), LIMITS, "benchmarks.fleet.processes:run_task"),
        *((Queue.DEFAULT,), silent),
    )
    return await service.serve()


def main() -> int:
    """Runs one process until stopped."""
    kind, url, home = sys.argv[1:]
    os.environ["NKWIRE_HOME"] = home
    Path(home).mkdir(parents=True, exist_ok=True)
    if kind in SILENCES:
        return asyncio.run(serve_worker(url, SILENCES[kind]))
    logging.basicConfig(level=logging.INFO)
    asyncio.run(serve_clock(url))
    return 0


if __name__ == "__main__":
    sys.exit(main())
