"""What tests ask about other processes: whether they live, and whether something has come true."""

import time
from collections.abc import Callable
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def until(true: Callable[[], bool], seconds: float = 120) -> bool:
    """Waits until something is true. Returns whether it is, after `seconds` at most."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.05)
    return true()


def count_forkservers() -> int:
    """Returns how many children of this process are forkservers."""
    lists = Path("/proc/self/task").glob("*/children")
    pids = [pid for each in lists for pid in each.read_text().split()]
    return sum(b"forkserver" in _command_line(pid) for pid in pids)


def _command_line(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
        return b""
