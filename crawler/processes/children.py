"""Runs in child processes: started from a preloaded forkserver, bounded, and never left behind.

A child is a session of its own, which the kernel kills when its parent dies. The crew starts a few
at a time and ends those that pass their deadline or their memory limit: SIGTERM, then SIGKILL.
"""

import asyncio
import fcntl
import json
import multiprocessing
import os
import resource
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from pkgutil import resolve_name

from storage.records import Run, RunOutcome

WATCH_INTERVAL_SECONDS = 0.5  # seconds between looks at a child's memory and age
STATM_RESIDENT, STATM_DATA = 1, 5  # fields of /proc/PID/statm
FORKSERVER_DIED_CODE = 255  # what multiprocessing reports when the forkserver itself was killed
FAILED_OUTCOMES = frozenset({RunOutcome.FAILED, RunOutcome.KILLED})
SUCCESS_OUTCOMES = frozenset({RunOutcome.OK, RunOutcome.QUIET})
PROJECT_ROOT = Path(__file__).parents[2]
CALL_TIMEOUT_SECONDS = (
    120.0  # seconds for a question to a child, the loading of all it needs among it
)
_FORKSERVER_LOCK = threading.Lock()


class ChildError(Exception):
    """A child could not answer; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLimits:
    """What the service allows itself. Times in seconds, memory in bytes of one child.

    `deadline`: of one run; `grace`: between SIGTERM and SIGKILL; `lease`: after which another
    scheduler may lead; `parallel`: runs at once.
    """

    parallel: int = 4
    deadline: float = 1800.0
    grace: float = 8.0
    memory: int = 600 << 20
    lease: float = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildResult:
    """How a child ended. `cause`: why it was stopped or what killed it, "" if it ended by itself.

    `code`: 0 whole, 1 failed or lost data, 3 in part, negative a signal. `run`: what the child itself
    told of its run, None where it could not.
    """

    outlet: str
    started_at: datetime
    pid: int
    exit_code: int
    cause: str = ""
    run: Run | None = None

    def to_run(self) -> Run:
        """What the child told; else, and if it was stopped in the middle, what is known from outside."""
        if self.run and (not self.cause or self.run.outcome not in FAILED_OUTCOMES):
            return self.run
        return Run(
            outlet=self.outlet,
            started_at=self.started_at,
            ended_at=datetime.now(UTC),
            outcome=RunOutcome.KILLED if self.cause else RunOutcome.FAILED,
            cause=self.cause or f"the child ended with code {self.exit_code} and without a word",
            counts=self.run.counts if self.run else {},
            pid=self.pid,
        )


def run_child(
    task: str, outlet: str, options: object, memory: int, result_pipe: Connection
) -> None:
    """Run `task` ("module:function") for one outlet, tell its run, exit with its code."""
    os.setsid()
    _die_with_parent()
    if memory:
        _limit_memory(2 * memory)
    run: Run = resolve_name(task)(outlet, options)
    result_pipe.send_bytes(json.dumps(asdict(run), default=datetime.isoformat).encode())
    sys.exit(0 if run.outcome in SUCCESS_OUTCOMES else 1 if run.outcome in FAILED_OUTCOMES else 3)


def call_in_child(task: str, arguments: tuple[object, ...], result_pipe: Connection) -> None:
    """Call `task` ("module:function") and tell what it gives as JSON, or why it could not."""
    os.setsid()
    _die_with_parent()
    try:
        told = {"told": resolve_name(task)(*arguments)}
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent tells it
        told = {"error": f"{type(error).__name__}: {error}"}
    result_pipe.send_bytes(json.dumps(told).encode())


def _limit_memory(size: int) -> None:
    """Let larger growth fail, since a leap is over before the crew looks again."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = process_memory_bytes(os.getpid(), STATM_DATA) + size
    soft = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _die_with_parent() -> None:
    """Have this session killed as soon as the scheduler is gone, however busy its threads are.

    The kernel signals the readers of a pipe when its last writer is gone (fcntl(2), F_SETSIG). The
    forkserver outlives the scheduler, so that PR_SET_PDEATHSIG would come too late.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    pipe = parent.sentinel
    if hasattr(fcntl, "F_SETSIG"):
        fcntl.fcntl(pipe, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
        if select.select([pipe], [], [], 0)[0]:
            os.killpg(0, signal.SIGKILL)
    else:
        threading.Thread(target=_die_when_closed, args=(pipe,), daemon=True).start()


def _die_when_closed(pipe: int) -> None:
    select.select([pipe], [], [])
    os.killpg(0, signal.SIGKILL)


class Child:
    """A started child: watched from outside, since a hung one hears nothing."""

    def __init__(self, outlet: str, process: ForkServerProcess, answer: Connection) -> None:
        self.outlet = outlet
        self.process = process
        self.result_pipe = answer
        self.started_at = datetime.now(UTC)
        self.cause = ""
        self._exited = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(process.sentinel, self._on_exit, loop, process.sentinel)

    def _on_exit(self, loop: asyncio.AbstractEventLoop, sentinel: int) -> None:
        loop.remove_reader(sentinel)
        self._exited.set()

    async def watch(self, limits: ProcessLimits, *, memory: int) -> ChildResult:
        """Wait for the end, and bring it about at the deadline or the memory limit."""
        until = time.monotonic() + limits.deadline
        while not await wait_for_event(self._exited, WATCH_INTERVAL_SECONDS):
            if time.monotonic() > until:
                await self.stop(f"deadline of {limits.deadline:g} s passed", limits.grace)
            elif memory and (used := process_memory_bytes(self._pid(), STATM_RESIDENT)) > memory:
                await self.stop(f"{used >> 20} MB of memory, {memory >> 20} allowed", limits.grace)
        await asyncio.to_thread(_join_process, self.process)
        code = self.process.exitcode or 0
        self._signal(signal.SIGKILL)  # what the child left behind in its process group
        return ChildResult(
            outlet=self.outlet,
            started_at=self.started_at,
            pid=self._pid(),
            exit_code=code,
            cause=self.cause or _describe_kill(code),
            run=self._read_run(),
        )

    def _read_run(self) -> Run | None:
        """What the child told of its run; never unpickled."""
        with self.result_pipe, suppress(EOFError, OSError):
            if self.result_pipe.poll():
                told = json.loads(self.result_pipe.recv_bytes())
                for name in ("started_at", "ended_at", "slot_at"):
                    told[name] = datetime.fromisoformat(told[name]) if told[name] else None
                return Run(**{**told, "outcome": RunOutcome(told["outcome"])})
        return None

    async def stop(self, cause: str, grace: float) -> None:
        """SIGTERM, then SIGKILL after `grace` seconds, to the whole process group."""
        self.cause = self.cause or cause
        self._signal(signal.SIGTERM)
        if not await wait_for_event(self._exited, grace):
            self._signal(signal.SIGKILL)
            await wait_for_event(self._exited, grace)

    def _pid(self) -> int:
        return self.process.pid or 0

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            try:
                os.killpg(self._pid(), number)
            except ProcessLookupError:  # not yet the leader of a group
                if not self._exited.is_set():
                    os.kill(self._pid(), number)


class ProcessPool:
    """Runs a task for outlets in child processes, at most `limits.parallel` at a time.

    `task`: "module:function", called in the child with the outlet's name and what `options` gives
    for it (pickled); its module is loaded once, in the forkserver.
    """

    def __init__(self, task: str, options: Callable[[str], object], limits: ProcessLimits) -> None:
        self.limits = limits
        self.running: dict[str, Child] = {}
        self._task = task
        self._options_for = options
        self._semaphore = asyncio.Semaphore(limits.parallel)
        self._stop_cause = ""
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__, task.partition(":")[0]])

    async def run(self, outlet: str, *, browser: bool = False) -> ChildResult | None:
        """Run one child to its end. None if the crew was stopped before its turn came."""
        async with self._semaphore:
            if self._stop_cause:
                return None
            memory = 0 if browser else self.limits.memory
            answer, teller = self._context.Pipe(duplex=False)
            task = (self._task, outlet, self._options_for(outlet), memory, teller)
            process = self._context.Process(target=run_child, name=outlet, args=task)
            with teller:
                # A new forkserver loads for seconds, in which the lease must be renewed.
                await asyncio.to_thread(_start_process, process)
            return await self._watch_child(Child(outlet, process, answer), memory)

    async def _watch_child(self, begun: Child, memory: int) -> ChildResult:
        self.running[begun.outlet] = begun
        try:
            if self._stop_cause:
                await begun.stop(self._stop_cause, self.limits.grace)
            return await begun.watch(self.limits, memory=memory)
        finally:
            del self.running[begun.outlet]

    async def stop_forkserver(self) -> None:
        """Give back the forkserver's memory, if no child runs; the next child waits for a new one."""
        await asyncio.to_thread(_kill_forkserver)

    def call(self, task: str, *arguments: object) -> object:
        """What a function gives when a child calls it, passed on as JSON.

        So this process need not load what the function does. Raises ChildError.
        """
        answer, teller = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=call_in_child, name=task, args=(task, arguments, teller)
        )
        with teller:
            _start_process(process)
        try:
            with answer:
                told = json.loads(answer.recv_bytes()) if answer.poll(CALL_TIMEOUT_SECONDS) else {}
        except EOFError:
            told = {}
        finally:
            process.kill()
            _join_process(process)
        if "told" not in told:
            raise ChildError(told.get("error") or f"{task} gave no answer")
        return told["told"]

    def allow_starts(self) -> None:
        """Let children start (again, after a stop)."""
        self._stop_cause = ""

    async def stop(self, cause: str) -> None:
        """Stop all children; those that wait for a place never start."""
        self._stop_cause = cause
        await asyncio.gather(
            *(child.stop(cause, self.limits.grace) for child in list(self.running.values()))
        )


