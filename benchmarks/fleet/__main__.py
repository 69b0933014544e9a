"""Kills and suspends clocks and workers at random moments, then measures them idle and draining.

    python -m benchmarks.fleet [--seconds 150] [--kills 20] [--suspended 3] [--out FILE]

Needs PostgreSQL's programs, and `unshare` for hosts of their own. The table goes to standard output
and to benchmarks/results/fleet.md. Exits with 1 if anything was lost, double or overlapping, or was
made up for too late.
"""

import argparse
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from benchmarks.fleet.evaluation import judge, load_jobs, made_up_delays, percentile
from benchmarks.fleet.hosts import HostProcess
from benchmarks.fleet.press import measure_press
from benchmarks.fleet.report import Measured, format_report
from benchmarks.storm.server import serving_crashable
from crawler.fleet.extra import prepare_jobs
from storage import Database, open_database
from storage.fleet.orders import Order

RESULT = Path(__file__).parents[1] / "results/fleet.md"
HOSTS = ("host-a", "host-b", "host-c")
SUSPENDED_SECONDS = 7.0
IDLE_SECONDS = 20.0
PICKUPS = 60
PRESS_SECONDS = 60.0
_HELD_SQL = """SELECT j.id FROM procrastinate_jobs j JOIN worker w ON w.job_worker = j.worker_id
WHERE j.status = 'doing' AND w.host = :host"""
Blows = list[tuple[datetime, set[int]]]


