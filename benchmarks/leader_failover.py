"""Measures how one scheduler takes over when the leading one is killed, again and again.

    python -m benchmarks.leader_failover [--url postgresql://...] >> benchmarks/results/leaders.md
    python -m benchmarks.leader_failover --every 3600 --kills 1   # nothing else is due after the kill

Two schedulers with four workers each, on two hosts (`benchmarks.soak.hosts`), use one database. Each
run is a real child process that begins a run, works for a while and ends it. The leading scheduler
is killed with all that runs on its host. The table shows how often a slot was run, which slots no
scheduler took, and how long it took until the other scheduler led. Exits with 1 if a slot was run
twice, if a cut-off run was left open at the takeover or not made up for, or if a slot was lost
although a scheduler led.
"""

import argparse
import asyncio
import logging
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.soak.hosts import Host, host_command
from crawler.processes.children import ProcessLimits, ProcessPool
from crawler.processes.signals import on_stop_signal
from scheduler import LEASE_NAME, Cadence, Scheduler
from storage import Database, open_database
from storage.records import Run, RunOutcome
from storage.runs.runs import run_from_row
from storage.tables.processes import lease
from storage.tables.runs import run

ROOT = Path(__file__).parents[1]
OUTLETS = [f"outlet{n:02}" for n in range(8)]
RUNS_BEFORE_KILL = 8  # runs that a leader begins before it is killed
MAX_SLOT_DELAY = timedelta(seconds=6)  # by jitter, a busy machine, waiting for a worker
MAX_CLOSING_DELAY = timedelta(seconds=3)  # after a takeover, on a busy machine
HOSTS = ("host-a", "host-b")
Gaps = list[tuple[datetime, datetime]]


def run_task(outlet: str, options: tuple[str, str, datetime | None]) -> Run:
    """Performs the task of a child: a run of at most 3 s, in the database from its start."""
    url, owner, slot_at = options
    with closing(open_database(url)) as database:
        started_run = database.runs.begin(outlet, owner=owner, slot_at=slot_at)
        time.sleep(random.uniform(0.2, 3))
        started_run.outcome, started_run.ended_at = RunOutcome.OK, datetime.now(UTC)
        database.runs.finish(started_run)
    return started_run


def cadences(every: float) -> list[Cadence]:
    """Returns the cadences of the outlets, each read every so many seconds."""
    return [Cadence(outlet=name, every=timedelta(seconds=every)) for name in OUTLETS]


async def serve(url: str, every: float) -> None:
    """Runs one of the schedulers until stopped."""
    limits = ProcessLimits(parallel=4, grace=2)
    with closing(open_database(url, patience=limits.lease / 3)) as database:
        pool = ProcessPool(
            "benchmarks.leader_failover:run_task",
            lambda name: (url, service.lease.owner, service.running_slots[name].slot_at),
            limits,
        )
        service = Scheduler(database, pool, cadences(every))
        on_stop_signal(service.stop)
        await service.serve()


@dataclass
class FailoverTest:
    """Two schedulers. `gaps` holds the times from each kill until the other scheduler led."""

    url: str
    every: float
    folder: Path
    database: Database
    schedulers: list[Host] = field(default_factory=list)
    gaps: Gaps = field(default_factory=list)

    def start(self, host: str) -> None:
        """Starts a scheduler on a host, which has a home of its own."""
        home = self.folder / host
        home.mkdir(exist_ok=True)
        arguments = ["--serve", "--url", self.url, "--every", str(self.every)]
        service = [sys.executable, "-m", "benchmarks.leader_failover", *arguments]
        started = subprocess.Popen(
            host_command(host, service),
            cwd=ROOT,
            env={**os.environ, "NKWIRE_HOME": str(home)},
            stderr=subprocess.DEVNULL,
        )
        self.schedulers.append(Host(host, started))

    def leader(self) -> Host | None:
        """Returns the scheduler that holds the lease, or None."""
        if not self.database.leases.seconds_left(LEASE_NAME):
            return None
        query = select(lease.c.owner).where(lease.c.name == LEASE_NAME)
        owner = str(self.database.read(lambda connection: connection.scalar(query)))
        return next((each for each in self.schedulers if owner.startswith(f"{each.name}:")), None)

    def wait_for_leader(self) -> Host:
        """Waits until a scheduler leads, and returns it."""
        while (leader := self.leader()) is None:
            time.sleep(0.05)
        return leader

    def count_runs(self) -> int:
        """Returns the number of runs in the database."""
        query = select(func.count()).select_from(run)
        return int(self.database.read(lambda connection: connection.scalar(query)) or 0)

    def kill_leader(self) -> None:
        """Lets the leader work, kills it, waits for the next leader and starts a new stand-by."""
        leader, runs_before = self.wait_for_leader(), self.count_runs()
        while self.count_runs() < runs_before + RUNS_BEFORE_KILL:
            time.sleep(0.2)
        time.sleep(random.uniform(0, 1))
        self.schedulers.remove(leader)
        leader.kill()
        leader.wait()
        killed_at = datetime.now(UTC)
        self.wait_for_leader()
        self.gaps.append((killed_at, datetime.now(UTC)))
        self.start(leader.name)

    def stop(self) -> None:
        """Stops all schedulers with SIGTERM."""
        for scheduler in self.schedulers:
            scheduler.terminate()
        for scheduler in self.schedulers:
            scheduler.wait(60)


