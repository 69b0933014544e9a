"""Says whether a process of this host still runs."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

# Ended but not reaped; without an init process in the container it stays so.
ENDED_PROCESS_STATES = ("Z", "X")
STOPPED_PROCESS_STATES = ("T", "t")  # by SIGSTOP, or by a debugger


def is_process_alive(pid: int, since: datetime | None = None) -> bool:
    """Whether a process with this pid runs; with `since`, the one that had it at that time."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    state, started_at = _process_state(pid)
    return state not in ENDED_PROCESS_STATES and (
        since is None or started_at is None or started_at <= since + timedelta(seconds=5)
    )


def process_state(pid: int) -> str:
    """Returns the state of a process as in proc(5), such as R or Z; "" if it is not known."""
    return _process_state(pid)[0]


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
