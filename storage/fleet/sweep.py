"""Gives up the jobs of silent workers: their runs are recorded as killed, and made up for."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, exists, select, text, update

from storage.fleet.orders import TASKS, Order, order_again
from storage.fleet.parts import part_after, part_again
from storage.records import Run, RunOutcome, StopReason
from storage.runs.clock import database_now
from storage.runs.runs import run_from_row
from storage.tables.columns import AnyRow
from storage.tables.processes import lease
from storage.tables.runs import is_unfinished_run, run

SILENT_SECONDS = 15.0
"""After so long without a word a worker has no jobs any more, unless it asked for another time."""

# A job without a worker was let go, or its worker was removed from procrastinate's table.
_SILENT_JOBS_SQL = """SELECT j.id, j.args, coalesce(w.host, '') AS host FROM procrastinate_jobs j
LEFT JOIN procrastinate_workers p ON p.id = j.worker_id
LEFT JOIN worker w ON w.job_worker = j.worker_id
WHERE j.status = 'doing' AND j.task_name = ANY(:tasks) AND (p.id IS NULL OR
 coalesce(w.beat_at, p.last_heartbeat)
 < clock_timestamp() - make_interval(secs => coalesce(w.silent, :silent)))
ORDER BY j.id FOR NO KEY UPDATE OF j SKIP LOCKED"""
_END_JOB_SQL = """UPDATE procrastinate_jobs
SET status = 'failed', attempts = attempts + 1, abort_requested = false WHERE id = :job"""
_JOB_IS_DONE_SQL = (
    "NOT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE id = run.job AND status = 'doing')"
)


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A job that was given up. `host`: of its worker. `is_again`: whether a new one was written."""

    outlet: str
    host: str
    is_again: bool


def give_up_silent(connection: Connection, owner: str, lease_name: str) -> list[MadeUp] | None:
    """Gives up the jobs of silent workers, and those that nobody works on.

    For each: the job has failed, its run is killed, and there is a new slot with a new job. Returns
    None, and changes nothing, if `owner` does not hold the lease.
    """
    now = database_now(connection)
    holds_lease = exists().where(
        lease.c.name == lease_name, lease.c.owner == owner, lease.c.expires_at > now
    )
    if not connection.scalar(select(holds_lease)):
        return None
    values = {"tasks": TASKS, "silent": SILENT_SECONDS}
    jobs = connection.execute(text(_SILENT_JOBS_SQL), values).all()
    given_up = [_give_up(connection, job) for job in jobs]
    _close_left_runs(connection)
    return given_up


def _give_up(connection: Connection, job: AnyRow) -> MadeUp:
    order = Order.from_arguments(job.args)
    query = select(run).where(run.c.job == job.id, run.c.outlet == order.outlet)
    row = connection.execute(query.order_by(run.c.id.desc()).limit(1)).one_or_none()
    if row is not None and row.ended_at is None:
        where = f" on {job.host}" if job.host else ""
        _kill(connection, row.id, f"its worker{where} was silent")
    connection.execute(text(_END_JOB_SQL), {"job": job.id})
    again = _left_of(order, run_from_row(row) if row is not None and row.ended_at else None)
    is_again = again is not None and order_again(connection, job.id, again)
    return MadeUp(order.outlet, job.host, is_again)


def _left_of(order: Order, ended: Run | None) -> Order | None:
    """Returns what a given-up job left to do. `ended`: its run if that one had ended by itself."""
    if order.slot_at is not None:
        return order if ended is None or ended.is_cut_off else None
    return part_again(order) if ended is None else part_after(order, ended)


def _close_left_runs(connection: Connection) -> None:
    """Closes runs whose job has ended without them: their end could not be stored."""
    left = select(run.c.id).where(is_unfinished_run(), run.c.job.is_not(None))
    for run_id in connection.scalars(left.where(text(_JOB_IS_DONE_SQL))).all():
        _kill(connection, run_id, "its worker could not record its end")


def _kill(connection: Connection, run_id: int, cause: str) -> None:
    values: dict[str, Any] = {
        "ended_at": datetime.now(UTC),
        "outcome": RunOutcome.KILLED,
        "stop_reason": StopReason.DIED,
        "cause": cause,
    }
    connection.execute(update(run).where(run.c.id == run_id, is_unfinished_run()).values(values))
