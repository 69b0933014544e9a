"""Runs in child processes: forked from a preloaded forkserver, limited, and never left behind.

Each child leads a session of its own, which the kernel kills when the parent dies. `ProcessPool`
runs a few children at a time and ends those that exceed their deadline or memory limit, by SIGTERM
and then SIGKILL.
"""

import asyncio
import json
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from pkgutil import resolve_name

from crawler.parent_watch import die_with_parent
from dedup.errors import NkwireError
from storage.records import FAILED_OUTCOMES, SUCCESS_OUTCOMES, Run, RunOutcome, StopReason

WATCH_INTERVAL_SECONDS = 0.5  # between checks of a child's memory and age
STATM_RESIDENT, STATM_DATA = 1, 5  # fields of /proc/PID/statm
FORKSERVER_DIED_CODE = 255  # what multiprocessing reports when the forkserver itself was killed
MAX_CAUSE_CHARS = 500
PROJECT_ROOT = Path(__file__).parents[2]
_FORKSERVER_LOCK = threading.Lock()


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
    child reported it, None if it could not.
    """

    outlet: str
    started_at: datetime
    pid: int
    exit_code: int
    cause: str = ""
    stop_reason: StopReason | None = None
    run: Run | None = None

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
    if memory:
        _limit_memory(2 * memory)
    try:
        run: Run = resolve_name(task)(outlet, options)
    except Exception as error:  # noqa: BLE001  the run says it
        if not isinstance(error, NkwireError | ImportError):
            traceback.print_exc()
        run = _failed_run(outlet, started_at, error)
    result_pipe.send_bytes(json.dumps(asdict(run), default=datetime.isoformat).encode())
    sys.exit(0 if run.outcome in SUCCESS_OUTCOMES else 1 if run.outcome in FAILED_OUTCOMES else 3)


def _failed_run(outlet: str, started_at: datetime, error: Exception) -> Run:
    """Returns the run of a child that could not do its task."""
    is_plain = isinstance(error, NkwireError | ImportError)
    return Run(
        outlet=outlet,
        started_at=started_at,
        ended_at=datetime.now(UTC),
        outcome=RunOutcome.FAILED,
        cause=(str(error) if is_plain else f"{type(error).__name__}: {error}")[:MAX_CAUSE_CHARS],
        pid=os.getpid(),
    )


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

    def __init__(self, outlet: str, process: ForkServerProcess, result_pipe: Connection) -> None:
        self.outlet = outlet
        self.process = process
        self.result_pipe = result_pipe
        self.started_at = datetime.now(UTC)
        self.cause = ""
        self.stop_reason: StopReason | None = None
        self._exited = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(process.sentinel, self._on_exit, loop, process.sentinel)

    def _on_exit(self, loop: asyncio.AbstractEventLoop, sentinel: int) -> None:
        loop.remove_reader(sentinel)
        self._exited.set()

    async def watch(self, limits: ProcessLimits, *, memory: int) -> ChildResult:
        """Waits until the child ends, and stops it at the deadline or the memory limit.

        `memory`: limit in bytes, 0 for none.
        """
        deadline = time.monotonic() + limits.deadline
        while not await wait_for_event(self._exited, WATCH_INTERVAL_SECONDS):
            if time.monotonic() > deadline:
                cause = f"deadline of {limits.deadline:g} s passed"
                await self.stop(StopReason.DEADLINE, cause, limits.grace)
            elif memory and (used := process_memory_bytes(self._pid(), STATM_RESIDENT)) > memory:
                cause = f"{used >> 20} MB of memory, {memory >> 20} allowed"
                await self.stop(StopReason.MEMORY, cause, limits.grace)
        await asyncio.to_thread(_join_process, self.process)
        exit_code = self.process.exitcode or 0
        self._signal(signal.SIGKILL)  # processes that the child left in its group
        return ChildResult(
            outlet=self.outlet,
            started_at=self.started_at,
            pid=self._pid(),
            exit_code=exit_code,
            cause=self.cause or _describe_kill(exit_code),
            stop_reason=self.stop_reason
            or (StopReason.KILLED if _describe_kill(exit_code) else None),
            run=self._read_run(),
        )

    def _read_run(self) -> Run | None:
        """Returns the run that the child reported, from JSON: nothing is unpickled."""
        with self.result_pipe, suppress(EOFError, OSError):
            if self.result_pipe.poll():
                payload = json.loads(self.result_pipe.recv_bytes())
                for name in ("started_at", "ended_at", "slot_at", "retry_at"):
                    payload[name] = datetime.fromisoformat(payload[name]) if payload[name] else None
                payload["outcome"] = RunOutcome(payload["outcome"])
                reason = payload["stop_reason"]
                payload["stop_reason"] = StopReason(reason) if reason else None
                return Run(**payload)
        return None

    async def stop(self, reason: StopReason, cause: str, grace: float) -> None:
        """Sends SIGTERM to the process group, and SIGKILL after `grace` seconds."""
        if self.stop_reason is None:
            self.stop_reason, self.cause = reason, cause
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
            except ProcessLookupError:  # it does not lead its group yet
                if not self._exited.is_set():
                    os.kill(self._pid(), number)


class ProcessPool:
    """Runs a task for outlets in child processes, at most `limits.parallel` at a time.

    `task`: "module:function". The child calls it with the outlet's name and the result of `options`
    for that outlet (pickled). Its module is imported once, in the forkserver.
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
        """Runs one child until it ends.

        Returns None if the pool was stopped before the child could start. `browser`: no memory
        limit.
        """
        async with self._semaphore:
            if self._stopped_for:
                return None
            memory = 0 if browser else self.limits.memory
            receiver, sender = self._context.Pipe(duplex=False)
            arguments = (self._task, outlet, self._options_for(outlet), memory, sender)
            process = self._context.Process(target=run_child, name=outlet, args=arguments)
            with sender:
                # A new forkserver imports for seconds; meanwhile the lease must be renewed.
                await asyncio.to_thread(_start_process, process)
            return await self._watch_child(Child(outlet, process, receiver), memory)

    async def _watch_child(self, child: Child, memory: int) -> ChildResult:
        self.running[child.outlet] = child
        try:
            if self._stopped_for:
                await child.stop(*self._stopped_for, self.limits.grace)
            return await child.watch(self.limits, memory=memory)
        finally:
            del self.running[child.outlet]

    async def stop_forkserver(self) -> None:
        """Ends the forkserver to free its memory, unless a child runs.

        The next child starts a new one.
        """
        await asyncio.to_thread(_kill_forkserver)

    def allow_starts(self) -> None:
        """Lets children start again after a stop."""
        self._stopped_for = None

    async def stop(self, reason: StopReason, cause: str) -> None:
        """Stops all children; those that wait for a place never start. `cause`: `reason` in words."""
        self._stopped_for = (reason, cause)
        await asyncio.gather(
            *(child.stop(reason, cause, self.limits.grace) for child in list(self.running.values()))
        )


def _start_process(process: ForkServerProcess) -> None:
    # All threads share the environment, which `ensure_forkserver` changes.
    with _FORKSERVER_LOCK:
        ensure_forkserver()
        process.start()


def _join_process(process: ForkServerProcess) -> None:
    # An exit code can be read once, and starting a child reads those of all that have ended.
    with _FORKSERVER_LOCK:
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


def _kill_forkserver() -> None:
    # The standard library has no public way to end it.
    server = forkserver._forkserver
    with _FORKSERVER_LOCK:
        pid, stop = getattr(server, "_forkserver_pid", None), getattr(server, "_stop", None)
        # All children share one forkserver, and die with it.
        if pid is None or stop is None or multiprocessing.active_children():
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with suppress(OSError):
            stop()


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
