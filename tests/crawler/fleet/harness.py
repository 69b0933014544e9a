"""Real workers and leaders as processes of their own, whose children only note that they ran."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import scheduler

TASKS = """
import os, pathlib, signal, time
from crawler.crawl.job_watch import watch_job
from storage import open_database
from storage.records import Run, RunOutcome

def crawl(outlet, options):
    database = open_database(options.database_url)
    run = database.runs.begin(
        outlet, job=options.job, owner=options.owner, slot_at=options.slot_at,
        selective=bool(options.since))
    watch_job(database, options.job)
    with pathlib.Path(options.home, "pids").open("a") as pids:
        pids.write(f"{outlet} {os.getpid()}\\n")
    if outlet.startswith("deaf"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if outlet.startswith("dies"):
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(float(outlet.rpartition("_")[2]) if "_" in outlet else 0)
    run.outcome = RunOutcome.OK
    database.runs.finish(run)
    database.close()
    return run
"""
WORKER = """
import asyncio, logging, sys
from pathlib import Path
from crawler.crawl.options import CrawlOptions
from crawler.fleet.worker import FleetWorker
from crawler.processes.children import ProcessLimits
from crawler.processes.signals import on_stop_signal
from storage import open_database
from storage.fleet.workers import WorkerRow

async def work(url, folder, host, silent, queues):
    database = open_database(url, patience=1)
    row = WorkerRow(name=host, host=host, machine=host, pid=1, parallel=4,
                    queues=tuple(queues.split(",")), silent=float(silent))
    options = CrawlOptions(home=Path(folder), database_url=url)
    worker = FleetWorker(database, row, "fleettasks:crawl", options, ProcessLimits(parallel=4, grace=1))
    on_stop_signal(worker.stop)
    await worker.serve()
    database.close()

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(work(*sys.argv[1:]))
"""
LEADER = """
import asyncio, logging, sys
from datetime import timedelta
from crawler.fleet.fleet_pool import FleetPool
from crawler.processes.children import ProcessLimits
from crawler.processes.signals import on_stop_signal
from scheduler import Cadence, Scheduler
from storage import open_database

async def lead(url, every, names):
    database = open_database(url, patience=2)
    pool = FleetPool(database, ProcessLimits(lease=3))
    every = timedelta(seconds=float(every))
    service = Scheduler(database, pool, [
        Cadence(outlet=name, every=every, jitter=timedelta(0), browser=name.startswith("browser"))
        for name in names])
    on_stop_signal(service.stop)
    await service.serve()
    database.close()

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(lead(sys.argv[1], sys.argv[2], sys.argv[3:]))
"""


class Fleet:
    """Starts workers and leaders of one database; `folder` is what their children write to."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self._started: list[subprocess.Popen[bytes]] = []
        for name, content in (("fleettasks", TASKS), ("work", WORKER), ("lead", LEADER)):
            (folder / f"{name}.py").write_text(content)

    def worker(
        self, host: str, *, silent: float = 2, queues: str = "default", url: str = ""
    ) -> subprocess.Popen[bytes]:
        return self._start("work", url or self.url, str(self.folder), host, str(silent), queues)

    def leader(self, *names: str, every: float = 3600) -> subprocess.Popen[bytes]:
        return self._start("lead", self.url, str(every), *names)

    def _start(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        path = os.pathsep.join((str(self.folder), str(Path(scheduler.__file__).parent)))
        number = len(self._started)
        with (self.folder / f"{program}{number}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, str(self.folder / f"{program}.py"), *arguments],
                env={**os.environ, "PYTHONPATH": path},
                cwd=self.folder,
                stderr=log,
            )
        self._started.append(process)
        return process

    def log(self) -> str:
        """What all of them have said."""
        return "".join(each.read_text() for each in sorted(self.folder.glob("*.log")))

    def children(self, outlet: str) -> list[int]:
        """The pids of the children that read an outlet, the first first."""
        file = self.folder / "pids"
        lines = file.read_text().split("\n")[:-1] if file.exists() else []
        return [int(line.split()[1]) for line in lines if line.split()[0] == outlet]

    def close(self) -> None:
        for process in self._started:
            process.kill()
            process.wait()


@contextmanager
def fleet_of(folder: Path, url: str) -> Iterator[Fleet]:
    """A fleet whose processes end with the block."""
    fleet = Fleet(folder, url)
    try:
        yield fleet
    finally:
        fleet.close()
