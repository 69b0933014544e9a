"""Counts from the database what a storm has lost, done twice or done at the same time."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import quantiles

from sqlalchemy import text

from storage import Database
from storage.fleet.orders import Order
from storage.records import Run, RunOutcome

_JOBS_SQL = """SELECT j.id, j.args, j.status::text AS status,
min(e.at) FILTER (WHERE e.type = 'deferred') AS deferred_at,
min(e.at) FILTER (WHERE e.type = 'started') AS started_at,
max(e.at) FILTER (WHERE e.type IN ('failed', 'succeeded')) AS ended_at
FROM procrastinate_jobs j JOIN procrastinate_events e ON e.job_id = j.id
GROUP BY j.id ORDER BY j.id"""
MAX_RUNS = 1_000_000


@dataclass(frozen=True, slots=True)
class Job:
    """A job with the moments of its life."""

    id: int
    outlet: str
    slot_at: datetime | None
    status: str
    deferred_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a storm has done. `made_up`: seconds from a kill to the new job, by killed run."""

    slots: int
    ok: int
    killed: int
    lost: int
    double: int
    overlapping: int
    unfinished: int
    pickups: list[float]


def load_jobs(database: Database) -> list[Job]:
    """Returns all jobs in their order."""
    rows = database.read(lambda connection: connection.execute(text(_JOBS_SQL)).all())
    orders = {row.id: Order.from_arguments(row.args) for row in rows}
    return [
        Job(
            *(row.id, orders[row.id].outlet, orders[row.id].slot_at, row.status),
            *(row.deferred_at, row.started_at, row.ended_at),
        )
        for row in rows
    ]


def judge(database: Database) -> Verdict:
    """Compares the jobs with the runs that did them."""
    jobs, runs = load_jobs(database), database.runs.latest(limit=MAX_RUNS)
    by_job = {run.job: run for run in runs if run.job is not None}
    later: defaultdict[str, list[int]] = defaultdict(list)
    for job in jobs:
        later[job.outlet].append(job.id)
    lost = 0
    for job in jobs:
        run = by_job.get(job.id)
        is_done = run is not None and run.outcome is RunOutcome.OK
        lost += not (is_done or later[job.outlet][-1] > job.id)
    slots = [(job.outlet, job.slot_at) for job in jobs]
    runs_of_job = [run.job for run in runs if run.job is not None]
    return Verdict(
        slots=len(jobs),
        ok=sum(run.outcome is RunOutcome.OK for run in runs),
        killed=sum(run.outcome is RunOutcome.KILLED for run in runs),
        lost=lost,
        double=len(slots) - len(set(slots)) + len(runs_of_job) - len(set(runs_of_job)),
        overlapping=_count_overlapping(runs),
        unfinished=sum(job.status in ("todo", "doing") for job in jobs)
        + sum(run.ended_at is None for run in runs),
        pickups=[
            (job.started_at - job.deferred_at).total_seconds() for job in jobs if job.started_at
        ],
    )


def _count_overlapping(runs: list[Run]) -> int:
    by_outlet: defaultdict[str, list[Run]] = defaultdict(list)
    for run in sorted(runs, key=lambda run: run.started_at):
        by_outlet[run.outlet].append(run)
    return sum(
        earlier.ended_at is None or later.started_at < earlier.ended_at
        for of_outlet in by_outlet.values()
        for earlier, later in pairwise(of_outlet)
    )


def made_up_delays(
    database: Database, blows: list[tuple[datetime, set[int]]]
) -> tuple[list[float], int]:
    """Returns the seconds from each blow to the new job of each outlet that it hit.

    `blows`: when a worker was killed or suspended, and the jobs that it had. Also returns how many
    of these jobs were neither done nor made up for.
    """
    jobs = load_jobs(database)
    by_id = {job.id: job for job in jobs}
    ok = {run.job for run in database.runs.latest(limit=MAX_RUNS) if run.outcome is RunOutcome.OK}
    delays, missing = [], 0
    for at, hit in blows:
        for number in hit - ok:
            outlet = by_id[number].outlet
            new = [job for job in jobs if job.outlet == outlet and job.id > number]
            if new:
                delays.append(max(timedelta(0), new[0].deferred_at - at).total_seconds())
            else:
                missing += 1
    return delays, missing


def percentile(values: list[float], share: int) -> float:
    """Returns a percentile; 0 of nothing."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return quantiles(values, n=100, method="inclusive")[share - 1]
