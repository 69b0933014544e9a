"""Records the runs of children that could not do it themselves."""

from collections.abc import Collection

from crawler.processes.children import ChildResult
from storage import Database
from storage.files.machine import machine_name
from storage.records import StopReason
from storage.runs.schedule_state import TakenSlot


def record_failed_run(
    database: Database, result: ChildResult, slot: TakenSlot, living: Collection[int], owner: str
) -> None:
    """Records a run whose child was stopped, was killed, failed before it began, or never started.

    `slot`: the slot that the run serves. `living`: pids of children that run. `owner`: who started
    the child. Raises StorageError.
    """
    database.runs.close_dead(living)
    run = database.runs.last_begun(result.outlet)
    # Another outlet's run may have closed it, without knowing why it ended.
    if run is None or run.pid != result.pid or run.machine != machine_name():
        run = database.runs.begin(result.outlet, pid=result.pid, owner=owner, **slot._asdict())
    elif run.stop_reason is not StopReason.DIED:
        return
    child_run = result.to_run()
    run.outcome, run.stop_reason = child_run.outcome, child_run.stop_reason
    run.cause, run.counts = child_run.cause, child_run.counts
    database.runs.finish(run)
    database.health.assess(result.outlet)
