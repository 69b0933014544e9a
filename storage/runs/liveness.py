"""Checks whether a process, or that of a run, is still alive."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname

from storage.records import Run

_FOREIGN_RUN_MAX_AGE = timedelta(days=1)
# Ended but not reaped; without an init process in the container it stays so.
_ENDED_PROCESS_STATES = ("Z", "X")


def is_dead(open_run: Run) -> bool:
    """Whether the process of an unfinished run has ended; a run of another host, after one day."""
    if open_run.host != gethostname():
        return datetime.now(UTC) - open_run.started_at > _FOREIGN_RUN_MAX_AGE
    return not is_process_alive(open_run.pid, since=open_run.started_at)


def is_process_alive(pid: int, since: datetime | None = None) -> bool:
    """Whether a process with this pid runs; with `since`, the one that had it at that time."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    state, started_at = _process_state(pid)
    return state not in _ENDED_PROCESS_STATES and (
        since is None or started_at is None or started_at <= since + timedelta(seconds=5)
    )


def _process_state(pid: int) -> tuple[str, datetime | None]:
    """Returns state and start time of a process from Linux's /proc; "" and None elsewhere.

    The start time is needed because pids are reused.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        uptime = float(Path("/proc/uptime").read_text().split()[0])
        age = uptime - int(fields[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return "", None
    return fields[0], datetime.now(UTC) - timedelta(seconds=age)
