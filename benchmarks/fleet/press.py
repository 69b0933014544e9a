"""Real crawls of an invented press by three hosts: `python -m benchmarks.fleet.press clock|worker URL HOME`."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from benchmarks.fleet.hosts import ROOT, HostProcess
from benchmarks.fleet.processes import LIMITS, SILENT
from benchmarks.soak import mock_press
from benchmarks.soak.outlets import FOLDER_VARIABLE
from cli.service.worker_service import WorkerService
from crawler.config.config import load_config
from crawler.fleet.fleet_pool import FleetPool
from crawler.processes.signals import on_stop_signal
from scheduler import Cadence, Scheduler
from storage import Database, open_database
from storage.fleet.orders import Queue
from storage.records import COMPLETE_OUTCOMES, RunOutcome

OUTLETS = 24
EVERY_SECONDS = 16.0
MODULE = "benchmarks.fleet.press"


@dataclass(frozen=True, slots=True)
class PressResult:
    """What three hosts did. `most_open`: requests to one outlet that were open at once, at most."""

    seconds: float
    runs: Counter[str]
    killed: int
    others: int
    requests: int
    most_open: int


def measure_press(
    database: Database, url: str, folder: Path, hosts: tuple[str, ...], seconds: float
) -> PressResult:
    """Lets the hosts read for some seconds, and kills one worker in the middle."""
    press = folder / "press"
    press.mkdir()
    plan = mock_press.Plan(
        begin=time.time(), outlets=OUTLETS, every=EVERY_SECONDS, gap=6.0, faults_until=0.0
    )
    mock_press.write_plan(plan, press / "plan.json")
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.soak.mock_press", str(press)], cwd=ROOT
    )
    workers = [HostProcess("worker", host, url, folder, MODULE) for host in hosts]
    clock = HostProcess("clock", hosts[0], url, folder, MODULE)
    try:
        for each in (clock, *workers):
            each.start()
        time.sleep(seconds / 2)
        end = time.monotonic() + seconds / 2
        while not _is_busy(database, hosts[-1]) and time.monotonic() < end:
            time.sleep(0.05)
        workers[-1].kill()
        workers[-1].start()
        time.sleep(max(SILENT + 2, end - time.monotonic()))
        for each in (clock, *workers):
            each.send(signal.SIGTERM)
        for each in (clock, *workers):
            if each.process:
                each.process.wait(30)
    finally:
        for each in (clock, *workers):
            each.kill()
        server.kill()
        server.wait()
    runs = [run for run in database.runs.latest(limit=10_000) if run.outlet.startswith("press")]
    lines = [json.loads(line) for file in press.glob("*.jsonl") for line in file.open()]
    return PressResult(
        seconds=seconds,
        runs=Counter(run.host for run in runs if run.outcome in COMPLETE_OUTCOMES),
        killed=sum(run.outcome is RunOutcome.KILLED for run in runs),
        others=sum(run.outcome not in {*COMPLETE_OUTCOMES, RunOutcome.KILLED} for run in runs),
        requests=sum("open" in line for line in lines),
        most_open=max((line["open"] for line in lines if "open" in line), default=0),
    )


def _is_busy(database: Database, host: str) -> bool:
    return any(each.host == host and each.running for each in database.workers.status().hosts)


async def _serve_clock(url: str) -> None:
    with open_database(url, patience=LIMITS.lease / 3) as database:
        every = timedelta(seconds=EVERY_SECONDS)
        cadences = [
            Cadence(outlet=mock_press.outlet_name(n), every=every, jitter=timedelta(0))
            for n in range(OUTLETS)
        ]
        scheduler = Scheduler(database, FleetPool(database, LIMITS), cadences)
        on_stop_signal(scheduler.stop)
        await scheduler.serve()


def main() -> int:
    """Runs one process until stopped."""
    kind, url, home = sys.argv[1:]
    os.environ |= {"NKWIRE_HOME": home, FOLDER_VARIABLE: str(Path(home).parent / "press")}
    if kind == "clock":
        logging.basicConfig(level=logging.INFO)
        asyncio.run(_serve_clock(url))
        return 0
    task = "benchmarks.soak.tasks:crawl"
    service = WorkerService(url, load_config(), LIMITS, task, (Queue.DEFAULT,), SILENT)
    return asyncio.run(service.serve())


if __name__ == "__main__":
    sys.exit(main())
