"""Finds out whether an unfinished run has ended, by its process or by the scheduler it belongs to."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from socket import gethostname

from storage.files.machine import is_one_start, machine_name
from storage.files.processes import is_process_alive
from storage.records import WORKER_PREFIX, Run

UNKNOWN_END_CAUSE = "the process ended and did not say why"
"""The cause of a run whose process ended without recording an outcome."""
TAKEN_OVER_CAUSE = "its scheduler ended, and another one took over"
_FOREIGN_RUN_MAX_AGE = timedelta(days=1)


def find_end_cause(
    open_run: Run,
    living: Collection[int] = (),
    *,
    leader: str = "",
    is_one_machine: bool = False,
) -> str:
    """Returns why an unfinished run has ended; "" if it goes on, as far as this machine can tell.

    `living`: pids of this machine that are known to be alive. `leader`: the scheduler that leads, if
    that one asks: what other schedulers started on other machines has ended with them.
    `is_one_machine`: whether the database is a file, which machines use one after the other. What is
    not known ends after a day.
    """
    here = machine_name()
    if _is_of(open_run, here):
        is_alive = open_run.pid in living or is_process_alive(open_run.pid, open_run.started_at)
        return "" if is_alive else UNKNOWN_END_CAUSE
    if leader and _is_of_scheduler(open_run) and open_run.owner != leader:
        return TAKEN_OVER_CAUSE
    is_of_earlier_start = open_run.machine and not is_one_start(open_run.machine, here)
    # A start in the future was recorded while a clock was ahead.
    is_old = abs(datetime.now(UTC) - open_run.started_at) > _FOREIGN_RUN_MAX_AGE
    return UNKNOWN_END_CAUSE if is_old or (is_one_machine and is_of_earlier_start) else ""


def _is_of(open_run: Run, machine: str) -> bool:
    """Whether the run's pid is one of this machine; a run of an older version names only the host."""
    if not open_run.machine:
        return open_run.host == gethostname()
    return open_run.machine == machine


def _is_of_scheduler(open_run: Run) -> bool:
    """Whether a scheduler started the run as its own child, which does not outlive it."""
    return bool(open_run.owner) and not open_run.owner.startswith(WORKER_PREFIX)