@dataclass(frozen=True, slots=True)
class FailoverResult:
    """What the database contains at the end.

    `untaken_slots` counts the reasons why slots were not taken. `recovery_seconds` has an entry for
    each run that was cut off or never began: the seconds from the next takeover until its outlet was
    read, or None. `left_open`: runs that a killed leader left and the next one did not close.
    """

    runs: Counter[str]
    slots_run_twice: int
    slots_taken: int
    untaken_slots: Counter[str]
    recovery_seconds: list[float | None]
    left_open: int


def evaluate(database: Database, every: float, gaps: Gaps) -> FailoverResult:
    """Reads the result from the database."""
    query = select(run).order_by(run.c.id)
    rows = database.read(lambda connection: connection.execute(query).all())
    runs = [run_from_row(row) for row in rows]
    runs_per_slot = Counter((each.outlet, each.slot_at) for each in runs if each.slot_at)
    cut_off_runs = [each for each in runs if each.is_cut_off or not each.outcome]
    # Runs that the final stop cuts off do not count. The next start would make up for them.
    last_led_at = max(led_at for _, led_at in gaps)
    slot_count, reason_counts, interrupted = (
        0,
        Counter[str](),
        [(each.outlet, each.started_at) for each in cut_off_runs],
    )
    taken = database.schedule.last_taken(datetime.now(UTC))
    for cadence in cadences(every):
        outlet_runs = [each for each in runs if each.outlet == cadence.outlet]
        # Of the slots without a run, only the last one is known.
        last_taken_at = taken[cadence.outlet].slot_at
        run_slots = {each.slot_at for each in outlet_runs}
        slots = sorted(at for at in run_slots | {last_taken_at} if at)
        slot_count += len(slots)
        interrupted += [(cadence.outlet, at) for at in set(slots) - run_slots]
        reason_counts.update(
            _reason_not_taken(at, slots, outlet_runs, gaps)
            for at in _iter_untaken_slots(cadence, slots)
        )
    return FailoverResult(
        runs=Counter(str(each.outcome) for each in runs),
        slots_run_twice=sum(number > 1 for number in runs_per_slot.values()),
        slots_taken=slot_count,
        untaken_slots=reason_counts,
        recovery_seconds=[
            _recovery_seconds(name, at, runs, gaps) for name, at in interrupted if at < last_led_at
        ],
        left_open=sum(_is_left_open(each, gaps) for each in cut_off_runs),
    )


def _is_left_open(cut_off: Run, gaps: Gaps) -> bool:
    """Whether a run that a leader left at its death was open long after the next one led."""
    led_at = next((led for killed, led in gaps if killed >= cut_off.started_at), None)
    if led_at is None:
        return cut_off.ended_at is None
    return cut_off.ended_at is None or cut_off.ended_at > led_at + MAX_CLOSING_DELAY


def _iter_untaken_slots(cadence: Cadence, taken_slots: list[datetime]) -> Iterator[datetime]:
    """Yields the slots between the first and the last taken one that no scheduler took."""
    at = cadence.next_slot(taken_slots[0])
    while at and at < taken_slots[-1]:
        if at not in taken_slots:
            yield at
        at = cadence.next_slot(at)


