"""Finds and kills all processes that a process has started, also those in sessions of their own.

A process that adopts orphans (PR_SET_CHILD_SUBREAPER, prctl(2)) stays the ancestor of everything
that it starts: what loses its parent gets this one. So nothing leaves its tree while it lives.

As a program, `descendants.py SECONDS COMMAND...` runs a command, and kills it and all that it has
started after so many seconds. It imports nothing of nkwire, so it starts quickly.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
MAX_ROUNDS = 100  # of killing; a fork bomb may start processes while it is killed


def adopt_orphans() -> bool:
    """Makes this process the parent of descendants whose parent ends. Returns whether it could.

    Only Linux can do this.
    """
    return _set_process_option(PR_SET_CHILD_SUBREAPER, 1)


def _set_process_option(option: int, value: int) -> bool:
    """Calls prctl(2). Returns whether that did what was asked."""
    if sys.platform != "linux":
        return False
    failed: int = ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
    return not failed


def kill_descendants(pid: int) -> None:
    """Kills all descendants of a process with SIGKILL until none is left that runs."""
    for _ in range(MAX_ROUNDS):
        living = list(iter_descendants(pid))
        for each in living:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(each, signal.SIGKILL)
        if not living:
            return


def iter_descendants(pid: int) -> Iterator[int]:
    """Yields the pids of all descendants that have not ended, the nearest first.

    Reads /proc/PID/stat (proc(5)); yields none where that does not exist.
    """
    children: dict[int, list[tuple[int, str]]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            children.setdefault(int(parent), []).append((int(entry.name), state))
    waiting = [pid]
    for parent_pid in waiting:
        for child, state in children.get(parent_pid, ()):
            waiting.append(child)
            if state not in ("Z", "X"):
                yield child


def run_for(seconds: float, command: Sequence[str]) -> int:
    """Runs a command until it and all that it has started have ended, or for some seconds.

    Then what is left is killed. Returns the exit code of the command, and prints why if it could
    not be started or was killed.
    """
    end = time.monotonic() + seconds
    adopt_orphans()
    _set_process_option(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        process.wait(seconds)
        while time.monotonic() < end and any(iter_descendants(os.getpid())):
            time.sleep(0.05)
    except subprocess.TimeoutExpired:
        sys.stdout.write(f"it had not ended after {seconds:g} s and was killed")
        return 1
    except OSError as error:
        sys.stdout.write(f"{command[0]}: {error.strerror}")
        return 1
    finally:
        kill_descendants(os.getpid())
    code = process.returncode
    return code if code >= 0 else 128 - code  # as a shell reports a signal


if __name__ == "__main__":
    sys.exit(run_for(float(sys.argv[1]), sys.argv[2:]))
