"""Records the runs of a worker's children that could not do it themselves."""

from crawler.processes.children import ChildResult
from storage import Database
from storage.fleet.orders import Order
from storage.records import StopReason


def record_failed_job(
    database: Database, job: int, order: Order, result: ChildResult, owner: str
) -> None:
    """Records a run whose child was stopped, was killed, failed before it began, or never started.

    Raises StorageError: JobLost if the job was given to another worker.
    """
    run = database.runs.last_of_job(job, order.outlet)
    if run is None:
        run = database.runs.begin(
            order.outlet,
            pid=result.pid,
            owner=owner,
            job=job,
            slot_at=order.slot_at,
            missed=order.missed,
            selective=order.slot_at is None,
        )
    elif run.ended_at is not None and run.stop_reason is not StopReason.DIED:
        return
    child_run = result.to_run()
    run.outcome, run.stop_reason = child_run.outcome, child_run.stop_reason
    run.cause, run.counts = child_run.cause, child_run.counts
    run.ended_at = None
    database.runs.finish(run)
    if not run.selective:
        database.health.assess(order.outlet)