def main() -> int:
    """Runs the storm. Returns 1 if it found something."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--suspended", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=RESULT)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    with TemporaryDirectory() as folder, serving_crashable() as server:
        url = server.url(server.new_database())
        (Path(folder) / "locks").mkdir()
        with open_database(url) as database:
            prepare_jobs(database)
            measured = _measure(database, url, Path(folder), arguments)
        url = server.url(server.new_database())
        with open_database(url) as database:
            prepare_jobs(database)
            press = measure_press(
                database, url, Path(folder), HOSTS, min(arguments.seconds, PRESS_SECONDS)
            )
    lines = format_report(measured, press)
    print("\n".join(lines))
    arguments.out.write_text("\n".join(lines) + "\n")
    return 1 if measured.is_bad or press.most_open > 1 else 0


def _measure(database: Database, url: str, folder: Path, arguments: argparse.Namespace) -> Measured:
    workers = [HostProcess("worker", host, url, folder) for host in HOSTS]
    clocks = [HostProcess("clock", host, url, folder) for host in HOSTS[:2]]
    try:
        for each in (*clocks, *workers):
            each.start()
        blows = _storm(database, workers, clocks, arguments)
        worker_kills = sum(each.starts - 1 for each in workers)
        for clock in clocks:
            clock.send(signal.SIGTERM)
        _wait(lambda: judge(database).unfinished == 0, 60)
        verdict = judge(database)
        delays, missing = made_up_delays(database, blows)
        overlaps = folder / "overlaps"
        at_once = len(overlaps.read_text().splitlines()) if overlaps.exists() else 0
        for each in workers:  # now as `nkwire worker` is by default
            each.send(signal.SIGTERM)
        _wait(lambda: _living(database) == 0, 30)
        for each in workers:
            each.kill()
            each.kind = "calm-worker"
            each.start()
        _wait(lambda: _living(database) == len(workers), 60)
        time.sleep(3)
        pickups = _measure_pickups(database)
        cpu, megabytes = _measure_idle(workers)
        drain_seconds, runs, left = _measure_drain(database, workers)
    finally:
        for each in (*clocks, *workers):
            each.kill()
    return Measured(
        verdict=verdict,
        worker_kills=worker_kills,
        clock_kills=sum(each.starts - 1 for each in clocks),
        suspended=arguments.suspended,
        made_up=delays,
        not_made_up=missing,
        children_at_once=at_once,
        late_ends_refused=_count_refused(folder),
        pickups=pickups,
        idle_cpu_percent=cpu,
        idle_megabytes=megabytes,
        drain_seconds=drain_seconds,
        drained_runs=runs,
        open_after_drain=left,
        storm_pickup_p50=percentile(verdict.pickups, 50),
    )


def _storm(
    database: Database,
    workers: list[HostProcess],
    clocks: list[HostProcess],
    arguments: argparse.Namespace,
) -> Blows:
    """Kills and suspends for the time asked for. Returns when which jobs were hit."""
    blows: Blows = []
    kinds = ["suspend"] * arguments.suspended
    clock_kills = arguments.kills * 3 // 10
    kinds += ["clock"] * clock_kills + ["worker"] * (arguments.kills - clock_kills)
    random.shuffle(kinds)
    _wait(lambda: len(database.workers.status().hosts) == len(workers), 60)
    begin = time.monotonic()
    for number, kind in enumerate(kinds):
        due = begin + arguments.seconds * (number + 1) / (len(kinds) + 1)
        time.sleep(max(0.0, due - time.monotonic()))
        if kind == "clock":
            victim = random.choice(clocks)
            victim.kill()
            victim.start()
            continue
        victim = random.choice(workers)
        if kind == "worker":
            victim.kill()
            blows.append((datetime.now(UTC), _held(database, victim.host)))
            victim.start()
            continue
        victim.send(signal.SIGSTOP)
        blows.append((datetime.now(UTC), _held(database, victim.host)))
        time.sleep(SUSPENDED_SECONDS)
        victim.send(signal.SIGCONT)
    time.sleep(max(0.0, begin + arguments.seconds - time.monotonic()))
    return blows


def _held(database: Database, host: str) -> set[int]:
    query = text(_HELD_SQL)
    return set(database.read(lambda c: c.scalars(query, {"host": host}).all()))


def _measure_pickups(database: Database) -> list[float]:
    """Gives out jobs one by one to idle workers; returns the seconds until each was taken."""
    known = {job.id for job in load_jobs(database)}
    for number in range(PICKUPS):
        since = datetime(2026, 1, 1, tzinfo=UTC)
        database.jobs.order([Order(outlet=f"pickup{number:02}", since=since)])
        time.sleep(0.25)
    _wait(lambda: judge(database).unfinished == 0, 60)
    new = [job for job in load_jobs(database) if job.id not in known]
    return [(job.started_at - job.deferred_at).total_seconds() for job in new if job.started_at]


def _measure_idle(workers: list[HostProcess]) -> tuple[float, float]:
    """Returns the CPU of an idle worker in percent of a core, and its memory; of the hungriest."""
    time.sleep(2)
    before = [each.cpu_seconds() for each in workers]
    time.sleep(IDLE_SECONDS)
    used = [each.cpu_seconds() - cpu for each, cpu in zip(workers, before, strict=True)]
    return 100 * max(used) / IDLE_SECONDS, max(each.resident_megabytes() for each in workers)


def _measure_drain(database: Database, workers: list[HostProcess]) -> tuple[float, int, int]:
    """Stops all workers in the middle of runs; returns the seconds, the runs, those still open."""
    since = datetime(2026, 1, 1, tzinfo=UTC)
    database.jobs.order([Order(outlet=f"drain{n:02}", since=since) for n in range(24)])
    _wait(lambda: len(database.runs.latest(outcome="running")) >= 6, 30)
    running = len(database.runs.latest(outcome="running"))
    begin = time.monotonic()
    for each in workers:
        each.send(signal.SIGTERM)
    for each in workers:
        if each.process:
            each.process.wait(30)
    return time.monotonic() - begin, running, len(database.runs.latest(outcome="running"))


def _count_refused(folder: Path) -> int:
    logs = "".join(file.read_text() for file in folder.glob("worker-*.log"))
    return logs.count("was given to another worker")


def _living(database: Database) -> int:
    return sum(each.silent_seconds is None for each in database.workers.status().hosts)


def _wait(is_true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_true() and time.monotonic() < end:
        time.sleep(0.1)


if __name__ == "__main__":
    sys.exit(main())
