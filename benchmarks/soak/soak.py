"""Runs the service for a long time against an invented press, and kills its processes at random.

    python -m benchmarks.soak.soak --seconds 1500 > benchmarks/results/soak.md

Two schedulers on two hosts (`benchmarks.soak.hosts`) use one database. The leading one is killed
with its host, and random children, all with SIGKILL. All traffic is on the loopback interface. Hours are shortened to seconds (benchmarks/soak/tasks.py).
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.soak import mock_press
from benchmarks.soak.evaluation import SoakResult, evaluate, find_missing
from benchmarks.soak.hosts import Host, child_pids, host_command, own_pid
from benchmarks.soak.outlets import FOLDER_VARIABLE
from benchmarks.soak.report import ProcessNotes, report
from storage import Database, open_database
from storage.tables.runs import is_unfinished_run, run

ROOT = Path(__file__).parents[2]
SAMPLE_INTERVAL_SECONDS = 1.0  # between two samples
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class Soak:
    """One soak: its processes and what is recorded about them.

    `no_leader_kills_after` is a Unix time. The intervals are ranges in seconds between two kills.
    `host_down_seconds`: from a leader's death until its host starts again.
    """

    folder: Path
    plan: mock_press.Plan
    url: str
    parallel: int
    no_leader_kills_after: float
    rng: random.Random
    child_kill_interval: tuple[float, float] = (4, 12)
    leader_kill_interval: tuple[float, float] = (25, 50)
    hosts: tuple[str, str] = ("", "")  # this host
    host_down_seconds: float = 0.0
    notes: ProcessNotes = field(default_factory=ProcessNotes)
    schedulers: list[Host] = field(default_factory=list)
    mock_servers: list[Host] = field(default_factory=list)

    def start(self, host: str, *arguments: str) -> Host:
        """Starts Python with these arguments on a host. Its output goes to the file `log`."""
        home = self.folder / host
        home.mkdir(exist_ok=True)
        env = {
            **os.environ,
            FOLDER_VARIABLE: str(self.folder),
            "NKWIRE_HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "NKWIRE_LOG_LEVEL": "WARNING",
        }
        command = host_command(host, [sys.executable, *arguments])
        with (self.folder / "log").open("ab") as log:
            started = subprocess.Popen(command, env=env, stderr=log, stdout=log, cwd=ROOT)
        return Host(host, started)

    def start_all(self) -> None:
        """Starts two schedulers, and the press as soon as the first run has begun."""
        mock_press.write_plan(self.plan, self.folder / "plan.json")
        begun = self.folder / "begun.jsonl"
        begun.touch()
        self.schedulers = [self.start_scheduler(host) for host in self.hosts]
        while not begun.stat().st_size:
            time.sleep(0.05)
        self.no_leader_kills_after += time.time() - self.plan.begin
        self.plan = replace(self.plan, begin=time.time())
        mock_press.write_plan(self.plan, self.folder / "plan.json")
        press = ("-m", "benchmarks.soak.mock_press", str(self.folder))
        self.mock_servers.append(self.start("", *press))

    def start_scheduler(self, host: str) -> Host:
        """Starts one scheduler."""
        return self.start(host, "-m", "benchmarks.soak.service", self.url, str(self.parallel))

    def kill_until_done(self, database: Database) -> None:
        """Samples memory and kills processes until nothing more is published."""
        next_child = next_leader = 0.0
        while (now := time.time()) < self.plan.begin + self.plan.news_until:
            self.sample(database)
            if now > next_child:
                next_child = now + self.rng.uniform(*self.child_kill_interval)
                self.kill_child(database)
            due = next_leader < now < self.no_leader_kills_after
            # Only in the middle of runs does its death leave something to make up for.
            if due and (not next_leader or (self.crawling_pids(database) and self.kill_leader())):
                next_leader = now + self.rng.uniform(*self.leader_kill_interval)
            self.restart_dead()
            time.sleep(SAMPLE_INTERVAL_SECONDS)

    def wait_until_stored(self, database: Database, within: float) -> None:
        """Waits, without kills, until all published articles are stored.

        Gives up after `within` seconds.
        """
        end = time.time() + within
        while find_missing(database, self.plan, time.time()) and time.time() < end:
            self.restart_dead()
            self.sample(database)
            time.sleep(SAMPLE_INTERVAL_SECONDS)

    def stop(self) -> None:
        """Stops the schedulers with SIGTERM, as an init system does, and then the press.

        Records the exit codes of the schedulers.
        """
        for process in self.schedulers:
            process.terminate()
        for process in self.schedulers:
            with suppress(subprocess.TimeoutExpired):
                self.notes.exit_codes.append(process.wait(30))
        for process in (*self.schedulers, *self.mock_servers):
            process.kill()
            process.wait()

    def restart_dead(self) -> None:
        """Replaces schedulers that have ended, but lets the other host take over from a killed one."""
        if time.time() < max(self.notes.leaders_killed, default=0) + self.host_down_seconds:
            return
        self.schedulers = [
            scheduler if scheduler.poll() is None else self.start_scheduler(host)
            for scheduler, host in zip(self.schedulers, self.hosts, strict=True)
        ]

    def sample(self, database: Database) -> None:
        """Records the memory of the leading service and its forkserver."""
        if (leader := self.leader()) is None:
            return
        runs = len((self.folder / "begun.jsonl").read_bytes().splitlines())
        for pid, kind in (
            (leader, "service"),
            *((child, "forkserver") for child in worker_pids(leader)),
        ):
            if size := resident_bytes(pid):
                self.notes.memory_samples[pid, kind].append((time.time(), runs, size))

    def leader(self) -> int | None:
        """Returns the process id of the scheduler that has children, or else of the last one."""
        for scheduler in self.schedulers:
            if scheduler.poll() is None and any(
                worker_pids(pid) for pid in worker_pids(scheduler.pid)
            ):
                self.notes.last_leader = scheduler.pid
        return self.notes.last_leader or None

    def crawling_pids(self, database: Database) -> list[int]:
        """Returns the child processes whose run is unfinished, by their pids here."""
        query = run.select().where(is_unfinished_run())
        rows = database.read(lambda connection: connection.execute(query).all())
        running = {(row.host, row.pid) for row in rows}
        return [
            pid
            for scheduler in self.schedulers
            for server in worker_pids(scheduler.pid)
            for pid in sorted(worker_pids(server))
            if (scheduler.name, own_pid(pid)) in running
        ]

    def kill_child(self, database: Database) -> None:
        """Kills a random child process whose run is unfinished."""
        if pids := self.crawling_pids(database):
            with suppress(ProcessLookupError):
                os.kill(self.rng.choice(pids), signal.SIGKILL)
                self.notes.children_killed += 1

    def kill_leader(self) -> bool:
        """Kills the leading scheduler. Returns False if there is none."""
        leader = self.leader()
        for scheduler in self.schedulers:
            if scheduler.pid == leader:
                scheduler.kill()
                scheduler.wait()
                self.notes.leaders_killed.append(time.time())
                self.notes.last_leader = 0
                return True
        return False


def resident_bytes(pid: int) -> int:
    """Returns the resident memory of a process in bytes, or 0 if the process has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
    except (OSError, IndexError):
        return 0


