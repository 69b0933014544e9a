"""Runs work in a child process that is killed with SIGKILL: after a time, or at an edge.

An edge is a moment at which a half done thing could show: a commit, a rename, the removal of a file,
the first write to a file. The child counts its edges and kills itself at the one asked for. A time
is measured by the parent, which kills the child wherever it is.
"""

import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from benchmarks.storm.place import Place

AIMED_SHARE = 0.4
"""So many of the kills strike at an edge, the others at any time."""
MAX_SECONDS = 240.0
"""After this time a child hangs, and is killed."""
_EDGES = frozenset(
    [
        *("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink"),
        *("os.truncate", "shutil.rmtree", "shutil.move"),
    ]
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended. `code`: negative for a signal. `edges`: 0 unless it ended by itself."""

    code: int
    seconds: float
    edges: int = 0

    @property
    def is_killed(self) -> bool:
        """Whether SIGKILL ended it."""
        return self.code == -signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Strike:
    """When to kill: after some seconds, or at an edge; never if both are None."""

    after: float | None = None
    at_edge: int | None = None


UNDISTURBED = Strike()


def choose_strike(chance: random.Random, usual: Ended) -> Strike:
    """Draws a moment within the usual length of the work, or one of its edges."""
    if usual.edges and chance.random() < AIMED_SHARE:
        return Strike(at_edge=chance.randint(1, usual.edges))
    return Strike(after=chance.uniform(0, usual.seconds))


def run_child(
    work: Callable[[Place], None],
    place: Place,
    strike: Strike = UNDISTURBED,
    meanwhile: Callable[[], None] = lambda: None,
) -> Ended:
    """Forks a child that works in a place, and waits for its end. Its words go to `child.log`.

    `meanwhile`: called over and over until the child has ended.
    """
    ready_end, child_end = os.pipe()
    log = place.folder / "child.log"
    pid = os.fork()
    if not pid:
        os.close(ready_end)
        _be_child(work, place, strike, log, child_end)
    os.close(child_end)
    os.read(ready_end, 1)
    start = time.monotonic()
    if strike.after is not None:
        time.sleep(strike.after)
        os.kill(pid, signal.SIGKILL)
    edges = _read_edges(ready_end, start, meanwhile)
    code = _wait(pid, start)
    return Ended(code, time.monotonic() - start, edges)


def _read_edges(pipe: int, start: float, meanwhile: Callable[[], None]) -> int:
    """Reads how many edges the child counted, until it has closed the pipe or hangs."""
    os.set_blocking(pipe, False)
    words = b""
    while time.monotonic() - start < MAX_SECONDS:
        try:
            if not (word := os.read(pipe, 100)):
                break
            words += word
        except BlockingIOError:
            meanwhile()
            time.sleep(0.002)
    os.close(pipe)
    return int(words or b"0")


def _wait(pid: int, start: float) -> int:
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() - start > MAX_SECONDS:
            os.killpg(pid, signal.SIGABRT)
        time.sleep(0.002)


def _be_child(
    work: Callable[[Place], None], place: Place, strike: Strike, log: Path, pipe: int
) -> None:
    """Works and ends the process; never returns."""
    code = 1
    try:
        os.setsid()
        _redirect(log)
        place.enter()
        edges = _Edges(strike.at_edge)
        os.write(pipe, b" ")
        work(place)
        code = 0
        os.write(pipe, str(edges.count).encode())
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:  # noqa: BLE001 - nothing may escape into the parent's code
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _redirect(log: Path) -> None:
    target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, source in ((0, nothing), (1, target), (2, target)):
        os.dup2(source, descriptor)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False)


class _Edges:
    """Counts edges in this process, and kills it at the one asked for."""

    def __init__(self, fatal: int | None) -> None:
        self.count = 0
        self._fatal = fatal
        sys.addaudithook(self._hear)
        event.listen(Engine, "commit", self._pass)

    def _hear(self, name: str, arguments: tuple[Any, ...]) -> None:
        # The arguments of "open" are path, mode and flags (Python's table of audit events).
        is_writing = name == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
        if name in _EDGES or (is_writing and arguments[0] != os.devnull):
            self._pass()

    def _pass(self, *_: object) -> None:
        self.count += 1
        if self.count == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)
