"""Starts children from multiprocessing's forkserver, and ends the forkserver when it is idle or hangs."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerProcess
from pathlib import Path

PROJECT_ROOT = Path(__file__).parents[2]
_LOCK = threading.Lock()


def start_process(process: ForkServerProcess) -> None:
    """Starts a child; starts the forkserver first if there is none. Raises OSError and EOFError."""
    # All threads share the environment, which `ensure_forkserver` changes.
    with _LOCK, _interrupts_blocked():
        ensure_forkserver()
        try:
            process.start()
        except ConnectionRefusedError:  # it is about to end, and was asked nothing
            _wait_for_end()
            ensure_forkserver()
            process.start()


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Blocks Ctrl-C, which reaches the whole group: what this thread starts must not meet it while
    it loads. The parent stops it.
    """
    resource_tracker.ensure_running()  # it would unblock the signal
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def join_process(process: ForkServerProcess) -> None:
    """Waits for a child and reads its exit code."""
    # An exit code can be read once, and starting a child reads those of all that have ended.
    with _LOCK:
        process.join()


def ensure_forkserver() -> None:
    """Starts the forkserver, which must not import modules from the current folder."""
    path = os.environ.get("PYTHONPATH", "")
    previous_values = {name: os.environ.get(name) for name in ("PYTHONPATH", "PYTHONSAFEPATH")}
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(PROJECT_ROOT), path)))
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        forkserver.ensure_running()
    finally:
        for name, value in previous_values.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def kill_idle_forkserver() -> None:
    """Ends the forkserver unless a child runs."""
    # The standard library has no public way to end it.
    server = forkserver._forkserver
    with _LOCK:
        pid, stop = getattr(server, "_forkserver_pid", None), getattr(server, "_stop", None)
        # All children share one forkserver, and die with it.
        if pid is None or stop is None or multiprocessing.active_children():
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with suppress(OSError):
            stop()


def kill_hung_forkserver() -> None:
    """Kills a forkserver that does not answer, with its children. The next child starts a new one.

    Takes no lock: the thread that holds it waits for the forkserver.
    """
    if pid := getattr(forkserver._forkserver, "_forkserver_pid", None):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _wait_for_end()


def _wait_for_end() -> None:
    """Waits until the forkserver has ended; else the next child would be asked of it again."""
    if pid := getattr(forkserver._forkserver, "_forkserver_pid", None):
        with suppress(ChildProcessError):
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # the library reaps it
