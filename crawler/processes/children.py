"""Runs in child processes: forked from a preloaded forkserver, limited, and never left behind.

Each child leads a session of its own, which the kernel kills when the parent dies. `ProcessPool`
runs a few children at a time and ends those that exceed their deadline or memory limit, by SIGTERM
and then SIGKILL. A child that cannot be started is a result like any other: nothing is raised.
"""

import asyncio
import json
import logging
import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from pkgutil import resolve_name

from crawler.parent_watch import die_with_parent
from crawler.processes.descendants import adopt_orphans, kill_descendants
from crawler.processes.fork_server import (
    join_process,
    kill_hung_forkserver,
    kill_idle_forkserver,
    start_process,
)
from crawler.processes.own_slots import OwnSlots
from dedup.errors import NkwireError
from storage.files.processes import ENDED_PROCESS_STATES, STOPPED_PROCESS_STATES, process_state
from storage.guard.secrets import conceal
from storage.records import FAILED_OUTCOMES, SUCCESS_OUTCOMES, Run, RunOutcome, StopReason

WATCH_INTERVAL_SECONDS = 0.5  # between checks of a child's memory and age
STATM_RESIDENT, STATM_DATA = 1, 5  # fields of /proc/PID/statm
FORKSERVER_DIED_CODE = 255  # what multiprocessing reports when the forkserver itself was killed
MAX_CAUSE_CHARS = 500
MAX_RESULT_BYTES = 1 << 20
START_SECONDS = 120.0  # a forkserver imports for seconds; one that takes longer hangs
SILENT_SECONDS = 10.0  # between a child's end and its report by the forkserver
_PLAIN_ERRORS = (NkwireError, ImportError, OSError, MemoryError)  # their message says it all

log = logging.getLogger("nkwire.children")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLimits:
    """Limits of the service, in seconds and bytes.

    `parallel`: runs at once; `deadline`: of one run; `grace`: between SIGTERM and SIGKILL;
    `memory`: of one child; `lease`: after it another scheduler may lead.
    """

    parallel: int = 4
    deadline: float = 1800.0
    grace: float = 8.0
    memory: int = 600 << 20
    lease: float = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildResult:
    """How a child ended.

    `exit_code`: 0 complete, 1 failed or lost data, 3 incomplete, negative: killed by that signal.
    `cause`: why it was stopped or what killed it, "" if it ended by itself. `run`: the run as the
    child reported it, None if it could not. `is_recorded`: whether the run is in the database already.
    """

    outlet: str
    started_at: datetime
    pid: int
    exit_code: int
    cause: str = ""
    stop_reason: StopReason | None = None
    run: Run | None = None
    is_recorded: bool = False

    def to_run(self) -> Run:
        """Returns the run that the child reported.

        If there is none, or the child was stopped in the middle, returns what is known from
        outside.
        """
        if self.run and (not self.cause or self.run.outcome not in FAILED_OUTCOMES):
            return self.run
        return Run(
            outlet=self.outlet,
            started_at=self.started_at,
            ended_at=datetime.now(UTC),
            outcome=RunOutcome.KILLED if self.cause else RunOutcome.FAILED,
            stop_reason=self.stop_reason,
            cause=self.cause or f"the child ended with code {self.exit_code} and did not say why",
            counts=self.run.counts if self.run else {},
            pid=self.pid,
        )


def run_child(
    task: str, outlet: str, options: object, memory: int, result_pipe: Connection
) -> None:
    """Runs `task` ("module:function") for one outlet in this process, then exits.

    Sends the run through `result_pipe`, a failed one for an exception. `memory`: limit in bytes, 0
    for none.
    """
    started_at = datetime.now(UTC)
    os.setsid()
    die_with_parent()
    adopt_orphans()
    if memory:
        _limit_memory(2 * memory)
    try:
        run: Run = resolve_name(task)(outlet, options)
    except Exception as error:  # noqa: BLE001  the run says it
        if not isinstance(error, _PLAIN_ERRORS):
            print(conceal(traceback.format_exc()), file=sys.stderr)  # noqa: T201 - for who looks
        run = _failed_run(outlet, started_at, error)
    with suppress(OSError):  # the task may have closed the pipe: the exit code still tells
        result_pipe.send_bytes(json.dumps(asdict(run), default=datetime.isoformat).encode())
    kill_descendants(os.getpid())
    sys.exit(0 if run.outcome in SUCCESS_OUTCOMES else 1 if run.outcome in FAILED_OUTCOMES else 3)


