"""Reads what might be dangerous in a forked copy of the process first, and only then for real.

No pattern can tell which sources stall a parser. So a source that is not cheap by its size alone is
first read in a copy, which the kernel ends at a limit of CPU or memory. Its result is thrown away:
nothing is sent back. If the copy ends well, the work is done again here, at the same cost.
"""

import gc
import os
import resource
import select
import signal
import socket
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from enum import Enum
from pathlib import Path
from typing import NoReturn, TypeVar

from crawler.errors import CrawlerError
from crawler.parent_watch import die_when_closed

CPU_SECONDS = 2.0
MEMORY_BYTES = 200 << 20
WALL_SECONDS = 60.0
"""For a copy that is stopped, or waits for ever. A page cannot bring that about."""

_ENDED_WELL, _RAISED, _OUT_OF_MEMORY, _NOT_READY = 0, 10, 11, 12
_NOTICEABLE_SHARE = 0.4  # of the memory: a block that doubles is refused at half of the limit
_CRASHES = frozenset(
    {signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGILL, signal.SIGFPE, signal.SIGSYS}
)
_STATM_SIZE, _STATM_DATA = 0, 5  # fields of /proc/self/statm
_Result = TypeVar("_Result")


class HostileError(CrawlerError):
    """Raised for work that costs too much, or ends its process; the message says which."""


class UntriedError(CrawlerError):
    """Raised if the machine could not try the work, which says nothing about the source."""


class NeedsTrialError(CrawlerError):
    """Raised inside `bounded` to begin again with a trial; never leaves it."""


class _Mode(Enum):
    UNWATCHED = "no `bounded` is at work"
    WATCHED = "a source that is not cheap begins a trial"
    TRIED = "in the copy, or after it ended well"


_mode: ContextVar[_Mode] = ContextVar("mode", default=_Mode.UNWATCHED)


def bounded(work: Callable[[], _Result], *, cpu: float | None = None) -> _Result:
    """Returns what `work` returns, and limits what it costs, whatever source it reads.

    `work` calls `require` for each source before it reads it, and has no effect but its result, since
    it may be begun three times. `cpu`: in seconds, CPU_SECONDS if None, for the trial and then for
    the work itself. Inside of other work the outer limits hold. Raises HostileError, UntriedError and what `work` raises.
    """
    if _mode.get() is not _Mode.UNWATCHED:
        return work()
    with suppress(NeedsTrialError), _in_mode(_Mode.WATCHED):
        return work()
    _try_in_copy(work, CPU_SECONDS if cpu is None else cpu)
    with _in_mode(_Mode.TRIED):
        return work()


def require(is_cheap: Callable[[], bool]) -> None:
    """Begins a trial of the work in progress, unless `is_cheap` or it is tried already.

    Raises NeedsTrialError, which `bounded` catches.
    """
    if _mode.get() is _Mode.WATCHED and not is_cheap():
        raise NeedsTrialError


def is_tried() -> bool:
    """Returns whether the work in progress may read any source: it is limited, or ended well."""
    return _mode.get() is _Mode.TRIED


@contextmanager
def _in_mode(mode: _Mode) -> Iterator[None]:
    token = _mode.set(mode)
    try:
        yield
    finally:
        _mode.reset(token)


def _try_in_copy(work: Callable[[], object], cpu: float) -> None:
    try:
        ours, theirs = socket.socketpair()
    except OSError as error:
        raise UntriedError(f"no copy of the process could be started to try it: {error}") from None
    with ours, theirs:
        try:
            pid = _fork()
        except OSError as error:
            text = f"no copy of the process could be started to try it: {error}"
            raise UntriedError(text) from None
        if not pid:
            _run_copy(work, cpu, ours, theirs)
        theirs.close()
        code = _wait_for(pid, ours)
    _judge(code, cpu)


def _fork() -> int:
    with warnings.catch_warnings():
        # The copy takes no lock that another thread may hold; if it hangs after all, it is killed.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _run_copy(
    work: Callable[[], object], cpu: float, parents: socket.socket, own: socket.socket
) -> NoReturn:
    code = _NOT_READY
    try:
        parents.close()
        start_bytes = _limit_copy(cpu, own)
        code = _RAISED
        with _in_mode(_Mode.TRIED):
            work()
        code = _ENDED_WELL
    except MemoryError:
        code = _OUT_OF_MEMORY
    except Exception:  # noqa: BLE001  it is raised again when the work is done for real
        if code == _RAISED and _peak_bytes() - start_bytes > _NOTICEABLE_SHARE * MEMORY_BYTES:
            code = _OUT_OF_MEMORY  # a parser's own error
    finally:
        with suppress(OSError):
            own.send(bytes([code]))
        os._exit(code)  # no buffer is flushed, no file or database closed properly
    raise AssertionError


def _limit_copy(cpu: float, own: socket.socket) -> int:
    """Sets all limits of the copy. Returns how much memory it has, in bytes."""
    signal.set_wakeup_fd(-1)  # the event loop's
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # the process that waits is told as well
    for number in (signal.SIGPROF, signal.SIGALRM, *_CRASHES):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF, signal.SIGALRM})
    die_when_closed(own.fileno(), os.getpid())
    nowhere = os.open(os.devnull, os.O_RDWR)
    for output in (1, 2):
        os.dup2(nowhere, output)
    gc.freeze()  # what the copy did not make it must not tear down
    _lower_limit(resource.RLIMIT_CORE, 0)
    if data := _memory_bytes(_STATM_DATA):
        _lower_limit(resource.RLIMIT_DATA, data + MEMORY_BYTES)
    signal.setitimer(signal.ITIMER_REAL, WALL_SECONDS)
    signal.setitimer(signal.ITIMER_PROF, cpu)
    return _memory_bytes(_STATM_SIZE)


def _lower_limit(kind: int, value: int) -> None:
    soft, hard = resource.getrlimit(kind)
    limits = [each for each in (soft, hard, value) if each != resource.RLIM_INFINITY]
    resource.setrlimit(kind, (min(limits), hard))


def _memory_bytes(field: int) -> int:
    """Returns a field of /proc/self/statm (proc(5)) in bytes; 0 if the system does not have it."""
    try:
        fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0
    return int(fields[field]) * resource.getpagesize()


def _peak_bytes() -> int:
    """Returns the most virtual memory that this process had (VmPeak of proc(5)); 0 if unknown."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmPeak:"):
                return int(line.split()[1]) << 10
    return 0


def _wait_for(pid: int, ours: socket.socket) -> int | None:
    """Waits until the copy ends. Returns what it sent, else minus the signal that ended it.

    None: it took too long, or something else has reaped it.
    """
    code = None
    try:
        poll = select.poll()
        poll.register(ours, select.POLLIN)
        is_over = bool(poll.poll(WALL_SECONDS * 1000))
        sent = ours.recv(1) if is_over else b""
        code = sent[0] if sent else None
    finally:
        # It may be stopped. Of one that is dead already this changes nothing.
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            code = status if code is None else code
    return code


def _judge(code: int | None, cpu: float) -> None:
    if code in (_ENDED_WELL, _RAISED):
        return
    if code == _OUT_OF_MEMORY:
        raise HostileError(f"more than {MEMORY_BYTES >> 20} MB of memory to read")
    if code == -signal.SIGPROF:
        raise HostileError(f"more than {cpu:g} s of CPU to read")
    if code is not None and -code in _CRASHES:
        raise HostileError(f"it ends the process that reads it ({signal.Signals(-code).name})")
    if code is not None and code < 0:
        raise UntriedError(f"the trial was ended by {signal.Signals(-code).name}")
    raise UntriedError("the machine could not try it")