def _start_process(process: ForkServerProcess) -> None:
    # The environment is shared by all threads.
    with _FORKSERVER_LOCK:
        ensure_forkserver()
        process.start()


def _join_process(process: ForkServerProcess) -> None:
    # An exit code can be read only once, and whoever starts a child reads those of all that ended.
    with _FORKSERVER_LOCK:
        process.join()


def ensure_forkserver() -> None:
    """Start the forkserver, which must not import what happens to lie in the current folder."""
    path = os.environ.get("PYTHONPATH", "")
    before = {name: os.environ.get(name) for name in ("PYTHONPATH", "PYTHONSAFEPATH")}
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(PROJECT_ROOT), path)))
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        forkserver.ensure_running()
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _kill_forkserver() -> None:
    # The standard library has no public way to; without this one it just stays.
    server = forkserver._forkserver
    with _FORKSERVER_LOCK:
        pid, stop = getattr(server, "_forkserver_pid", None), getattr(server, "_stop", None)
        # All children of this process have the same forkserver, and it takes them along.
        if pid is None or stop is None or multiprocessing.active_children():
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with suppress(OSError):
            stop()


async def wait_for_event(event: asyncio.Event, within: float) -> bool:
    """Wait for an event, `within` seconds at most; whether it has happened."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), within)
    return event.is_set()


def process_memory_bytes(pid: int, field: int) -> int:
    """Bytes by a field of /proc/PID/statm (proc(5)); 0 where the system does not tell."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[field]
    except (OSError, IndexError):
        return 0
    return int(pages) * resource.getpagesize()


def _describe_kill(code: int) -> str:
    if code == FORKSERVER_DIED_CODE:
        return "the forkserver died"
    return f"killed by {signal.Signals(-code).name}" if code < 0 else ""
