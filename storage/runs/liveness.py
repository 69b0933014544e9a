"""Checks whether the process of a run is still alive."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from socket import gethostname

from storage.files.processes import is_process_alive
from storage.records import Run

_FOREIGN_RUN_MAX_AGE = timedelta(days=1)


def is_dead(open_run: Run, living: Collection[int] = ()) -> bool:
    """Whether the process of an unfinished run has ended; a run of another host, after one day.

    `living`: pids of processes of this host that are known to be alive.
    """
    if open_run.host != gethostname():
        # A start in the future was recorded while a clock was ahead.
        return abs(datetime.now(UTC) - open_run.started_at) > _FOREIGN_RUN_MAX_AGE
    return open_run.pid not in living and not is_process_alive(
        open_run.pid, since=open_run.started_at
    )