def _failed_run(outlet: str, started_at: datetime, error: Exception) -> Run:
    """Returns the run of a child that could not do its task."""
    return Run(
        outlet=outlet,
        started_at=started_at,
        ended_at=datetime.now(UTC),
        outcome=RunOutcome.FAILED,
        cause=_error_line(error),
        pid=os.getpid(),
    )


def _error_line(error: BaseException) -> str:
    is_plain = isinstance(error, NkwireError | ImportError)
    line = str(error) if is_plain else f"{type(error).__name__}: {error}".removesuffix(": ")
    return conceal(line)[:MAX_CAUSE_CHARS]


def _limit_memory(size: int) -> None:
    """Lets the process grow by at most `size` bytes.

    A sudden growth could end before the parent checks the memory again.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    soft = process_memory_bytes(os.getpid(), STATM_DATA) + size
    soft = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


class Child:
    """A started child, watched from outside, since a hung process cannot watch itself."""

    where = ""  # on this host

    def __init__(self, outlet: str, process: ForkServerProcess, result_pipe: Connection) -> None:
        self.outlet = outlet
        self.process = process
        self.result_pipe = result_pipe
        self.started_at = datetime.now(UTC)
        self.cause = ""
        self.stop_reason: StopReason | None = None
        self._hanging = ""
        self._exited = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(process.sentinel, self._on_exit, loop, process.sentinel)

    def _on_exit(self, loop: asyncio.AbstractEventLoop, sentinel: int) -> None:
        loop.remove_reader(sentinel)
        self._exited.set()

    async def watch(self, limits: ProcessLimits) -> ChildResult:
        """Waits until the child ends, and stops it at the deadline or the memory limit."""
        deadline = time.monotonic() + limits.deadline
        while not await wait_for_event(self._exited, WATCH_INTERVAL_SECONDS):
            used = process_memory_bytes(self.pid, STATM_RESIDENT)
            state = process_state(self.pid)
            if time.monotonic() > deadline:
                cause = f"deadline of {limits.deadline:g} s passed{self._hanging}"
                await self.stop(StopReason.DEADLINE, cause, limits.grace)
            elif limits.memory and used > limits.memory:
                cause = f"{used >> 20} MB of memory, {limits.memory >> 20} allowed"
                await self.stop(StopReason.MEMORY, cause, limits.grace)
            elif state in STOPPED_PROCESS_STATES and not self._hanging:
                self._hanging = "; its process was stopped (SIGSTOP)"
                log.warning("%s hangs: its process is stopped; its deadline ends it", self.outlet)
            elif state in ENDED_PROCESS_STATES and not await wait_for_event(
                self._exited, SILENT_SECONDS
            ):
                log.error("%s has ended, and the forkserver does not say so", self.outlet)
                kill_hung_forkserver()
        await asyncio.to_thread(join_process, self.process)
        exit_code = self.process.exitcode or 0
        self._signal(signal.SIGKILL)  # processes that the child left in its group
        return ChildResult(
            outlet=self.outlet,
            started_at=self.started_at,
            pid=self.pid,
            exit_code=exit_code,
            cause=self.cause or _describe_kill(exit_code),
            stop_reason=self.stop_reason
            or (StopReason.KILLED if _describe_kill(exit_code) else None),
            run=self._read_run(),
        )

    def _read_run(self) -> Run | None:
        """Returns the run that the child reported, from JSON: nothing is unpickled."""
        unreadable = (EOFError, OSError, ValueError, KeyError, TypeError)
        with self.result_pipe, suppress(*unreadable):
            if self.result_pipe.poll():
                payload = json.loads(self.result_pipe.recv_bytes(MAX_RESULT_BYTES))
                for name in ("started_at", "ended_at", "slot_at", "retry_at"):
                    payload[name] = datetime.fromisoformat(payload[name]) if payload[name] else None
                payload["outcome"] = RunOutcome(payload["outcome"])
                reason = payload["stop_reason"]
                payload["stop_reason"] = StopReason(reason) if reason else None
                return Run(**payload)
        return None

    async def stop(self, reason: StopReason, cause: str, grace: float) -> None:
        """Sends SIGTERM to the process group, and SIGKILL after `grace` seconds.

        SIGCONT wakes processes that were stopped, so that they can end by themselves. SIGKILL goes
        to processes in sessions of their own too.
        """
        if self.stop_reason is None:
            self.stop_reason, self.cause = reason, cause
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)
        if not await wait_for_event(self._exited, grace):
            self._signal(signal.SIGSTOP)  # it starts no more processes while they are killed
            await asyncio.to_thread(kill_descendants, self.pid)
            self._signal(signal.SIGKILL)
            await wait_for_event(self._exited, grace)

    @property
    def pid(self) -> int:
        """The pid of the process; 0 before it has one."""
        return self.process.pid or 0

    def _signal(self, number: signal.Signals) -> None:
        if not self.pid:  # 0 would be our own group
            return
        with suppress(ProcessLookupError):
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:  # it does not lead its group yet
                if not self._exited.is_set():
                    os.kill(self.pid, number)


class ProcessPool(OwnSlots):
    """Runs a task for outlets in child processes, at most `limits.parallel` at a time.

    `task`: "module:function". The child calls it with the outlet's name and the result of `options`
    for that outlet (pickled). Its module is imported once, in the forkserver. An `OutletPool`.
    """

    def __init__(self, task: str, options: Callable[[str], object], limits: ProcessLimits) -> None:
        self.limits = limits
        self.running: dict[str, Child] = {}
        self._task = task
        self._options_for = options
        self._semaphore = asyncio.Semaphore(limits.parallel)
        self._stopped_for: tuple[StopReason, str] | None = None
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__, task.partition(":")[0]])

    async def run(self, outlet: str, *, browser: bool = False) -> ChildResult | None:
        """Runs one child until it ends. A child that cannot be started is a result too.

        Returns None if the pool was stopped before the child could start. `browser`: its helpers
        need more memory than the limit, which then holds for the child alone.
        """
        async with self._semaphore:
            if self._stopped_for:
                return None
            try:
                child = await self._start_child(outlet, memory=0 if browser else self.limits.memory)
            except Exception as error:  # noqa: BLE001  whatever it is, the other outlets go on
                return _result_without_child(outlet, error)
            return await self._watch_child(child)

    async def _start_child(self, outlet: str, memory: int) -> Child:
        receiver, sender = self._context.Pipe(duplex=False)
        try:
            arguments = (self._task, outlet, self._options_for(outlet), memory, sender)
            process = self._context.Process(target=run_child, name=outlet, args=arguments)
            # A new forkserver imports for seconds; meanwhile the lease must be renewed.
            starting = asyncio.ensure_future(asyncio.to_thread(start_process, process))
            if not (await asyncio.wait({starting}, timeout=START_SECONDS))[0]:
                log.error("the forkserver has not answered for %g s and is killed", START_SECONDS)
                kill_hung_forkserver()
            await starting
            return Child(outlet, process, receiver)
        except BaseException:
            receiver.close()
            raise
        finally:
            sender.close()

    async def _watch_child(self, child: Child) -> ChildResult:
        self.running[child.outlet] = child
        try:
            if self._stopped_for:
                await child.stop(*self._stopped_for, self.limits.grace)
            return await child.watch(self.limits)
        finally:
            del self.running[child.outlet]

    def pids(self) -> set[int]:
        """Returns the pids of the children that run."""
        return {child.pid for child in list(self.running.values())}

    async def stop_forkserver(self) -> None:
        """Ends the forkserver to free its memory, unless a child runs.

        The next child starts a new one.
        """
        await asyncio.to_thread(kill_idle_forkserver)

    def allow_starts(self) -> None:
        """Lets children start again after a stop."""
        self._stopped_for = None

    async def stop(self, reason: StopReason, cause: str) -> None:
        """Stops all children; those that wait for a place never start. `cause`: `reason` in words."""
        self._stopped_for = (reason, cause)
        await asyncio.gather(
            *(child.stop(reason, cause, self.limits.grace) for child in list(self.running.values()))
        )


def _result_without_child(outlet: str, error: Exception) -> ChildResult:
    """Returns the result of a child that could not be started. It is no evidence on its outlet."""
    return ChildResult(
        outlet=outlet,
        started_at=datetime.now(UTC),
        pid=0,
        exit_code=1,
        cause=f"its process could not be started: {_error_line(error)}",
        stop_reason=StopReason.DIED,
    )


async def wait_for_event(event: asyncio.Event, within: float) -> bool:
    """Waits at most `within` seconds for an event. Returns whether it has happened."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            await event.wait()
    return event.is_set()


def process_memory_bytes(pid: int, field: int) -> int:
    """Returns a field of /proc/PID/statm (proc(5)) in bytes.

    0 if the system does not have it.
    """
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[field]
    except (OSError, IndexError):
        return 0
    return int(pages) * resource.getpagesize()


def _describe_kill(code: int) -> str:
    if code == FORKSERVER_DIED_CODE:
        return "the forkserver died"
    return f"killed by {signal.Signals(-code).name}" if code < 0 else ""