def _reason_not_taken(
    at: datetime, taken_slots: list[datetime], runs: list[Run], gaps: Gaps
) -> str:
    """Returns why a slot was not taken.

    `nobody`: no scheduler led. `busy`: the run before it was still going on or waiting. `lost`: any
    other reason.
    """
    if any(killed_at - MAX_SLOT_DELAY <= at <= led_at for killed_at, led_at in gaps):
        return "nobody"
    previous_slot = max(each for each in taken_slots if each < at)
    ends = [each.ended_at for each in runs if each.slot_at == previous_slot]
    # A slot without a run waited for a free worker until the leader was killed.
    ends = ends or [next((killed_at for killed_at, _ in gaps if killed_at > previous_slot), None)]
    if any(end is None or end + MAX_SLOT_DELAY >= at for end in ends):
        return "busy"
    print(f"lost: {at}, the one before: {previous_slot}, its run ended {ends}", file=sys.stderr)
    return "lost"


def _recovery_seconds(outlet: str, since: datetime, runs: list[Run], gaps: Gaps) -> float | None:
    """Returns the seconds from the first takeover after `since` until the outlet was read, or None."""
    later = (each for each in runs if each.outlet == outlet and each.started_at > since)
    ends = (each.ended_at for each in later if each.outcome is RunOutcome.OK)
    led_at = next((led for _, led in gaps if led > since), since)
    return next(((end - led_at).total_seconds() for end in ends if end), None)


def main() -> int:
    """Prints the table. Returns 1 if a slot or run was lost or a slot was run twice."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--url", default="", help="a database; by default a SQLite file")
    parser.add_argument("--every", type=float, default=20, help="seconds between two slots")
    parser.add_argument("--rest", type=float, default=60, help="seconds without kills at the end")
    parser.add_argument("--serve", action="store_true", help="be one of the schedulers")
    arguments = parser.parse_args()
    if arguments.serve:
        logging.disable(logging.CRITICAL)
        asyncio.run(serve(arguments.url, arguments.every))
        return 0
    with tempfile.TemporaryDirectory(prefix="nkwire-leaders-") as folder:
        url = arguments.url or f"sqlite:///{folder}/nkwire.db"
        with closing(open_database(url)) as database:
            test = FailoverTest(url, arguments.every, Path(folder), database)
            for host in HOSTS:
                test.start(host)
            try:
                for _ in range(arguments.kills):
                    test.kill_leader()
                time.sleep(arguments.rest)
            finally:
                test.stop()
            result = evaluate(database, arguments.every, test.gaps)
    report("PostgreSQL" if arguments.url else "SQLite", arguments.every, result, test.gaps)
    return (
        1
        if result.slots_run_twice
        or result.untaken_slots["lost"]
        or None in result.recovery_seconds
        or result.left_open
        else 0
    )


def report(name: str, every: float, result: FailoverResult, gaps: Gaps) -> None:
    """Prints the table of one database."""
    gap_seconds = sorted((led_at - killed_at).total_seconds() for killed_at, led_at in gaps)
    recovery_seconds = sorted(each for each in result.recovery_seconds if each is not None) or [0.0]
    outcomes = ", ".join(f"{number} {label}" for label, number in result.runs.most_common())
    print(
        f"\n## {name}\n\nPython {platform.python_version()}; {len(OUTLETS)} outlets, every {every:g} s; two hosts.\n\n| | |\n|---|---|"
    )
    for label, value in (
        ("leading schedulers killed with SIGKILL, with their hosts", str(len(gaps))),
        (
            "until the other one led",
            f"p50 {gap_seconds[len(gap_seconds) // 2]:.1f} s, at most {gap_seconds[-1]:.1f} s",
        ),
        ("runs", f"{sum(result.runs.values())}: {outcomes}"),
        ("slots taken; run twice", f"{result.slots_taken}; {result.slots_run_twice}"),
        (
            "runs cut off with their leader, or not begun; never made up for",
            f"{len(result.recovery_seconds)}; {result.recovery_seconds.count(None)}",
        ),
        (
            f"of these left open more than {MAX_CLOSING_DELAY.seconds} s after the takeover",
            str(result.left_open),
        ),
        (
            "from the takeover until they were made up for",
            f"p50 {recovery_seconds[len(recovery_seconds) // 2]:.0f} s, at most {recovery_seconds[-1]:.0f} s",
        ),
        ("slots that passed while none led", str(result.untaken_slots["nobody"])),
        ("slots that passed while the run before them went on", str(result.untaken_slots["busy"])),
        ("slots lost otherwise", str(result.untaken_slots["lost"])),
    ):
        print(f"| {label} | {value} |")


if __name__ == "__main__":
    sys.exit(main())