def worker_pids(pid: int) -> list[int]:
    """Returns the children of a process without the resource tracker of multiprocessing."""
    with suppress(OSError):
        return [
            child
            for child in child_pids(pid)
            if b"resource_tracker" not in Path(f"/proc/{child}/cmdline").read_bytes()
        ]
    return []


def soak(soak_run: Soak, max_wait_seconds: float) -> SoakResult:
    """Runs one soak in an empty folder.

    `max_wait_seconds` limits the wait at the end for articles that are not stored yet.
    """
    soak_run.notes.memory_samples = defaultdict(list)
    with open_database(soak_run.url, patience=60) as database:
        try:
            soak_run.start_all()
            soak_run.kill_until_done(database)
            soak_run.wait_until_stored(database, max_wait_seconds)
        finally:
            soak_run.stop()
        return evaluate(database, soak_run.folder, soak_run.plan, time.time())


def main() -> int:
    """Prints the report. Returns 1 if there are violations, such as lost or duplicate articles."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=1500)
    parser.add_argument("--outlets", type=int, default=30)
    parser.add_argument("--every", type=float, default=20)
    parser.add_argument("--parallel", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--url", default="", help="a database; by default a SQLite file")
    parser.add_argument("--keep", default="", help="a folder to work in, and to leave")
    arguments = parser.parse_args()
    plan = mock_press.Plan(
        begin=time.time() + 5,
        outlets=arguments.outlets,
        every=arguments.every,
        faults_until=arguments.seconds * 0.85,
        news_until=arguments.seconds * 0.9,
    )
    with tempfile.TemporaryDirectory(prefix="nkwire-soak-") as temporary:
        folder = Path(arguments.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        soak_run = Soak(
            folder,
            plan,
            arguments.url or f"sqlite:///{folder}/nkwire.db",
            parallel=arguments.parallel,
            # Then one scheduler lives long enough to measure the growth of its memory.
            no_leader_kills_after=plan.begin + 0.4 * plan.news_until,
            rng=random.Random(arguments.seed),
            hosts=("host-a", "host-b"),
            host_down_seconds=12.0,  # longer than a lease
        )
        result = soak(soak_run, max_wait_seconds=20 * plan.every)
    print(report(result, soak_run.notes, soak_run.plan))
    return 1 if result.violations or result.left_open else 0


if __name__ == "__main__":
    sys.exit(main())
